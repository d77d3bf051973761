"""Every notebook runs from top to bottom on a loaded city."""

import os
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from gridsvc.access.accounts import first_administrator
from gridsvc.casework.intake import take_in
from gridsvc.store.city import the_city, update_city
from gridsvc.store.connection import Connection, connect
from tests import made
from tests.database import as_service
from tests.sketch import Sketch

NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))
TOWN = Sketch(
    """
    a . . b . . c
    . 1 . . . 2 .
    d . . e . . f
    """,
    step=200,
)


@pytest.fixture(scope="module")
def small_city(database: str) -> str:
    """Two communities, a duty, two reports."""
    with connect(database) as conn:
        _fill(conn)
        first_administrator(conn, password=False)
    return as_service(database)


def _fill(conn: Connection) -> None:
    city = replace(the_city(conn), heat_kind="community")
    update_city(conn, city)
    made.put_areas(conn, city, made.kind("community"), {"A": TOWN.polygon("abed"), "B": TOWN.polygon("bcfe")})
    made.put_departments(conn, "D1")
    made.put_channel(conn)
    made.put_rules(conn, made.rule("D1"), made.rule("D1", class_code="05", subclass_code="0508"))
    take_in(conn, city, [made.report("1", TOWN.lonlat("1")), made.report("2", TOWN.lonlat("2"))])


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_notebook_runs(path: Path, small_city: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRIDSVC_DATABASE_URL", small_city)
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(path.parent)}}).execute()
    printed = "".join(str(cell.get("outputs", "")) for cell in notebook.cells)
    assert "lead: D1" in printed
    assert "'total': 2" in printed
    assert os.environ["GRIDSVC_DATABASE_URL"] not in printed


def test_notebooks_are_kept_without_outputs() -> None:
    assert NOTEBOOKS
    for path in NOTEBOOKS:
        assert all(not cell.get("outputs") for cell in nbformat.read(path, as_version=4).cells), path.name
