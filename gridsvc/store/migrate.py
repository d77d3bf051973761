"""Alembic, run from Python: no ini file, the caller's address, the city's SRID."""

from typing import Any

import psycopg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from gridsvc import resources


def upgrade(admin_url: str, srid: int, revision: str = "head") -> None:
    """Bring the database to the newest schema, or to a revision, in one transaction."""
    with engine(admin_url).begin() as connection:
        command.upgrade(_config(connection, srid), revision)


def newest() -> str:
    """The revision that this release expects."""
    head = ScriptDirectory.from_config(_config(None, 0)).get_current_head()
    assert head is not None
    return head


def compares(_object: Any, name: str | None, kind: str, reflected: bool, _compare_to: Any) -> bool:
    """What alembic compares: all but PostGIS's own table."""
    return not (kind == "table" and reflected and name == "spatial_ref_sys")


def _config(connection: Any, srid: int) -> Config:
    config = Config()
    config.set_main_option("script_location", str(resources.folder("migrations")))
    config.attributes.update(connection=connection, srid=srid)
    return config


def engine(url: str) -> Any:
    return create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(url), poolclass=NullPool)
