"""Promotion of a checked batch, in one transaction: components into the inventory, areas into a draft."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gridsvc.domain.catalogue import Subclass
from gridsvc.errors import ConflictError, FileError
from gridsvc.ingest import photos, staging
from gridsvc.ingest.check import compared_with_store
from gridsvc.ingest.comparing import Speaks
from gridsvc.ingest.desk import Desk, open_batch
from gridsvc.ingest.diff import ACTIONS, AMBIGUOUS, Compared, scope_from
from gridsvc.ingest.layers import COMPONENTS
from gridsvc.ingest.texts import json_rows
from gridsvc.ingest.writing import Written, draft_areas, ground, promote_components
from gridsvc.store import audit, batches
from gridsvc.store.city import subclasses
from gridsvc.store.connection import Connection

DEEDS = ["row", "action", "component", "fields"]
"""Columns of a comparison that say what is done to what."""
ACTIONS_ZH = dict(zip(ACTIONS, ("新增", "变更", "不变", "消失", "对应不明", "搁置"), strict=True))
AMBIGUITY = (
    "near several components of its subclass, or one of several rows near one: give codes",
    "附近有多个同小类部件，或有多行对应同一部件，无法确定：请补充部件编码",
)
"""English and Chinese."""


@dataclass(frozen=True, kw_only=True)
class Promoted:
    batch_id: int
    layer: str
    read: int
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    retired: int = 0
    gone: int = 0
    """Components in the batch's scope that the file lacks; retired, or kept."""
    ambiguous: int = 0
    set_aside: int = 0
    issued: int = 0
    draft_id: int | None = None
    areas: int = 0
    photos: int = 0
    """That their components did not have yet."""
    findings: dict[str, int] = field(default_factory=dict)
    """How many findings of each severity."""

    @property
    def nothing_to_do(self) -> bool:
        return self.draft_id is None and not (self.added or self.changed or self.retired or self.photos)

    def counts(self) -> dict[str, Any]:
        return {
            "read": self.read,
            "added": self.added,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "retired": self.retired,
            "gone": self.gone,
            "ambiguous": self.ambiguous,
            "set_aside": self.set_aside,
            "issued": self.issued,
            "draft": self.draft_id,
            "areas": self.areas,
            "photos": self.photos,
            "findings": self.findings,
        }


def promote_batch(conn: Connection, desk: Desk, batch_id: int, *, compare_again: bool = False) -> Promoted:
    """Where the store moved on it is compared anew, and refused if it would do something else than was shown.

    `compare_again`: nobody looked at the comparison anyway.
    """
    batch = open_batch(conn, batch_id)
    _refuse_unready(batch, desk)
    folder = desk.folder(batch_id)
    rows, changes = staging.rows(folder), staging.rows(folder, staging.CHANGES)
    places, reasons = staging.reasons(folder)
    desk.progress("promote", 0)
    with conn.transaction():
        batches.lock_promotion(conn)
        _refuse_ended(conn, batch_id)
        refuse_again(conn, batch["file_name"], batch["layer"], batch["sha256"])
        if batch["target"] == COMPONENTS:
            known = {s.subclass_code: s for s in subclasses(conn) if s.kind == "component"}
            if batches.inventory_state(conn) != batch["counts"]["inventory"]:
                anew = _compared_again(conn, batch, rows, places, known)
                if not compare_again:
                    _refuse_other(conn, batch, changes, anew)
                changes = anew.changes
            done = replace(
                _components(conn, desk, batch, rows, changes, known), photos=photos.keep(conn, desk, batch_id)
            )
        else:
            done = _areas(conn, desk, batch, rows, places)
        _keep_rejected(conn, batch_id, rows, changes, places, reasons)
        batches.finish_batch(conn, batch_id, "promoted", done.counts())
        after = {"file": batch["file_name"], "layer": batch["layer"], **done.counts()}
        audit.record(conn, "import", f"batch {batch_id}", after=after)
    staging.forget(folder)
    return done


def refuse_again(conn: Connection, file_name: str, layer: str, sha256: str) -> None:
    """Asked before the work and again once no other promotion can come between."""
    known = batches.standing_batch_of_file(conn, sha256, layer)
    if known:
        raise ConflictError(
            f"{file_name}: this very file was imported into layer {layer} on {known[1]:%Y-%m-%d %H:%M} UTC "
            f"as batch {known[0]}; there is nothing to do",
            zh=f"{file_name}：该文件已作为批次 {known[0]} 导入图层 {layer}，无需重复导入",
        )


def _refuse_unready(batch: dict[str, Any], desk: Desk) -> None:
    number, counts = batch["id"], batch["counts"]
    if batch["state"] != "checked" or not staging.is_there(desk.folder(number)):
        raise ConflictError(
            f"batch {number} was not checked yet; check it first", zh=f"批次 {number} 尚未检查，请先检查"
        )
    if counts["refusals"]:
        first = counts["refusing"]
        named = first["layer"] is not None and first["layer"] != Path(batch["file_name"]).stem
        place, place_zh = (f"layer {first['layer']}: ", f"图层“{first['layer']}”") if named else ("", "")
        place_zh += f"要素 {first['feature']}：" if first["feature"] is not None else "：" if named else ""
        more = f" ({counts['refusals']} errors in all: `gridsvc batch show {number}`)" if counts["refusals"] > 1 else ""
        raise FileError(
            batch["file_name"],
            f"{place}{first['message']}{more}",
            first["feature"],
            zh=f"{batch['file_name']}：有 {counts['refusals']} 个错误未处理，不能入库。{place_zh}{first['message_zh']}",
        )


def _refuse_ended(conn: Connection, batch_id: int) -> None:
    if batches.lock_batch(conn, batch_id) != "checked":
        raise ConflictError(f"batch {batch_id} was ended meanwhile", zh=f"批次 {batch_id} 已结束")


def _compared_again(
    conn: Connection, batch: dict[str, Any], rows: Any, places: Any, known: Mapping[str, Subclass]
) -> Compared:
    """With the store as it is now: batches and edits by hand have changed the inventory."""
    rejected = np.zeros(rows.num_rows, dtype=np.bool_)
    rejected[places] = True
    return compared_with_store(conn, rows, rejected, _speaks(batch), scope_from(batch["scope"]), known)


def _refuse_other(conn: Connection, batch: dict[str, Any], shown: Any, anew: Compared) -> None:
    """Unless promoting does what somebody has looked at, to components that nobody has changed since."""
    touched = batches.versions_digest(conn, anew.touched())
    if touched == batch["counts"].get("touched") and anew.changes.select(DEEDS).equals(shown.select(DEEDS)):
        return
    before, after = batch["counts"]["changes"], anew.totals()
    moved = [name for name in after if after[name] != before.get(name)]
    said = ", ".join(f"{name} {before.get(name, 0):,} → {after[name]:,}" for name in moved)
    said_zh = "，".join(f"{ACTIONS_ZH[name]} {before.get(name, 0):,} → {after[name]:,}" for name in moved)
    raise ConflictError(
        f"batch {batch['id']}: components that it is about were changed since it was compared with them "
        f"({said or 'as many, but they are others or were edited'}); check it again",
        zh=f"批次 {batch['id']} 比对之后，相关部件已被修改（{said_zh or '数量不变，但部件或其内容不同'}），请重新检查",
    )


def _speaks(batch: dict[str, Any]) -> Speaks:
    said = batch["counts"]["speaks"]
    return Speaks(fields=frozenset(said["fields"]), attributes=frozenset(said["attributes"]))


def _components(
    conn: Connection, desk: Desk, batch: dict[str, Any], rows: Any, changes: Any, known: Mapping[str, Subclass]
) -> Promoted:
    of_rows = changes.slice(0, rows.num_rows)  # what is gone comes after them
    compared = Compared(actions=np.asarray(of_rows["action"]), ids=np.asarray(of_rows["component"]), changes=changes)
    base = ground(conn, desk.city, known, desk.located_with)
    desk.located_with[:] = [base.index]
    written: Written = promote_components(
        conn, base, batch["id"], rows, compared, _speaks(batch), retire=batch["gone"] == "retire"
    )
    totals = compared.totals()
    return Promoted(
        batch_id=batch["id"], layer=batch["layer"], read=rows.num_rows, added=written.added, changed=written.changed,
        unchanged=totals["unchanged"], retired=written.retired, gone=totals["gone"], ambiguous=totals["ambiguous"],
        set_aside=totals["rejected"], issued=written.issued, findings=batch["counts"]["findings"],
    )  # fmt: skip


def _areas(conn: Connection, desk: Desk, batch: dict[str, Any], rows: Any, rejected: Any) -> Promoted:
    kept = np.setdiff1d(np.arange(rows.num_rows), rejected)
    draft_id, count = draft_areas(conn, batch["target"], batch["id"], rows.take(pa.array(kept)), desk.city.srid)
    return Promoted(
        batch_id=batch["id"], layer=batch["layer"], read=rows.num_rows, set_aside=len(rejected), draft_id=draft_id,
        areas=count, findings=batch["counts"]["findings"],
    )  # fmt: skip


def _keep_rejected(
    conn: Connection, batch_id: int, rows: Any, changes: Any, places: Any, reasons: list[staging.Reason]
) -> None:
    ambiguous = np.asarray(changes["row"].filter(pc.equal(changes["action"], AMBIGUOUS)))
    if not (len(places) or len(ambiguous)):
        return
    chosen = rows.take(pa.array(np.r_[places, ambiguous].astype(np.int64)))
    said = [name for name in chosen.schema.names if name not in ("layer", "feature", "identity", "digest", "geom")]
    lines = json_rows({name: chosen[name].combine_chunks() for name in said}, chosen.num_rows)
    told = zip(*reasons, *[AMBIGUITY] * len(ambiguous), strict=True)
    english, chinese = (pa.array(texts, pa.string()) for texts in told)
    columns = [chosen["layer"], chosen["feature"], chosen["code"], english, chinese]
    batches.add_rejected(conn, batch_id, [*columns, lines])
