"""One component by hand: added, corrected, moved or retired as a batch of its own, which can be rolled back as any."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from gridsvc.domain.components import GONE_STATES
from gridsvc.domain.findings import Finding
from gridsvc.domain.grid_index import GridIndex, KindAreas, KindIndex
from gridsvc.domain.versions import ATTRIBUTE, GEOMETRY, differences
from gridsvc.errors import ConflictError, InputError, NotFoundError, one_of
from gridsvc.ingest.by_hand_check import EDITED, EXTRAS, Look, Place, State, check_attributes, look, stored_state
from gridsvc.ingest.comparing import COMPARED, Speaks, difference
from gridsvc.ingest.context import context_of
from gridsvc.ingest.diff import ADDED, CHANGED, CHANGES, Compared, staged_rows
from gridsvc.ingest.layers import COMPONENTS
from gridsvc.ingest.promote import Promoted
from gridsvc.ingest.rules.contract import Context
from gridsvc.ingest.rules.wording import FIELDS
from gridsvc.ingest.writing import Ground, promote_components
from gridsvc.store import audit, batches, component_edits, components
from gridsvc.store.city import City
from gridsvc.store.component_edits import Known, TouchedArea
from gridsvc.store.connection import Connection

__all__ = ["EDITED", "EXTRAS", "Changes", "Edited", "Place", "RefusedError", "add", "correct", "move", "retire"]

HAND = "hand"
TO_CONFIRM = ("warning", "repaired")
"""Severities of findings that somebody has to accept."""


class RefusedError(InputError):
    """The checks found errors: `findings`."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("; ".join(one.message for one in findings), zh="；".join(one.message_zh for one in findings))
        self.findings = findings


@dataclass(frozen=True, kw_only=True)
class Changes:
    """What is said of a component; what is not named stays as it is."""

    fields: Mapping[str, str | None] = field(default_factory=dict)
    """Of EDITED; None takes the value away."""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    """Texts, numbers or truth values; None takes the attribute away."""
    place: Place | None = None


@dataclass(frozen=True, kw_only=True)
class Edited:
    """What became of an edit. Nothing was saved where warnings wait to be accepted, or nothing differs."""

    code: str | None
    version: int
    batch_id: int | None = None
    """None: nothing was saved."""
    changed: tuple[str, ...] = ()
    """Names of fields, `attributes.KEY`, and `geometry`."""
    warnings: list[Finding] = field(default_factory=list)

    @property
    def saved(self) -> bool:
        return self.batch_id is not None


def add(
    conn: Connection, city: City, given: Changes, code: str | None = None, *, accept_warnings: bool = False,
    reason: str = "",
) -> Edited:  # fmt: skip
    """A new component; without a code it gets the next one of its series."""
    if given.place is None:
        raise InputError("where is the component? give its place", zh="请给出部件的位置")
    state = _becoming(State(place=given.place, fields=dict.fromkeys(EDITED), code=code or None), given)
    with conn.transaction():
        batches.lock_promotion(conn)
        if code and component_edits.find(conn, code):
            raise ConflictError(f"component {code} exists already", zh=f"编码 {code} 已被其他部件使用")
        context = context_of(conn, city)
        seen = look(conn, city, context, state)
        _refuse_errors(seen.findings)
        warnings = _to_confirm(seen.findings)
        if warnings and not accept_warnings:
            return Edited(code=code, version=0, warnings=warnings)
        subclass = seen.rows["subclass_code"][0].as_py()
        batch_id = _begin(conn, subclass, code or "", seen.findings, city)
        _write(conn, city, context, batch_id, seen, ADDED, 0, Speaks(fields=frozenset(), attributes=frozenset()))
        code = component_edits.code_of_batch(conn, batch_id)
        component_edits.name_batch(conn, batch_id, code)
        counts = {"added": 1, "issued": int(state.code is None), "findings": _severities(seen.findings)}
        _end(conn, batch_id, subclass, counts, reason)
        changed, told = _difference(conn, code, None, reason)
        audit.record(conn, "component.add", f"component {code}", **told)
    return Edited(code=code, version=1, batch_id=batch_id, changed=changed, warnings=warnings)


def correct(
    conn: Connection, city: City, code: str, version: int, changes: Changes, *, accept_warnings: bool = False,
    reason: str = "",
) -> Edited:  # fmt: skip
    """Make a component what it really is; refused if it is not in this version any more."""
    with conn.transaction():
        batches.lock_promotion(conn)
        known, stored = _current(conn, code, version)
        context = context_of(conn, city)
        before = stored_state(stored, city.srid)
        seen = look(conn, city, context, _becoming(before, changes))
        speaks = Speaks(fields=frozenset(COMPARED), attributes=frozenset({*EXTRAS, *changes.attributes}))
        if not _differs(seen, stored, speaks):
            return Edited(code=code, version=version)
        _refuse_errors(seen.findings)
        warnings = _new_ones(seen, look(conn, city, context, before))
        if warnings and not accept_warnings:
            return Edited(code=code, version=version, warnings=warnings)
        subclass = seen.rows["subclass_code"][0].as_py()
        batch_id = _begin(conn, subclass, code, seen.findings, city)
        _write(conn, city, context, batch_id, seen, CHANGED, known.id, speaks)
        _end(conn, batch_id, subclass, {"changed": 1, "findings": _severities(seen.findings)}, reason)
        changed, told = _difference(conn, code, stored, reason)
        audit.record(conn, "component.correct", f"component {code}", **told)
    return Edited(code=code, version=version + 1, batch_id=batch_id, changed=changed, warnings=warnings)


def move(conn: Connection, city: City, code: str, version: int, place: Place, **said: Any) -> Edited:
    """To another place, or into another shape; `said` as for `correct`."""
    return correct(conn, city, code, version, Changes(place=place), **said)


def retire(conn: Connection, city: City, code: str, version: int, reason: str) -> Edited:
    """It is not there any more, for a reason; it stays in the store as removed."""
    if not reason.strip():
        raise InputError(f"why is component {code} retired? give a reason", zh="请填写注销原因")
    with conn.transaction():
        batches.lock_promotion(conn)
        known, stored = _current(conn, code, version)
        if known.state == GONE_STATES[0]:
            raise ConflictError(f"component {code} is removed already", zh=f"部件 {code} 已经注销")
        batch_id = _begin(conn, stored["subclass_code"], code, [], city)
        components.retire_components(conn, batch_id, [known.id])
        _end(conn, batch_id, stored["subclass_code"], {"retired": 1}, reason.strip())
        changed, told = _difference(conn, code, stored, reason.strip())
        audit.record(conn, "component.retire", f"component {code}", **told)
    return Edited(code=code, version=version + 1, batch_id=batch_id, changed=changed)


def _becoming(state: State, changes: Changes) -> State:
    """Of the attributes only those that are said: the store keeps the others as they are."""
    for name in changes.fields:
        if name not in EDITED:
            raise one_of("field", name, list(EDITED), zh="字段")
    check_attributes(changes.attributes)
    texts = {name: (text or "").strip() or None for name, text in changes.fields.items()}
    attributes = {key: value for key, value in changes.attributes.items() if value is not None}
    return State(
        place=changes.place or state.place, fields={**state.fields, **texts}, attributes=attributes,
        code=state.code, id=state.id,
    )  # fmt: skip


def _current(conn: Connection, code: str, version: int) -> tuple[Known, dict[str, Any]]:
    """The component as it is, if it is still in the version that somebody looked at."""
    known = component_edits.find(conn, code)
    if known is None:
        raise NotFoundError(f"component {code} does not exist", zh=f"没有编码为 {code} 的部件")
    if known.version != version:
        raise _overtaken(conn, code, version, known.version)
    return known, components.stored_rows(conn, [known.id])[0]


def _overtaken(conn: Connection, code: str, version: int, current: int) -> ConflictError:
    """Names what changed since, and who changed it last."""
    rows = components.history(conn, code)
    base = next((row for row in rows if row["version"] == version), None)
    fields = [one.field for one in differences(base, rows[0])] if base and version < current else []
    who = component_edits.batches_told(conn, [rows[0]["batch_id"]]).get(rows[0]["batch_id"], {})
    by, by_zh = (f" by {who['account']}", f"由 {who['account']} ") if who.get("account") else ("", "")
    named = f": {', '.join(map(_plain, fields))}" if fields else ""
    named_zh = f"：{'、'.join(map(_plain_zh, fields))}" if fields else ""
    return ConflictError(
        f"component {code} was changed meanwhile{by}{named} (version {current}, you looked at {version}); "
        "open it again",
        zh=f"部件 {code} 已{by_zh}被修改{named_zh}（现为第 {current} 版，您看到的是第 {version} 版），请重新打开",
    )


def _plain(name: str) -> str:
    return name.removeprefix(ATTRIBUTE)


def _plain_zh(name: str) -> str:
    return "位置" if name == GEOMETRY else FIELDS.get(_plain(name), _plain(name))


def _refuse_errors(findings: Sequence[Finding]) -> None:
    errors = [one for one in findings if one.severity == "error"]
    if errors:
        raise RefusedError(errors)


def _to_confirm(findings: Sequence[Finding]) -> list[Finding]:
    return [one for one in findings if one.severity in TO_CONFIRM]


def _new_ones(after: Look, before: Look) -> list[Finding]:
    """Warnings that the edit brings; what was doubtful before has been accepted with it."""
    known = {(one.rule, one.message) for one in before.findings}
    return [one for one in _to_confirm(after.findings) if (one.rule, one.message) not in known]


def _differs(seen: Look, stored: Mapping[str, Any], speaks: Speaks) -> bool:
    (row,) = staged_rows(seen.rows, np.array([0]))
    if row["geom"] is None:
        return True
    return bool(difference(row, stored, speaks).fields)


def _severities(findings: Sequence[Finding]) -> dict[str, int]:
    names = [one.severity for one in findings]
    return {name: names.count(name) for name in dict.fromkeys(names)}


def _begin(conn: Connection, subclass: str, code: str, findings: Sequence[Finding], city: City) -> int:
    batch_id = batches.add_batch(
        conn, layer=subclass, target=COMPONENTS, file_name=code, sha256="", state="checked", kind=HAND
    )
    batches.add_findings(conn, batch_id, findings, city.srid)
    return batch_id


def _end(conn: Connection, batch_id: int, subclass: str, counts: Mapping[str, Any], reason: str) -> None:
    done = Promoted(batch_id=batch_id, layer=subclass, read=1, **counts)
    batches.finish_batch(conn, batch_id, "promoted", {**done.counts(), **({"reason": reason} if reason else {})})


def _write(
    conn: Connection, city: City, context: Context, batch_id: int, seen: Look, action: int, own: int, speaks: Speaks
) -> None:
    """As an import writes it; without a digest, since no file says exactly this."""
    digests = seen.rows.schema.get_field_index("digest")
    rows = seen.rows.set_column(digests, "digest", pa.nulls(1, pa.int64()))
    base = Ground(
        city=city, index=_index(seen.areas), districts=context.districts, subclasses=context.subclasses,
        visibilities=components.visibilities(conn),
    )  # fmt: skip
    compared = Compared(actions=np.array([action], dtype=np.int8), ids=np.array([own]), changes=CHANGES.empty_table())
    promote_components(conn, base, batch_id, rows, compared, speaks, retire=False)


def _index(touched: Sequence[TouchedArea]) -> GridIndex:
    kinds = {area.kind for area in touched}
    return GridIndex(kinds={kind: _kind_index(kind, [area for area in touched if area.kind == kind]) for kind in kinds})


def _kind_index(kind: str, found: Sequence[TouchedArea]) -> KindIndex:
    codes = np.array([area.code for area in found], dtype=object)
    ids = np.array([area.id for area in found], dtype=np.int64)
    shapes = np.array([area.geom for area in found], dtype=object)
    return KindIndex.build(kind, KindAreas(ids=ids, codes=codes, names_zh=codes, names_en=codes, shapes=shapes))


def _difference(
    conn: Connection, code: str, before: dict[str, Any] | None, reason: str
) -> tuple[tuple[str, ...], dict[str, Any]]:
    """Names of what changed since `before` (None: there was no component), and both sides of it for the audit."""
    known = component_edits.find(conn, code)
    assert known is not None
    now = _told(components.stored_rows(conn, [known.id])[0])
    was = _told(before) if before else {**dict.fromkeys(now), "attributes": {}}
    found = differences(was, now)
    after = {_plain(one.field): one.after for one in found} | ({"why": reason} if reason else {})
    return tuple(one.field for one in found), {
        "before": before and {_plain(one.field): one.before for one in found},
        "after": after,
    }


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    """As the audit tells it: the shape in the city's CRS to the millimetre."""
    return {**row, "geometry": shapely.to_wkt(row["geom"], rounding_precision=3)}
