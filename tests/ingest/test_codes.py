"""Codes of 16 digits: issued by district and subclass, brought ones verbatim, a serial never used twice."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import shapely

from gridsvc.errors import InputError
from gridsvc.ingest.layers import COMPONENTS, Layer
from gridsvc.store import components
from gridsvc.store.city import City, the_city
from gridsvc.store.connection import Connection, connect
from tests import made
from tests.ingest.layers import CAR_PARK, LAMP, TOWN, bring, lamps, points, write
from tests.sketch import frame

CODED = lamps(fields={"code": "CODE"})


def codes(conn: Connection) -> list[str]:
    return [code for (code,) in conn.execute("SELECT component_code FROM component ORDER BY id")]


def put(conn: Connection, city: City, folder: Path, marks: str, *brought: str | None) -> None:
    file = write(folder / f"{marks}.gpkg", points(marks), **({"CODE": list(brought)} if brought else {}))
    bring(conn, city, file, CODED if brought else lamps())


def test_the_national_code_is_used_where_it_is_known(ready: Connection, town: City, tmp_path: Path) -> None:
    put(ready, town, tmp_path, "13")
    assert codes(ready) == ["5107030137000001", "5107030137000002"]  # 路灯 is 0599 here, 0137 in GB/T 30428.2


def test_the_citys_own_subclass_code_where_it_is_not(ready: Connection, town: City, tmp_path: Path) -> None:
    boxes = Layer(layer="0590", target=COMPONENTS, constants={"subclass": "0590"})
    bring(ready, town, write(tmp_path / "x.gpkg", points("1")), boxes)
    assert codes(ready) == ["5107030590000001"]


def test_the_citys_district_code_where_no_district_holds_the_place(
    conn: Connection, town: City, tmp_path: Path
) -> None:
    made.put_areas(conn, town, made.kind("responsibility_grid"), {"G1": TOWN.polygon("acfd")})
    put(conn, town, tmp_path, "1")
    assert codes(conn) == [f"{town.district_code}0137000001"]


def test_brought_codes_stay_and_burn_their_serials(ready: Connection, town: City, tmp_path: Path) -> None:
    put(ready, town, tmp_path, "12", "5107030137000007", "lamp-1")
    put(ready, town, tmp_path, "345", None, "5107030137000020", "")
    put(ready, town, tmp_path, "6")
    assert codes(ready) == [
        "5107030137000007", "lamp-1", "5107030137000021", "5107030137000020", "5107030137000022", "5107030137000023",
    ]  # fmt: skip


def test_codes_of_other_schemes_burn_no_serials_and_do_not_claim_ours(
    ready: Connection, town: City, tmp_path: Path
) -> None:
    """Of another city, or not of sixteen digits; the lamps' own code 0599 will do as 0137 does."""
    foreign = ("9999990137999999", "lamp-1")
    put(ready, town, tmp_path, "123456", *foreign, "5107030599000003", "5107990137000001", "5107030137000001", None)
    put(ready, town, tmp_path, "8")
    rows = ready.execute("SELECT component_code, code_scheme FROM component ORDER BY id").fetchall()
    issued = ("5107030137000002", "5107030137000003")
    ours = ("5107030599000003", "5107990137000001", "5107030137000001", *issued)
    assert rows == [(code, "source") for code in foreign] + [(code, "gbt30428.2-2013") for code in ours]
    assert ready.execute("SELECT * FROM code_serial ORDER BY 1, 2").fetchall() == [
        ("510703", "0137", 3), ("510703", "0599", 3), ("510799", "0137", 1),
    ]  # fmt: skip


def test_issuing_passes_over_codes_that_stand_already(ready: Connection, town: City, tmp_path: Path) -> None:
    """It got there without burning its serial."""
    made.put_component(ready, town, "5107030137000001", CAR_PARK, TOWN.polygon("126"))
    put(ready, town, tmp_path, "23")
    assert codes(ready)[1:] == ["5107030137000002", "5107030137000003"]


def test_serials_of_components_that_are_gone_are_not_used_again(ready: Connection, town: City, tmp_path: Path) -> None:
    put(ready, town, tmp_path, "12")
    ready.execute("DELETE FROM component")
    put(ready, town, tmp_path, "34")
    assert codes(ready) == ["5107030137000003", "5107030137000004"]


def test_two_imports_at_a_time_share_no_code(standing: str, tmp_path: Path) -> None:
    for n in range(4):
        lamp = TOWN.xy("1")
        shapes = [shapely.Point(lamp[0] + 5 * n, lamp[1] - place) for place in range(50)]
        frame(shapes).to_file(tmp_path / f"{n}.gpkg")

    def work(n: int) -> None:
        with connect(standing) as conn:
            bring(conn, the_city(conn), tmp_path / f"{n}.gpkg", lamps())

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    with connect(standing) as conn:
        assert sorted(codes(conn)) == [f"5107030137{serial:06d}" for serial in range(1, 201)]


def test_serials_taken_on_two_connections_differ(standing: str) -> None:
    with connect(standing) as one, connect(standing) as other:
        first = components.next_codes(one, "510703", LAMP, 2, ())
        second = components.next_codes(other, "510703", LAMP, 2, ())
    assert [*first, *second] == [f"5107030599{serial:06d}" for serial in (1, 2, 3, 4)]


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
