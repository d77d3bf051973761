"""How imports end: a file may come again once something overtook it, and no batch stays staged for ever."""

from pathlib import Path

import pytest

from gridsvc.areas.apply import apply_draft
from gridsvc.errors import ConflictError
from gridsvc.ingest import pipeline
from gridsvc.ingest.layers import Layer
from gridsvc.ingest.pipeline import Imported, already_imported, import_file
from gridsvc.store import areas, batches
from gridsvc.store.city import City, the_city
from gridsvc.store.connection import Connection, connect
from tests.ingest.layers import TOWN, lamps, points, write

GRIDS = Layer(layer="grids", target="responsibility_grid", fields={"code": "CODE"})


def grids(conn: Connection, city: City, folder: Path, name: str) -> Imported:
    file = folder / f"{name}.shp"
    if not file.exists():
        write(file, [TOWN.polygon("acfd")], CODE=[name])
    return import_file(conn, city, file, GRIDS, folder / "uploads")


def apply(conn: Connection, city: City, done: Imported) -> None:
    assert done.draft_id is not None
    apply_draft(conn, city, done.draft_id)


def test_an_overtaken_draft_can_be_made_again(ready: Connection, town: City, tmp_path: Path) -> None:
    a, b = grids(ready, town, tmp_path, "a"), grids(ready, town, tmp_path, "b")
    with pytest.raises(ConflictError, match="there is nothing to do"):
        grids(ready, town, tmp_path, "a")
    apply(ready, town, b)
    with pytest.raises(ConflictError, match="make it again"):
        apply(ready, town, a)
    apply(ready, town, grids(ready, town, tmp_path, "a"))
    assert [area.code for area in areas.areas_in_force(ready, "responsibility_grid")] == ["a"]
    with pytest.raises(ConflictError, match="there is nothing to do"):
        grids(ready, town, tmp_path, "a")


def test_areas_go_back_to_what_they_were(ready: Connection, town: City, tmp_path: Path) -> None:
    for name in ("v1", "v2", "v1", "v2"):
        apply(ready, town, grids(ready, town, tmp_path, name))
        assert [area.code for area in areas.areas_in_force(ready, "responsibility_grid")] == [name]
    assert already_imported(ready, tmp_path / "v1.shp", GRIDS, tmp_path / "uploads") is not None


@pytest.mark.parametrize("stop", [KeyboardInterrupt, MemoryError, SystemExit])
def test_whatever_stops_a_promotion_ends_the_batch(
    ready: Connection, town: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: type[BaseException]
) -> None:
    def stopped(*_: object) -> None:
        raise stop

    file = write(tmp_path / "x.gpkg", points("12"))
    with monkeypatch.context() as patched:
        patched.setattr(pipeline, "_promote", stopped)
        with pytest.raises(stop):
            import_file(ready, town, file, lamps(), tmp_path / "uploads")
    assert staging(ready) == (["refused"], 0)
    assert import_file(ready, town, file, lamps(), tmp_path / "uploads").promoted == 2


def test_a_stop_after_the_promotion_does_not_undo_it(ready: Connection, town: City, tmp_path: Path) -> None:
    done = import_file(ready, town, write(tmp_path / "x.gpkg", points("12")), lamps(), tmp_path / "uploads")
    batches.finish_batch(ready, done.batch_id, "refused", {})
    assert staging(ready) == (["promoted"], 0)


def staging(conn: Connection) -> tuple[list[str], int]:
    """States of the batches, newest first, and how many rows are staged."""
    rows = conn.execute("SELECT count(*) FROM import_row").fetchone()
    return [batch["state"] for batch in batches.batches(conn)], rows[0] if rows else -1


def left(conn: Connection, layer: str) -> int:
    """A batch as an import has it between staging and promotion."""
    batch_id = batches.add_batch(conn, layer=layer, target="components", file_name="x", sha256=layer)
    batches.hold(conn, batch_id)
    batches.stage_rows(conn, batch_id, [(1, *[None] * 10, "{}", None)])
    return batch_id


def test_what_a_killed_import_left_goes_and_what_another_works_on_stays(standing: str, tmp_path: Path) -> None:
    with connect(standing) as working:
        at_work = left(working, "at-work")
        with connect(standing) as killed:
            left(killed, "killed")
        with connect(standing) as conn:
            file = write(tmp_path / "x.gpkg", points("1"))
            import_file(conn, the_city(conn), file, lamps(), tmp_path / "uploads")
            assert staging(conn) == (["promoted", "refused", "staged"], 1)
            batches.release(working, at_work)
            batches.end_abandoned(conn)
            assert staging(conn) == (["promoted", "refused", "refused"], 0)
