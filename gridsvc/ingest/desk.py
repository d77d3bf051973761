"""The desk of imports: what stays the same for all of its steps, and the story of a batch up to its check.

received → inspected → checked → promoted → rolled_back, or refused, or dropped.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from gridsvc.domain.grid_index import GridIndex
from gridsvc.errors import ConflictError, ForbiddenError, InputError, NotFoundError
from gridsvc.ingest import sources, staging
from gridsvc.ingest.diff import Scope
from gridsvc.ingest.layers import Layer
from gridsvc.ingest.places.coordinates import match
from gridsvc.ingest.places.whereabouts import Whereabouts, prove
from gridsvc.ingest.sources.received import inspection_of
from gridsvc.ingest.uploads import keep
from gridsvc.store import audit, batches
from gridsvc.store.city import City
from gridsvc.store.connection import Connection
from gridsvc.store.uploads import clear_away

OPEN = ("received", "inspected", "checked")
"""States of a batch that may still be promoted."""
GONE = ("keep", "retire")
LIMITS = sources.Limits()


def _silent(_step: str, _done: int) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True, kw_only=True)
class Desk:
    city: City
    uploads: Path
    """Where uploads are kept under their hash."""
    staging: Path
    """Where batches have their staged rows."""
    photos: Path
    """Where pictures are kept under their hash."""
    limits: sources.Limits = LIMITS
    progress: Callable[[str, int], None] = _silent
    """Told the step and how many features are done."""
    located_with: list[GridIndex] = field(default_factory=list)
    """By the batch before, at most one: what its areas have in common with those of now need not be built again."""

    def watched_by(self, progress: Callable[[str, int], None]) -> "Desk":
        return replace(self, progress=progress)

    def folder(self, batch_id: int) -> Path:
        return staging.folder_of(self.staging, batch_id)

    def kept(self, batch: Mapping[str, Any]) -> Path:
        digest = str(batch["sha256"])
        return self.uploads / digest[:2] / f"{digest}{batch['ending']}"


def receive(conn: Connection, desk: Desk, file: Path, name: str | None = None) -> int:
    """A new batch for a file, which is kept; `name` is what its sender calls it."""
    tidy(conn, desk)
    return enter(conn, name or file.name, *keep(file, desk.uploads, name, desk.limits))


def enter(conn: Connection, name: str, digest: str, kept: Path) -> int:
    """A new batch for a file that is kept already, under the hash of its content."""
    with conn.transaction():
        batch_id = batches.add_batch(
            conn, layer="", target="", file_name=name, sha256=digest, ending=kept.name[len(digest) :]
        )
        audit.record(conn, "import.receive", f"batch {batch_id}", after={"file": name, "sha256": digest})
    return batch_id


def look(conn: Connection, desk: Desk, batch_id: int) -> dict[str, Any]:
    """What is in the file, and where its coordinates can be."""
    tidy(conn, desk)
    batch = open_batch(conn, batch_id)
    found = sources.inspect(desk.kept(batch), batch["file_name"], desk.limits)
    shape = outline(conn)
    layers = [
        {**asdict(layer), "whereabouts": asdict(whereabouts(layer, shape, desk.city.srid))} for layer in found.layers
    ]
    inspection = {**asdict(found), "layers": layers}
    batches.keep_inspection(conn, batch_id, inspection)
    return inspection


def looked_before(inspection: Mapping[str, Any]) -> sources.Inspection | None:
    """What `look` kept of a file; None before it."""
    if not inspection:
        return None
    layers = [{name: value for name, value in one.items() if name != "whereabouts"} for one in inspection["layers"]]
    return inspection_of({**inspection, "layers": layers})


def whereabouts(layer: sources.SourceLayer, shape: Any, srid: int) -> Whereabouts:
    points = np.asarray(layer.sample, dtype=np.float64).reshape(-1, 2)
    return prove(points, match(layer.crs), shape, srid)


def outline(conn: Connection) -> Any:
    found = batches.city_outline(conn)
    return shapely.from_wkb(found) if found else None


def decide(
    conn: Connection, desk: Desk, batch_id: int, layer: Layer, *, scope: Scope | None = None, gone: str = "keep"
) -> None:
    """What the file means. `scope`: None is what the file itself shows."""
    if gone not in GONE:
        raise InputError(f"what becomes of components that are gone? keep or retire, not {gone!r}")
    if gone == "retire" and batches.hides_some(conn):
        raise ForbiddenError(
            "you do not see all subclasses of components, so what a file lacks is kept: nobody retires what was hidden "
            "from them (the right see_sensitive is needed)",
            zh="当前账号或令牌看不到全部部件小类，不能将文件中没有的部件注销（需要权限 see_sensitive）：请选择保留",
        )
    open_batch(conn, batch_id)
    staging.forget(desk.folder(batch_id))
    done = batches.keep_definition(
        conn, batch_id, layer=layer.layer, target=layer.target, definition=layer.definition(),
        scope=scope.as_json() if scope else {}, gone=gone,
    )  # fmt: skip
    if not done:
        raise ConflictError(f"batch {batch_id} was ended meanwhile", zh=f"批次 {batch_id} 已结束")


def drop(conn: Connection, desk: Desk, batch_id: int) -> None:
    """The batch will not be promoted; its file and findings stay, its staged rows go."""
    batch = open_batch(conn, batch_id)
    with conn.transaction():
        batches.finish_batch(conn, batch_id, "dropped", {})
        audit.record(conn, "import.drop", f"batch {batch_id}", before={"file": batch["file_name"]})
    staging.forget(desk.folder(batch_id))


def tidy(conn: Connection, desk: Desk) -> None:
    """Forget the staged rows of batches that have ended: whoever ended them may have been killed before it could.

    So may one that was keeping an upload.
    """
    clear_away(desk.uploads)
    for batch_id in staging.batches_in(desk.staging):
        batch = batches.batch(conn, batch_id)
        if batch is not None and batch["state"] not in OPEN:
            staging.forget(desk.folder(batch_id))


def the_batch(conn: Connection, batch_id: int) -> dict[str, Any]:
    batch = batches.batch(conn, batch_id)
    if batch is None:
        raise NotFoundError(
            f"batch {batch_id} does not exist; `gridsvc batch list` shows those that do", zh=f"没有批次 {batch_id}"
        )
    return batch


def open_batch(conn: Connection, batch_id: int) -> dict[str, Any]:
    """A batch that may still be promoted."""
    batch = the_batch(conn, batch_id)
    if batch["state"] not in OPEN:
        raise ConflictError(
            f"batch {batch_id} ({batch['file_name']}) is {batch['state']} already",
            zh=f"批次 {batch_id}（{batch['file_name']}）已结束",
        )
    return batch
