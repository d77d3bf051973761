"""Routing past reports again with some of the rules, without writing, and comparing with what the city recorded."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from gridsvc.domain.duties import Problem
from gridsvc.domain.location import AreaHit, Location, NearestArea
from gridsvc.domain.matching import Match
from gridsvc.domain.routing import Situation, route
from gridsvc.errors import one_of
from gridsvc.store import casework, duties
from gridsvc.store.casework import ReportFilter
from gridsvc.store.city import City, subclasses
from gridsvc.store.connection import Connection


@dataclass(kw_only=True)
class Simulated:
    reports: int = 0
    automatic: int = 0
    compared: int = 0
    """Automatic ones for which the channel recorded a department."""
    agree: int = 0
    manual: Counter[str] = field(default_factory=Counter)
    manual_categories: Counter[str] = field(default_factory=Counter)
    wrong: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(recorded, routed) departments that disagree."""


def simulate(
    conn: Connection, city: City, channel: str, chosen: ReportFilter, without: Collection[str] = ()
) -> Simulated:
    """Decide every stored report of a channel anew, leaving out the rules of the tables named in `without`."""
    casework.check_channel(conn, channel)
    origins = sorted({rule.origin for rule in (*duties.duty_rules(conn), *duties.lane_rules(conn))})
    for origin in without:
        if origin not in origins:
            raise one_of("table of rules", origin, origins)
    book = duties.rule_book(conn, city, without)
    classes = {(s.kind, s.subclass_code): s.class_code for s in subclasses(conn)}
    zone, result = ZoneInfo(city.time_zone), Simulated()
    with conn.transaction():
        for row in casework.decided_reports(conn, channel, chosen):
            problem = Problem(
                kind=row["kind"],
                class_code=classes.get((row["kind"], row["subclass_code"])),
                subclass_code=row["subclass_code"],
                day=row["reported_at"].astimezone(zone).date(),
                category=row["category"],
            )
            decision = route(problem, stored_situation(row["explanation"], row["placed"]), book)
            _count(result, row, decision.lead, decision.manual_reason)
    return result


def stored_situation(explanation: Mapping[str, Any], placed: bool) -> Situation:
    """The situation that an explanation tells of, also one from before components were matched."""
    match = explanation.get("component")
    return Situation(
        location=stored_location(explanation) if placed else None, accuracy_m=explanation.get("accuracy_m"),
        elsewhere=tuple(explanation.get("elsewhere", ())), match=Match.of_json(match) if match else None,
    )  # fmt: skip


def stored_location(explanation: Mapping[str, Any]) -> Location:
    """The location that an explanation tells of; area ids are not part of it."""
    hits = {
        area["kind"]: AreaHit(
            kind=area["kind"], area_id=0, code=area["code"], name_zh=area["name_zh"], name_en=area["name_en"],
            edge_distance=area["edge_distance_m"], on_boundary=area["on_boundary"], overlap=area["overlap"],
        )
        for area in explanation["areas"]
    }  # fmt: skip
    outside = {
        near["kind"]: NearestArea(
            kind=near["kind"], code=near["nearest_code"], name_zh=near["name_zh"], name_en=near["name_en"],
            distance=near["distance_m"],
        )
        for near in explanation["outside"]
    }  # fmt: skip
    return Location(hits=hits, outside=outside)


def _count(result: Simulated, row: Mapping[str, Any], lead: str | None, reason: str | None) -> None:
    result.reports += 1
    if lead is None:
        result.manual[reason or ""] += 1
        result.manual_categories[row["category"] or "(none)"] += 1
        return
    result.automatic += 1
    recorded = row["recorded"].get("department")
    if recorded is None:
        return
    result.compared += 1
    if recorded == lead:
        result.agree += 1
    else:
        result.wrong[recorded, lead] += 1
