"""The three orders of a case (任务单, 责任单, 调度单): what is to be done, who answers for it, who was called when."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gridsvc.casework.life_looking import show_case
from gridsvc.domain.case_states import LANE_NAMES
from gridsvc.store import areas
from gridsvc.store import city as cities
from gridsvc.store.callers import Caller
from gridsvc.store.city import City
from gridsvc.store.clocks import clocks, limits_of, subclass_names
from gridsvc.store.connection import Connection
from gridsvc.store.whistles import WhistleFilter, whistles_page

DISPATCHES = ("dispatch", "redispatch", "reroute")
MOST_WHISTLES = 2
Pair = tuple[str, str]
"""In Chinese and English."""


@dataclass(frozen=True, kw_only=True)
class Orders:
    """Names stand beside codes; None where there is nothing to tell."""

    case: Mapping[str, Any]
    report: Mapping[str, Any]
    subclass: Pair
    condition: Pair | None
    closing_zh: str | None
    """When it may be closed, by the table of limits."""
    lane: Pair
    areas: list[tuple[Pair, Pair, str]]
    """Kind, name and code."""
    names: Mapping[str, Pair]
    """Of departments, by code."""
    component: Mapping[str, Any] | None
    guide: Mapping[str, str] | None
    dispatches: Sequence[Mapping[str, Any]]
    """Steps, oldest first."""
    hops: Sequence[Mapping[str, Any]]
    whistles: Sequence[Mapping[str, Any]]
    """The newest."""
    whistles_total: int

    def department(self, code: str | None) -> Pair | None:
        """The name; the code itself for bodies that are no department here."""
        return None if not code else self.names.get(code, (code, code))


def orders_of(conn: Connection, city: City, caller: Caller, case_id: int) -> Orders:
    """Raises NotFoundError for a case that the caller does not see."""
    case = show_case(conn, caller, case_id)
    report = case["report"]
    total, whistles = whistles_page(conn, WhistleFilter(case_id=case_id), limit=MOST_WHISTLES, offset=0)
    condition, closing = _limit(conn, city, case)
    return Orders(
        case=case,
        report=report,
        subclass=_subclass(conn, case),
        condition=condition,
        closing_zh=closing,
        lane=LANE_NAMES[case["lane"]],
        areas=list(_areas(conn, report["explanation"].get("areas", ()))),
        names={one.code: (one.name_zh, one.name_en) for one in cities.departments(conn)},
        component=_component(report["explanation"].get("component")),
        guide=case["guide"],
        dispatches=[step for step in case["steps"] if step["move"] in DISPATCHES],
        hops=case["hops"],
        whistles=whistles,
        whistles_total=total,
    )


def _subclass(conn: Connection, case: Mapping[str, Any]) -> Pair:
    if case["kind"] is None:
        return "（未定）", "not known"
    code = case["subclass_code"]
    return subclass_names(conn, case["kind"], code) or (code, code)


def _limit(conn: Connection, city: City, case: Mapping[str, Any]) -> tuple[Pair | None, str | None]:
    """Condition and closing words of the case's limit; its own Chinese words if the catalogue has it no more."""
    if case["condition"] is None:
        return None, None
    _, rules = clocks(conn, city)
    _, limits = limits_of(conn, case["kind"], case["subclass_code"], rules.profile)
    found = next((limit for limit in limits if limit.condition_zh == case["condition"]), None)
    if found is None:
        return (case["condition"], case["condition"]), None
    return (found.condition_zh, found.condition_en), found.closing_zh


def _areas(conn: Connection, hits: Iterable[Mapping[str, Any]]) -> Iterable[tuple[Pair, Pair, str]]:
    kinds = {kind.kind: (kind.name_zh, kind.name_en) for kind in areas.kinds(conn)}
    for hit in hits:
        kind = kinds.get(hit["kind"], (hit["kind"], hit["kind"]))
        yield kind, (hit["name_zh"] or hit["code"], hit["name_en"] or hit["code"]), hit["code"]


def _component(told: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """The matched one."""
    if not told or not told.get("matched"):
        return None
    return next((one for one in told["found"] if one["component_code"] == told["matched"]), None)
