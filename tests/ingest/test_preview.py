"""What a batch would do, on a map and in pages, read from its staged rows."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import shapely

from gridsvc.domain.findings import Finding
from gridsvc.errors import InputError
from gridsvc.ingest import drawing, preview, staging
from gridsvc.ingest.boxes import box_in_city, degrees_of
from gridsvc.ingest.diff import ACTIONS, ADDED, CHANGES, GONE
from gridsvc.ingest.stage import SCHEMA
from gridsvc.store import batches
from gridsvc.store.connection import Connection
from tests.sketch import SRID, Sketch

TOWN = Sketch(
    """
    a . . . b
    . 1 . 2 .
    . . . . .
    . 3 . 4 .
    c . . . d
    """,
    step=100,
)


def staged(folder: Path, shapes: list[Any], gone: list[Any] = [], rejected: list[int] = []) -> Path:  # noqa: B006
    """Rows of a layer `lamps`, all added but for those that are rejected, and components that are gone."""
    count = len(shapes)
    places = shapely.point_on_surface(shapes)
    x, y = shapely.get_x(places), shapely.get_y(places)
    given = {
        "layer": ["lamps"] * count, "feature": np.arange(1, count + 1), "code": [f"C{n}" for n in range(1, count + 1)],
        "subclass_code": ["0599"] * count, "attributes": ["{}"] * count, "x": x, "y": y,
        "geom": shapely.to_wkb(shapely.set_srid(shapes, SRID), hex=True, include_srid=True),
        "identity": np.zeros(count, dtype=np.int64), "digest": np.zeros(count, dtype=np.int64),
    }  # fmt: skip
    columns = [pa.array(given.get(field.name, [None] * count), field.type) for field in SCHEMA]
    with staging.written(folder, staging.ROWS) as writer:
        for begin in range(0, count, 1_000):  # several record batches, as in earnest
            writer.write_batch(pa.record_batch(columns, schema=SCHEMA).slice(begin, 1_000))
    action = np.full(count, ADDED, dtype=np.int8)
    action[rejected] = ACTIONS.index("rejected")
    lines = pa.table(
        {
            "row": [*range(count), *[-1] * len(gone)], "action": [*action.tolist(), *[GONE] * len(gone)],
            "component": [0] * (count + len(gone)), "code": [*given["code"], *(f"G{n}" for n in range(len(gone)))],
            "subclass_code": ["0599"] * (count + len(gone)), "fields": [""] * (count + len(gone)),
            "moved": [0.0] * (count + len(gone)), "x": [*x, *shapely.get_x(gone)], "y": [*y, *shapely.get_y(gone)],
        },
        schema=CHANGES,
    )  # fmt: skip
    with staging.written(folder, staging.CHANGES, CHANGES) as writer:
        writer.write_table(lines)
    staging.keep_reasons(folder, np.array(rejected, dtype=np.int64), [("it is wrong", "有误")] * len(rejected))
    return folder


def seen(conn: Connection, folder: Path, batch_id: int = 0, **given: Any) -> dict[str, Any]:
    asked = {"target": "components", "box": None, "zoom": None, **given}
    batch = {"id": batch_id, "target": asked["target"]}
    found = preview.features(conn, folder, batch, SRID, asked["box"], asked["zoom"])
    json.dumps(found, allow_nan=False)
    return found


def around(mark: str, degrees: float = 0.0003) -> tuple[float, float, float, float]:
    lon, lat = TOWN.lonlat(mark)
    return lon - degrees, lat - degrees, lon + degrees, lat + degrees


def properties(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [one["properties"] for one in found["features"]]


def test_each_row_is_shown_where_it_is_with_what_becomes_of_it(conn: Connection, tmp_path: Path) -> None:
    folder = staged(tmp_path, [TOWN.point("1"), TOWN.line("34")], gone=[TOWN.point("2")], rejected=[0])
    found = seen(conn, folder)
    assert (found["total"], found["cells"]) == (3, False)
    assert [one["geometry"]["type"] for one in found["features"]] == ["Point", "LineString", "Point"]
    assert [(one["action"], one["code"], one["feature"]) for one in properties(found)] == [
        ("rejected", "C1", 1), ("added", "C2", 2), ("gone", "G0", None),
    ]  # fmt: skip
    assert found["features"][0]["geometry"]["coordinates"] == pytest.approx(TOWN.lonlat("1"), abs=1e-6)
    rows = preview.features(conn, folder, {"id": 0, "target": "components"}, SRID, None, None, only_rows=True)
    assert [one["code"] for one in properties(rows)] == ["C1", "C2"]


def test_only_what_lies_in_the_box_is_shown(conn: Connection, tmp_path: Path) -> None:
    folder = staged(tmp_path, [TOWN.point(mark) for mark in "1234"])
    assert [one["code"] for one in properties(seen(conn, folder, box=around("3")))] == ["C3"]
    assert seen(conn, folder, box=(0.0, 0.0, 1.0, 1.0))["total"] == 0
    assert seen(conn, folder, box=(-400.0, -90.0, 400.0, 90.0), zoom=0)["total"] == 4


def test_the_worst_finding_of_a_row_is_shown(conn: Connection, tmp_path: Path) -> None:
    batch_id = batches.add_batch(conn, layer="", target="", file_name="x", sha256="x")
    said = {"rule": "r", "message": "m", "layer": "lamps"}
    found = [
        Finding(**said, severity="warning", feature=1),
        Finding(**said, severity="error", feature=1),
        Finding(**said, severity="note", feature=2),
        Finding(**{**said, "layer": "other"}, severity="error", feature=3),
    ]
    batches.add_findings(conn, batch_id, found, SRID)
    folder = staged(tmp_path, [TOWN.point(mark) for mark in "123"])
    assert [one["severity"] for one in properties(seen(conn, folder, batch_id))] == ["error", "note", None]


def test_many_rows_are_counted_in_cells_and_none_is_left_out(
    conn: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preview, "MOST", 3)
    batch_id = batches.add_batch(conn, layer="", target="", file_name="x", sha256="x")
    geom = TOWN.point("1")
    batches.add_findings(conn, batch_id, [Finding(rule="r", severity="error", message="m", geom=geom)], SRID)
    folder = staged(tmp_path, [TOWN.point("1"), TOWN.point("1"), TOWN.point("4")], gone=[TOWN.point("4")])
    found = seen(conn, folder, batch_id)
    assert (found["cells"], found["total"]) == (True, 4)
    by_place = {tuple(np.round(one["geometry"]["coordinates"], 5)): one["properties"] for one in found["features"]}
    assert by_place[tuple(np.round(TOWN.lonlat("1"), 5))] == {"count": 2, "counts": {"added": 2, "error": 1}}
    assert by_place[tuple(np.round(TOWN.lonlat("4"), 5))] == {"count": 2, "counts": {"added": 1, "gone": 1}}
    assert len(properties(seen(conn, folder, batch_id, zoom=10))) == 1


def test_counts_of_cells_add_up(conn: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview, "MOST", 100)
    west, south = TOWN.xy("c")
    drawn = np.random.default_rng(7).uniform(0, 400, (2_500, 2))
    folder = staged(tmp_path, list(shapely.points(drawn + np.array([west, south]))))
    for box in (None, around("1", 0.002), around("2", 0.001)):
        for zoom in (None, 12, 20):
            found = seen(conn, folder, box=box, zoom=zoom)
            assert found["cells"]
            assert sum(one["count"] for one in properties(found)) == found["total"] > 100
            assert sum(one["counts"]["added"] for one in properties(found)) == found["total"]
            assert len(found["features"]) <= (drawing.SIDE + 2) ** 2


def test_areas_are_shown_as_they_reach_into_the_box(conn: Connection, tmp_path: Path) -> None:
    folder = staged(tmp_path, [TOWN.polygon("abdc"), TOWN.polygon("12b")], rejected=[1])
    found = seen(conn, folder, target="grid", box=around("d"))
    assert [(one["code"], one["action"]) for one in properties(found)] == [("C1", "added")]
    assert [one["action"] for one in properties(seen(conn, folder, target="grid"))] == ["added", "rejected"]


def test_a_batch_without_staged_rows_shows_none(conn: Connection, tmp_path: Path) -> None:
    assert seen(conn, tmp_path / "none")["features"] == []
    assert preview.changes_page(tmp_path / "none", SRID, None, 10, 0) == (0, [])
    assert preview.rejected_page(tmp_path / "none", 10, 0) == (0, [])


def test_pages_of_changes_and_of_what_is_set_aside(tmp_path: Path) -> None:
    marks = [TOWN.point(mark) for mark in "1234"]
    folder = staged(tmp_path, marks, gone=[TOWN.point("2")], rejected=[1, 3])
    total, lines = preview.changes_page(folder, SRID, None, 2, 3)
    assert (total, [(one["action"], one["code"], one["feature"]) for one in lines]) == (
        5, [("rejected", "C4", 4), ("gone", "G0", None)],
    )  # fmt: skip
    total, lines = preview.changes_page(folder, SRID, "added", 10, 1)
    assert (total, [one["code"] for one in lines]) == (2, ["C3"])
    total, rows = preview.rejected_page(folder, 1, 1)
    assert (total, [(one["feature"], one["reason"], one["reason_zh"], one["row"]["code"]) for one in rows]) == (
        2, [(4, "it is wrong", "有误", "C4")],
    )  # fmt: skip
    with pytest.raises(InputError, match="action 'eaten' is not known"):
        preview.changes_page(folder, SRID, "eaten", 1, 0)


@pytest.mark.parametrize("text", ["", "1,2,3", "1,2,3,4,5", "a,b,c,d", "2,0,1,1", "0,2,1,1", "nan,0,1,1", "0,0,inf,1"])
def test_a_box_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="bbox"):
        degrees_of(text)


def test_a_box_is_never_asked_for_where_the_citys_crs_means_nothing() -> None:
    whole = (*TOWN.xy("c"), *TOWN.xy("b"))
    assert box_in_city(SRID, None, whole) == whole
    assert box_in_city(SRID, (-180.0, -90.0, 180.0, 90.0), whole) == pytest.approx(whole, abs=0.01)
    assert box_in_city(SRID, (-80.0, 30.0, -70.0, 40.0), whole) is None
