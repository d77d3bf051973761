"""Work that was cut short: what is left of it is told from what counts, and does not stay for ever."""

from pathlib import Path

import pytest

from gridsvc.errors import ConflictError
from gridsvc.ingest import staging
from gridsvc.ingest.check import check_batch
from gridsvc.ingest.desk import Desk, decide, drop, receive
from gridsvc.ingest.promote import promote_batch
from gridsvc.store import batches
from gridsvc.store.city import City
from gridsvc.store.connection import Connection
from tests.ingest.layers import desk, lamps, points, write


@pytest.fixture
def at(town: City, tmp_path: Path) -> Desk:
    return desk(town, tmp_path)


def checked(conn: Connection, at: Desk, marks: str) -> int:
    batch_id = receive(conn, at, write(at.uploads.parent / f"{marks}.gpkg", points(marks)))
    decide(conn, at, batch_id, lamps())
    check_batch(conn, at, batch_id)
    return batch_id


def left(at: Desk) -> list[int]:
    return sorted(staging.batches_in(at.staging))


def test_staged_rows_of_batches_that_have_ended_go_with_the_next_file(ready: Connection, at: Desk) -> None:
    ended, promoted, waiting = (checked(ready, at, marks) for marks in ("1", "2", "3"))
    promote_batch(ready, at, promoted)
    batches.finish_batch(ready, ended, "dropped", {})
    (at.folder(promoted)).mkdir()
    (at.folder(promoted) / staging.ROWS).touch()
    assert left(at) == [ended, promoted, waiting]
    next_one = checked(ready, at, "4")
    assert left(at) == [waiting, next_one]


def test_promotion_leaves_no_staged_rows(ready: Connection, at: Desk) -> None:
    promote_batch(ready, at, checked(ready, at, "1"))
    assert left(at) == []


def test_what_a_check_left_that_was_cut_short_cannot_be_promoted(ready: Connection, at: Desk) -> None:
    """The batch was checked before: rows of the one check must not go with what the other one found."""

    def stop(_step: str, _done: int) -> None:
        raise KeyboardInterrupt

    batch_id = checked(ready, at, "12")
    with pytest.raises(KeyboardInterrupt):
        check_batch(ready, at.watched_by(stop), batch_id)
    with pytest.raises(ConflictError, match="was not checked yet; check it first"):
        promote_batch(ready, at, batch_id)
    check_batch(ready, at, batch_id)
    assert promote_batch(ready, at, batch_id).added == 2


def test_a_batch_that_was_cut_short_before_anybody_said_what_it_means(
    ready: Connection, at: Desk, tmp_path: Path
) -> None:
    batch_id = receive(ready, at, write(tmp_path / "x.gpkg", points("1")))
    with pytest.raises(ConflictError, match="nobody has said what its columns mean; drop it"):
        check_batch(ready, at, batch_id)
    drop(ready, at, batch_id)
