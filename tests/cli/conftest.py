from collections.abc import Iterator
from pathlib import Path

import pytest

from gridsvc.access.accounts import first_administrator
from gridsvc.store.city import the_city
from gridsvc.store.connection import Connection, connect
from tests.cli.commands import Gridsvc, runner
from tests.database import as_service
from tests.ingest.layers import put_town


@pytest.fixture
def gridsvc(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Gridsvc:
    """`gridsvc(…)` on the module's database, in an empty folder."""
    with connect(database) as conn, conn.transaction():
        first_administrator(conn, password=False)
    monkeypatch.setenv("GRIDSVC_DATABASE_URL", as_service(database))
    monkeypatch.setenv("GRIDSVC_ADMIN_URL", database)
    monkeypatch.setenv("GRIDSVC_DATA_FOLDER", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    return runner(monkeypatch, capsys)


@pytest.fixture
def standing(database: str) -> Iterator[Connection]:
    """A connection to the module's database with a town that is committed, and taken away again."""
    with connect(database) as conn:
        put_town(conn, the_city(conn))
        yield conn
        conn.execute(
            "TRUNCATE component, import_batch, area, area_revision, area_draft, area_kind, code_serial"
            " RESTART IDENTITY CASCADE"
        )
