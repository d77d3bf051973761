from collections.abc import Iterator

import pytest

from gridsvc.store.city import City, the_city
from gridsvc.store.connection import Connection, connect
from tests.ingest.layers import put_town


@pytest.fixture
def ready(conn: Connection, town: City) -> Connection:
    """A connection to the town with its areas."""
    put_town(conn, town)
    return conn


@pytest.fixture
def standing(database: str) -> Iterator[str]:
    """The module's database with a town that is committed, and taken away again."""
    with connect(database) as conn:
        put_town(conn, the_city(conn))
        yield database
        conn.execute(
            "TRUNCATE component, import_batch, area, area_revision, area_draft, area_kind, code_serial CASCADE"
        )
