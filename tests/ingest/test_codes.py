"""Codes of 16 digits: issued by district and subclass, brought ones verbatim, a serial never used twice."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import shapely

from gridsvc.errors import InputError
from gridsvc.ingest.layers import COMPONENTS, Layer
from gridsvc.ingest.pipeline import import_file
from gridsvc.store import components
from gridsvc.store.city import City, the_city
from gridsvc.store.connection import Connection, connect
from tests import made
from tests.ingest.layers import LAMP, TOWN, lamps, points, write
from tests.sketch import frame

CODED = lamps(fields={"code": "CODE"})


def codes(conn: Connection) -> list[str]:
    return [code for (code,) in conn.execute("SELECT component_code FROM component ORDER BY id")]


def bring(conn: Connection, city: City, folder: Path, marks: str, *brought: str | None) -> None:
    file = write(folder / f"{marks}.gpkg", points(marks), **({"CODE": list(brought)} if brought else {}))
    import_file(conn, city, file, CODED if brought else lamps(), folder / "uploads")


def test_the_national_code_is_used_where_it_is_known(ready: Connection, town: City, tmp_path: Path) -> None:
    bring(ready, town, tmp_path, "13")
    assert codes(ready) == ["5107030137000001", "5107030137000002"]  # 路灯 is 0599 here, 0137 in GB/T 30428.2


def test_the_citys_own_subclass_code_where_it_is_not(ready: Connection, town: City, tmp_path: Path) -> None:
    boxes = Layer(layer="0590", target=COMPONENTS, constants={"subclass": "0590"})
    import_file(ready, town, write(tmp_path / "x.gpkg", points("1")), boxes, tmp_path / "uploads")
    assert codes(ready) == ["5107030590000001"]


def test_the_citys_district_code_where_no_district_holds_the_place(
    conn: Connection, town: City, tmp_path: Path
) -> None:
    made.put_areas(conn, town, made.kind("responsibility_grid"), {"G1": TOWN.polygon("acfd")})
    bring(conn, town, tmp_path, "1")
    assert codes(conn) == [f"{town.district_code}0137000001"]


def test_brought_codes_stay_and_burn_their_serials(ready: Connection, town: City, tmp_path: Path) -> None:
    bring(ready, town, tmp_path, "12", "5107030137000007", "lamp-1")
    bring(ready, town, tmp_path, "345", None, "5107030137000020", "")
    bring(ready, town, tmp_path, "6")
    assert codes(ready) == [
        "5107030137000007", "lamp-1", "5107030137000021", "5107030137000020", "5107030137000022", "5107030137000023",
    ]  # fmt: skip


def test_codes_of_other_schemes_burn_no_serials_and_do_not_claim_ours(
    ready: Connection, town: City, tmp_path: Path
) -> None:
    """Of another city, of another subclass, or not of sixteen digits; the lamps' own code 0599 will do as 0137 does."""
    foreign = ("9999990137999999", "5107030201999999", "lamp-1")
    bring(ready, town, tmp_path, "1234567", *foreign, "5107030599000003", "5107990137000001", "5107030137000001", None)
    bring(ready, town, tmp_path, "8")
    rows = ready.execute("SELECT component_code, code_scheme FROM component ORDER BY id").fetchall()
    issued = ("5107030137000002", "5107030137000003")
    ours = ("5107030599000003", "5107990137000001", "5107030137000001", *issued)
    assert rows == [(code, "source") for code in foreign] + [(code, "gbt30428.2-2013") for code in ours]
    assert ready.execute("SELECT * FROM code_serial ORDER BY 1, 2").fetchall() == [
        ("510703", "0137", 3), ("510703", "0599", 3), ("510799", "0137", 1),
    ]  # fmt: skip


def test_issuing_passes_over_codes_that_stand_already(ready: Connection, town: City, tmp_path: Path) -> None:
    """Brought for another subclass, so that they burned nothing: in the store, and in the very file."""
    parks = Layer(layer="0201", target=COMPONENTS, constants={"subclass": "0201"}, fields={"code": "CODE"})
    walls = write(tmp_path / "parks.gpkg", [TOWN.polygon("126")], CODE=["5107030137000001"])
    import_file(ready, town, walls, parks, tmp_path / "uploads")
    mixed = Layer(layer="x", target=COMPONENTS, fields={"code": "CODE", "subclass": "KIND"})
    columns = {"CODE": ["5107030137000002", None, None], "KIND": ["0590", LAMP, LAMP]}
    import_file(ready, town, write(tmp_path / "x.gpkg", points("123"), **columns), mixed, tmp_path / "uploads")
    assert codes(ready)[2:] == ["5107030137000003", "5107030137000004"]


def test_serials_of_components_that_are_gone_are_not_used_again(ready: Connection, town: City, tmp_path: Path) -> None:
    bring(ready, town, tmp_path, "12")
    ready.execute("DELETE FROM component")
    bring(ready, town, tmp_path, "34")
    assert codes(ready) == ["5107030137000003", "5107030137000004"]


def test_two_imports_at_a_time_share_no_code(standing: str, tmp_path: Path) -> None:
    for n in range(4):
        lamp = TOWN.xy("1")
        shapes = [shapely.Point(lamp[0] + n, lamp[1] - place) for place in range(50)]
        frame(shapes).to_file(tmp_path / f"{n}.gpkg")

    def work(n: int) -> None:
        with connect(standing) as conn:
            import_file(conn, the_city(conn), tmp_path / f"{n}.gpkg", lamps(), tmp_path / "uploads")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    with connect(standing) as conn:
        assert sorted(codes(conn)) == [f"5107030137{serial:06d}" for serial in range(1, 201)]


def test_serials_taken_on_two_connections_differ(standing: str) -> None:
    with connect(standing) as one, connect(standing) as other:
        wanted: list[tuple[str, str] | None] = [("510703", LAMP), None, ("510703", LAMP)]
        first, second = components.issue_codes(one, 0, wanted), components.issue_codes(other, 0, wanted)
    assert [*first, *second] == [
        "5107030599000001", None, "5107030599000002", "5107030599000003", None, "5107030599000004",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("district", "part", "serial"),
    [
        ("51070", "0137", 1),
        ("51070³", "0137", 1),
        ("510703", "A137", 1),
        ("510703", "0137", 0),
        ("510703", "0137", 10**6),
    ],
)
def test_parts_that_make_no_code(district: str, part: str, serial: int) -> None:
    from gridsvc.domain.codes import component_code

    with pytest.raises(InputError):
        component_code(district, part, serial)
