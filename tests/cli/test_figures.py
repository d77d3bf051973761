"""`gridsvc figures` and `gridsvc whistle`, as the people of a town use them."""

from pathlib import Path

import pytest

from gridsvc.domain.figures import FIGURES
from gridsvc.store.city import the_city
from gridsvc.store.connection import connect
from tests.casework.lives import TOWN, build, owner_again, put_case
from tests.cli.commands import Gridsvc

LON, LAT = TOWN.lonlat("1")


@pytest.fixture(scope="module")
def case(database: str) -> int:
    """A case of today in a town, committed."""
    with connect(database) as conn, conn.transaction():
        build(conn, the_city(conn))
        found = put_case(conn, the_city(conn))
        owner_again(conn)
    return found


def test_figures_as_lines_as_json_and_as_a_file(gridsvc: Gridsvc, case: int, tmp_path: Path) -> None:
    assert case
    said = gridsvc("--as", "analyst", "figures", "--by", "department")
    assert said.code == 0, said.err
    assert "district district district" in said.out
    assert "  valid reports: 100.0% (1 of 1)" in said.out.splitlines()
    found = gridsvc("--as", "analyst", "figures", "--json").json
    assert found["rows"][0]["figures"]["correct_dispatch"] == {"numerator": 1, "denominator": 1, "value": 1.0}
    file = tmp_path / "figures.csv"
    assert gridsvc("--as", "analyst", "figures", "--file", file).out == f"{file}: {len(FIGURES)} figures\n"
    assert "处置率" in file.read_text(encoding="utf-8-sig")
    assert "figures are written as .csv or .xlsx, not .gpkg" in gridsvc("figures", "--file", "a.gpkg").err
    assert "by 'street' is not known" in gridsvc("--as", "analyst", "figures", "--by", "street").err


def test_a_whistle_from_the_call_to_its_end(gridsvc: Gridsvc, case: int) -> None:
    place = ("--lon", LON, "--lat", LAT)
    asked = ("--case", case, "--department", "street", "--reason", "gas")
    whistle = gridsvc("--as", "dispatcher", "whistle", "blow", *asked, "--json").json["id"]
    assert "no answer" in gridsvc("--as", "analyst", "whistle", "show", whistle).out
    assert "answered" in gridsvc("--as", "street", "whistle", "answer", whistle, "street").out
    assert "0 m from the place" in gridsvc("--as", "street", "whistle", "arrive", whistle, "street", *place).out
    assert gridsvc("--as", "street", "whistle", "report", whistle, "street", "--outcome", "shut").code == 0
    assert "closed: done" in gridsvc("--as", "dispatcher", "whistle", "close", whistle, "--outcome", "done").out
    assert gridsvc("--as", "analyst", "whistle", "list", "--closed").out.endswith("1 of 1\n")
    refused = gridsvc("--as", "analyst", "whistle", "blow", *place, "--department", "street", "--reason", "gas")
    assert (refused.code, "work_cases is needed" in refused.err) == (1, True)
