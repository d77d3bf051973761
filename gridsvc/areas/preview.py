"""What a draft would change, before it does: components, open cases, duties, areas of duty, and balance of load."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from gridsvc.areas.apply import waiting_draft
from gridsvc.areas.changes import prepared
from gridsvc.areas.checking import faults
from gridsvc.areas.drafting.making import box_around
from gridsvc.areas.moves import Compared, Move, compared, shape_area
from gridsvc.areas.trying import heirs_of, relocated
from gridsvc.domain.crs import FloatArray
from gridsvc.domain.location import Location
from gridsvc.domain.succession import balance
from gridsvc.store import casework, components, drafts, duties, rosters
from gridsvc.store.boxes import Box
from gridsvc.store.casework import OpenCase
from gridsvc.store.city import City
from gridsvc.store.connection import Connection
from gridsvc.store.drafts import Change, Draft
from gridsvc.store.locating import SqlLocator

Route = Callable[[Sequence[OpenCase], Sequence[Location]], Sequence[dict[str, Any]]]
"""Given open cases and where they would lie: those that the rules would give to others, with from and to whom. Handed
in by the edge: it is another room's business."""


Figures = dict[str, tuple[Mapping[str, float], Mapping[str, float]]]
"""By what is counted: for each area that changes, before and after."""


@dataclass(frozen=True, kw_only=True)
class Points:
    """Components or reports that the change concerns; arrays are parallel."""

    ids: np.ndarray[Any, Any]
    x: np.ndarray[Any, Any]
    y: np.ndarray[Any, Any]
    moves: list[Move]
    ambiguous: np.ndarray[Any, Any]
    """Places in these arrays of those that become ambiguous."""

    def moved(self) -> list[dict[str, Any]]:
        return [{"kind": m.kind, "from": m.old, "to": m.new, "count": len(m.points)} for m in self.moves]

    def count(self) -> int:
        """Some move in several kinds."""
        return len(np.unique(np.concatenate([move.points for move in self.moves]))) if self.moves else 0


@dataclass(frozen=True, kw_only=True)
class Preview:
    draft: Draft
    changes: list[Change]
    errors: list[dict[str, str]]
    """Why it cannot be applied as it is."""
    kinds: list[dict[str, Any]]
    components: Points
    cases: list[dict[str, Any]]
    """Open cases whose areas change, each with what the rules would do."""
    duties: list[dict[str, Any]]
    accounts: list[dict[str, Any]]
    rosters: list[dict[str, Any]]


def preview(conn: Connection, city: City, draft_id: int, route: Route) -> Preview:
    """Nothing is written but the areas that the draft itself implies."""
    with conn.transaction():
        draft = waiting_draft(conn, draft_id)
        changes = prepared(conn, draft, city.srid)
        kinds = compared(conn, draft_id, changes)
        shapes = [shape for c in changes for shape in (c.old_geom, c.new_geom) if shape is not None]
        box = box_around(shapes) if shapes else None
        passed_on = {kind.kind: heirs_of(kind, changes) for kind in kinds}
        found = _components(conn, city, kinds, box)
        reports = casework.places_of_reports(conn, box) if box else np.empty((0, 2))
        return Preview(
            draft=draft, changes=changes, errors=_errors(conn, draft, changes),
            kinds=[_kind(kind, changes, passed_on[kind.kind], found, reports) for kind in kinds],
            components=found, cases=_cases(conn, city, kinds, box, route), duties=_duties(conn, passed_on),
            accounts=_accounts(conn, kinds, changes), rosters=_rosters(conn, kinds, changes, passed_on),
        )  # fmt: skip


def _errors(conn: Connection, draft: Draft, changes: Sequence[Change]) -> list[dict[str, str]]:
    return [{"en": str(error), "zh": error.zh} for error in faults(conn, draft, changes)]


def _components(conn: Connection, city: City, kinds: Sequence[Compared], box: Box | None) -> Points:
    empty = np.empty(0)
    ids, x, y = components.points_in(conn, city.srid, box) if box else (empty.astype(np.int64), empty, empty)
    moved: list[Move] = []
    ambiguous = np.zeros(len(x), bool)
    for kind in kinds:
        found, unsure = kind.moved(x, y)
        moved += found
        ambiguous |= unsure
    return Points(ids=ids, x=x, y=y, moves=moved, ambiguous=np.flatnonzero(ambiguous))


def _kind(
    kind: Compared, changes: Sequence[Change], passed_on: dict[str, list[str]], found: Points, reports: FloatArray
) -> dict[str, Any]:  # fmt: skip
    own = [change for change in changes if change.kind == kind.kind]
    loads = {"components": kind.load(found.x, found.y), "reports": kind.load(reports[:, 0], reports[:, 1])}
    sizes = (
        {c.code: shape_area(c.old_geom) for c in own if c.old_geom is not None},
        {c.code: shape_area(c.new_geom) for c in own if c.new_geom is not None},
    )
    figures: Figures = {"area_m2": sizes, **loads}
    return {
        "kind": kind.kind,
        "begin": [c.code for c in own if c.old_geom is None],
        "end": [c.code for c in own if c.new_geom is None],
        "change": [c.code for c in own if c.old_geom is not None and c.new_geom is not None],
        "redrawn": sum(c.redrawn for c in own),
        "heirs": passed_on,
        "load": {
            name: {"before": balance(list(before.values())), "after": balance(list(after.values()))}
            for name, (before, after) in figures.items()
        },
        "areas": [_area(change, figures) for change in own],
    }


def _area(change: Change, figures: Figures) -> dict[str, Any]:
    sides = {}
    for n, (side, shape) in enumerate((("before", change.old_geom), ("after", change.new_geom))):
        there = {name: values[n].get(change.code, 0) for name, values in figures.items()}
        sides[side] = None if shape is None else there
    return {
        "code": change.code, "name_zh": change.name_zh or change.old_name_zh,
        "name_en": change.name_en or change.old_name_en, "redrawn": change.redrawn, **sides,
    }  # fmt: skip


def _cases(
    conn: Connection, city: City, kinds: Sequence[Compared], box: Box | None, route: Route
) -> list[dict[str, Any]]:
    """Open cases that lie in another area afterwards, or on an edge of one: where, and who would have them."""
    cases = casework.open_cases(conn, box=box) if box else []
    x, y = np.array([case.x for case in cases]), np.array([case.y for case in cases])
    concerned = np.zeros(len(cases), bool)
    moved: dict[int, list[dict[str, Any]]] = {}
    for kind in kinds if cases else ():
        found, unsure = kind.moved(x, y)
        concerned |= unsure
        for move in found:
            concerned[move.points] = True
            for place in move.points.tolist():
                moved.setdefault(place, []).append({"kind": kind.kind, "from": move.old, "to": move.new})
    places = np.flatnonzero(concerned).tolist()
    chosen = [cases[place] for place in places]
    routed = {row["case_id"]: row for row in route(chosen, _located(conn, city, kinds, chosen))} if chosen else {}
    return [
        {
            "case_id": case.case_id, "report_id": str(case.report_id), "state": case.state, "x": case.x, "y": case.y,
            "areas": moved.get(place, []), "department": case.lead, "lane": case.lane,
            "becomes": routed.get(case.case_id),
        }
        for place, case in zip(places, chosen, strict=True)
    ]  # fmt: skip


def _located(conn: Connection, city: City, kinds: Sequence[Compared], cases: Sequence[OpenCase]) -> list[Location]:
    """Where cases will lie: as today, but for the kinds that change."""
    x, y = np.array([case.x for case in cases]), np.array([case.y for case in cases])
    today = SqlLocator(conn, city.srid).locate(x, y, [datetime.now(UTC)] * len(cases))
    return relocated(today, kinds, x, y)


def _duties(conn: Connection, passed_on: dict[str, dict[str, list[str]]]) -> list[dict[str, Any]]:
    """Rules that name codes that end, and for whom they will hold."""
    found = []
    for rule in duties.duty_rules(conn):
        successors = passed_on.get(rule.area_kind or "", {}).get(rule.area_code or "")
        if successors is not None:
            found.append(
                {
                    "rule": rule.id, "kind": rule.area_kind, "code": rule.area_code, "lead": rule.lead,
                    "about": f"{rule.kind} {rule.subclass_code or rule.class_code}", "becomes": successors,
                }
            )  # fmt: skip
    return found


def _accounts(conn: Connection, kinds: Sequence[Compared], changes: Sequence[Change]) -> list[dict[str, Any]]:
    """Accounts whose areas of duty end or get another shape."""
    ended = {(change.kind, change.code) for change in changes if change.new_geom is None}
    return [
        {**row, "kind": kind.kind, "ends": (kind.kind, row["code"]) in ended}
        for kind in kinds
        for row in drafts.accounts_on_duty(conn, kind.kind, kind.codes)
    ]


def _rosters(
    conn: Connection, kinds: Sequence[Compared], changes: Sequence[Change], passed_on: dict[str, dict[str, list[str]]]
) -> list[dict[str, Any]]:
    """Who is on duty in areas that end, and where they will be; and in areas that get another shape."""
    return [
        {
            "kind": kind.kind, "code": entry.area_code, "person": entry.person, "post": entry.post,
            "service": entry.service, "becomes": passed_on[kind.kind].get(entry.area_code, [entry.area_code]),
        }
        for kind in kinds
        for entry in rosters.entries_of(conn, kind.kind, [c.code for c in changes if c.kind == kind.kind])
    ]  # fmt: skip


def as_json(found: Preview, *, people: bool = True) -> dict[str, Any]:
    """All of it but the moved components one by one: those are a file. Without `people` cases and names are counted."""
    draft = {name: value for name, value in asdict(found.draft).items() if name != "remarks"}
    cases = found.cases
    return {
        "draft": {**draft, "made_at": found.draft.made_at.isoformat()},
        "remarks": found.draft.remarks,
        "errors": found.errors,
        "kinds": found.kinds,
        "components": {
            "looked_at": len(found.components.ids), "moved": found.components.count(),
            "ambiguous": len(found.components.ambiguous), "moves": found.components.moved(),
        },
        "cases": {
            "moved": len(cases), "to_others": sum(1 for case in cases if case["becomes"]),
            "list": cases if people else None,
        },
        "duties": found.duties,
        "accounts": {"count": len(found.accounts), "list": found.accounts if people else None},
        "rosters": {"count": len(found.rosters), "list": found.rosters if people else None},
    }  # fmt: skip
