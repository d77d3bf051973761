"""How imports end: a file may come again once something overtook it, and no batch stays staged for ever."""

import os
import time
from pathlib import Path

import pytest

from gridsvc.areas.apply import apply_draft
from gridsvc.errors import ConflictError
from gridsvc.ingest import pipeline, staging
from gridsvc.ingest.check import check_batch
from gridsvc.ingest.desk import decide, drop, receive
from gridsvc.ingest.layers import Layer
from gridsvc.ingest.pipeline import already_imported, holding
from gridsvc.ingest.promote import Promoted, promote_batch
from gridsvc.ingest.rollback import roll_back
from gridsvc.store import areas, batches
from gridsvc.store.city import City, the_city
from gridsvc.store.connection import Connection, connect
from gridsvc.store.uploads import LEFT
from tests.ingest.layers import TOWN, bring, desk, lamps, points, write

GRIDS = Layer(layer="grids", target="responsibility_grid", fields={"code": "CODE"})


def grids(conn: Connection, city: City, folder: Path, name: str) -> Promoted:
    file = folder / f"{name}.shp"
    if not file.exists():
        write(file, [TOWN.polygon("acfd")], CODE=[name])
    return bring(conn, city, file, GRIDS)


def apply(conn: Connection, done: Promoted) -> None:
    assert done.draft_id is not None
    apply_draft(conn, done.draft_id)


def test_an_overtaken_draft_can_be_made_again(ready: Connection, town: City, tmp_path: Path) -> None:
    a, b = grids(ready, town, tmp_path, "a"), grids(ready, town, tmp_path, "b")
    with pytest.raises(ConflictError, match="there is nothing to do"):
        grids(ready, town, tmp_path, "a")
    apply(ready, b)
    with pytest.raises(ConflictError, match="make it again"):
        apply(ready, a)
    apply(ready, grids(ready, town, tmp_path, "a"))
    assert [area.code for area in areas.areas_in_force(ready, "responsibility_grid")] == ["a"]
    with pytest.raises(ConflictError, match="there is nothing to do"):
        grids(ready, town, tmp_path, "a")


def test_areas_go_back_to_what_they_were(ready: Connection, town: City, tmp_path: Path) -> None:
    for name in ("v1", "v2", "v1", "v2"):
        apply(ready, grids(ready, town, tmp_path, name))
        assert [area.code for area in areas.areas_in_force(ready, "responsibility_grid")] == [name]
    assert already_imported(ready, tmp_path / "v1.shp", GRIDS, tmp_path / "uploads") is not None


@pytest.mark.parametrize("stop", [KeyboardInterrupt, MemoryError, SystemExit])
def test_whatever_stops_a_promotion_ends_the_batch(
    ready: Connection, town: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: type[BaseException]
) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise stop

    file = write(tmp_path / "x.gpkg", points("12"))
    with monkeypatch.context() as patched:
        patched.setattr(pipeline, "promote_batch", stopped)
        with pytest.raises(stop):
            bring(ready, town, file, lamps())
    assert ended(ready, tmp_path) == (["refused"], [])
    assert bring(ready, town, file, lamps()).added == 2


def test_a_stop_after_the_promotion_does_not_undo_it(ready: Connection, town: City, tmp_path: Path) -> None:
    done = bring(ready, town, write(tmp_path / "x.gpkg", points("12")), lamps())
    batches.finish_batch(ready, done.batch_id, "refused", {})
    assert ended(ready, tmp_path) == (["promoted"], [])


def ended(conn: Connection, folder: Path) -> tuple[list[str], list[str]]:
    """States of the batches, newest first, and which have staged rows."""
    staged = sorted(one.name for one in (folder / "staging").glob("*"))
    return [batch["state"] for batch in batches.batches(conn)], staged


def test_one_session_alone_works_on_a_batch(standing: str, tmp_path: Path) -> None:
    with connect(standing) as conn, connect(standing) as other:
        batch_id = receive(conn, desk(the_city(conn), tmp_path), write(tmp_path / "x.gpkg", points("1")))
        with holding(conn, batch_id):
            assert batches.is_held(other, batch_id)
            with pytest.raises(ConflictError, match="at work on batch"), holding(other, batch_id):
                pass
        assert not batches.is_held(other, batch_id)
        with holding(other, batch_id):
            pass


def test_copies_that_a_killed_process_left_go_but_not_those_that_are_being_written(
    ready: Connection, town: City, tmp_path: Path
) -> None:
    at = desk(town, tmp_path)
    at.uploads.mkdir()
    left, growing = at.uploads / ".new-left", at.uploads / ".new-growing"
    for copy in (left, growing):
        copy.write_bytes(b"half of it")
    long_ago = time.time() - LEFT - 60
    os.utime(left, (long_ago, long_ago))
    receive(ready, at, write(tmp_path / "x.gpkg", points("1")))
    assert (left.exists(), growing.exists()) == (False, True)


def test_what_a_killed_import_left_can_be_checked_again_or_dropped(standing: str, tmp_path: Path) -> None:
    with connect(standing) as killed:
        at = desk(the_city(killed), tmp_path)
        batch_id = receive(killed, at, write(tmp_path / "x.gpkg", points("1")))
        decide(killed, at, batch_id, lamps())
        check_batch(killed, at, batch_id)
        batches.hold(killed, batch_id)
    with connect(standing) as conn:
        assert not batches.is_held(conn, batch_id)
        check_batch(conn, at, batch_id)
        drop(conn, at, batch_id)
        assert batches.batches(conn)[0]["state"] == "dropped"
        assert not staging.is_there(at.folder(batch_id))
        with pytest.raises(ConflictError, match="is dropped already"):
            promote_batch(conn, at, batch_id)


def test_reports_do_not_go_back(ready: Connection, tmp_path: Path) -> None:
    batch_id = batches.add_batch(
        ready, layer="reports", target="reports", file_name="calls.csv", sha256="0", state="promoted"
    )
    with pytest.raises(ConflictError, match=r"calls.csv\) brought reports; only components and areas go back"):
        roll_back(ready, desk(the_city(ready), tmp_path), batch_id)
    kept = batches.batch(ready, batch_id)
    assert kept is not None
    assert kept["state"] == "promoted"
