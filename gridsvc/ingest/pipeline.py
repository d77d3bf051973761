"""The whole way of a file in one go, as the command line and the loading of a city take it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gridsvc.errors import ConflictError, GridsvcError
from gridsvc.ingest import staging
from gridsvc.ingest.check import check_batch
from gridsvc.ingest.desk import Desk, decide, enter, tidy
from gridsvc.ingest.layers import Layer
from gridsvc.ingest.promote import Promoted, promote_batch, refuse_again
from gridsvc.ingest.uploads import keep
from gridsvc.store import batches
from gridsvc.store.connection import Connection


def already_imported(conn: Connection, file: Path, layer: Layer, uploads: Path) -> int | None:
    """The batch that promoted this very file into this layer."""
    digest, _ = keep(file, uploads)
    known = batches.batch_of_file(conn, digest, layer.layer)
    return known[0] if known else None


def import_file(conn: Connection, desk: Desk, file: Path, layer: Layer, *, gone: str = "keep") -> Promoted:
    """Bring a file into the store, or raise and leave the current rows as they were: the batch then ends as refused."""
    digest, kept = keep(file, desk.uploads, limits=desk.limits)
    refuse_again(conn, file.name, layer.layer, digest)
    tidy(conn, desk)
    batch_id = enter(conn, file.name, digest, kept)
    try:
        with holding(conn, batch_id):
            decide(conn, desk, batch_id, layer, gone=gone)
            check_batch(conn, desk, batch_id)
            done = promote_batch(conn, desk, batch_id, compare_again=True)
    except BaseException as error:  # a stop by the keyboard too: the batch has ended, whatever ended it
        _end_refused(conn, batch_id, error)
        raise
    finally:
        staging.forget(desk.folder(batch_id))
    return done


def _end_refused(conn: Connection, batch_id: int, error: BaseException) -> None:
    """Unless it was promoted already, or the database is gone: then it can be checked again, or dropped."""
    if not conn.closed:
        said = str(error) if isinstance(error, GridsvcError) else f"stopped: {type(error).__name__}"
        batches.finish_batch(conn, batch_id, "refused", {}, said, getattr(error, "zh", ""))


@contextmanager
def holding(conn: Connection, batch_id: int) -> Iterator[None]:
    """This session alone is at work on a batch while the block runs."""
    if not batches.hold(conn, batch_id):
        raise ConflictError(f"somebody is at work on batch {batch_id} at this moment", zh=f"批次 {batch_id} 正在处理中")
    try:
        yield
    finally:
        if not conn.closed:
            batches.release(conn, batch_id)
