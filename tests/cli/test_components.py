"""`gridsvc component`."""

import pytest

from gridsvc.store.connection import Connection
from tests import made
from tests.cli.commands import Gridsvc
from tests.ingest.layers import LAMP, TOWN
from tests.sketch import SRID


@pytest.fixture
def add(standing: Connection) -> tuple[str, ...]:
    """A command that adds a lamp at mark 1, and leaves nothing to warn of."""
    made.put_departments(standing, "lights")
    lon, lat = TOWN.lonlat("1")
    sets = [f"--set={name}" for name in (f"subclass={LAMP}", "authority=lights", "position=东街1号")]
    return ("component", "add", "--at", f"{lon!r},{lat!r}", *sets)


def test_a_component_is_added_shown_moved_and_retired(gridsvc: Gridsvc, add: tuple[str, ...]) -> None:
    said = gridsvc(*add, "--attribute", "height=8", "--json")
    assert said.code == 0, said.err
    code = said.json["code"]
    x, y = TOWN.xy("3")
    moved = gridsvc("component", "correct", code, "--version", 1, "--at", f"POINT ({x} {y})", "--crs", f"EPSG:{SRID}")
    assert f"{code}: corrected as batch" in moved.out
    assert "version 2 (geometry)" in moved.out
    assert gridsvc("component", "correct", code, "--version", 2, "--set", "state=intact").out.endswith("was saved\n")
    late = gridsvc("component", "retire", code, "--version", 1, "--reason", "x")
    assert (late.code, "was changed meanwhile by admin: geometry" in late.err) == (1, True)
    gridsvc("component", "retire", code, "--version", 2, "--reason", "道路拓宽")
    shown = gridsvc("component", "show", code).out
    assert "version 3, subclass 0599, removed" in shown
    assert "  height 8\n" in shown
    assert "retired (batch" in shown
    assert "moved 400.0 m" in shown
    assert shown.index("retired") < shown.index("changed") < shown.index("added")


def test_warnings_wait_to_be_accepted(gridsvc: Gridsvc, add: tuple[str, ...]) -> None:
    said = gridsvc(*add[:-1])
    assert (said.code, "not met: Authority and position are given (position)" in said.out) == (1, True)
    assert gridsvc(*add[:-1], "--accept-warnings").code == 0


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (("--set", "colour=red"), "field 'colour' is not known"),
        (("--set", "note"), "write NAME=VALUE"),
        (("--at", "1,2,3"), "write LON,LAT"),
        (("--at", "nowhere"), "the shape cannot be read"),
        (("--set", "owner=nobody"), "is the code of no department"),
    ],
)
def test_what_is_wrong_is_told(gridsvc: Gridsvc, add: tuple[str, ...], wrong: tuple[str, str], message: str) -> None:
    said = gridsvc(*add, *wrong)
    assert (said.code, message in said.err) == (1, True), said.err
