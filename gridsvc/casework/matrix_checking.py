"""The matrix of the moment checked as a whole, and told in words."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from gridsvc.domain.areas import AreaKind
from gridsvc.domain.duties import Areas, Rule
from gridsvc.domain.duty_checks import SEVERITIES, DutyFinding, World, check_duties
from gridsvc.domain.duty_words import Names, duty_message
from gridsvc.domain.grid_index import GridIndex
from gridsvc.errors import one_of
from gridsvc.store import areas, casework, duties, duty_edits
from gridsvc.store.city import City, departments, subclasses
from gridsvc.store.connection import Connection
from gridsvc.store.duties import names
from gridsvc.store.locating import grid_index

Told = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Checked:
    day: date
    """From this day on."""
    counts: dict[str, int]
    """Findings by what they are, gravest first."""
    findings: list[Told]

    @property
    def errors(self) -> int:
        return sum(count for what, count in self.counts.items() if SEVERITIES[what] == "error")


def check_matrix(
    conn: Connection, city: City, *, index: GridIndex | None = None, what: str | None = None
) -> Checked:  # fmt: skip
    """All that is wrong with the rules from today on; `what`: only such findings. By the index, unless it is old."""
    if what is not None and what not in SEVERITIES:
        raise one_of("finding", what, list(SEVERITIES), zh="检查项")
    book = [*duties.duty_rules(conn)], [*duties.lane_rules(conn)]
    world = _world(conn, city, [*book[0], *book[1]], index)
    found = check_duties(*book, world)
    counts = Counter(one.what for one in found)
    shown = [one for one in found if what in (None, one.what)]
    words = _names(conn, shown)
    return Checked(
        day=world.day,
        counts={each: counts[each] for each in SEVERITIES if counts[each]},
        findings=[_told(one, words) for one in shown],
    )


def _world(conn: Connection, city: City, rules: Sequence[Rule], index: GridIndex | None) -> World:
    named = {(rule.area_kind, rule.area_code) for rule in rules if rule.area_kind and rule.area_code}
    there = duty_edits.areas_named(conn, named)
    return World(
        kinds=areas.kinds(conn),
        subclasses=[(s.kind, s.class_code, s.subclass_code) for s in subclasses(conn)],
        places=_places(conn, {kind for kind, _ in named}, index),
        in_force={area for area, found in there.items() if found.in_force},
        ended={area for area, found in there.items() if not (found.in_force or found.has_heirs)},
        departments={one.code: one for one in departments(conn)},
        day=datetime.now(UTC).astimezone(ZoneInfo(city.time_zone)).date(),
    )


def _places(conn: Connection, named: set[str], index: GridIndex | None) -> list[Areas]:
    """The combinations of areas that there are, found by a place inside each area; without kinds that no rule needs."""
    used = areas.kinds_in_use(conn)
    kept = _as_coarse(used, named)
    if not kept:
        return [{}] if used else []
    with conn.transaction():
        casework.keep_areas(conn)
        if index is None or index.revision != areas.current_revision(conn):
            index = grid_index(conn, kinds=kept)
        finest = [kind.kind for kind in used if kind.must_tile][-1:]
        xy = duty_edits.places_in_areas(conn, [*kept, *finest])
    held = index.only(kept).held(xy[:, 0], xy[:, 1])
    found = {frozenset((kind, code) for kind, (_, code) in areas.items()) for areas in held}
    return [dict(one) for one in sorted(found, key=sorted)]


def _as_coarse(used: Sequence[AreaKind], named: set[str]) -> list[str]:
    """Kinds that rules name, and those that are no finer than they are."""
    finest = max((kind.specificity for kind in used if kind.kind in named), default=-1)
    return [kind.kind for kind in used if kind.specificity <= finest]


def _names(conn: Connection, found: Sequence[DutyFinding]) -> Names:
    rules = [rule for one in found for rule in (*one.rules, *one.by) if isinstance(rule, Rule)]
    named = {(rule.area_kind, rule.area_code) for rule in rules if rule.area_kind and rule.area_code}
    named |= {area for one in found for part in one.parts for area in part}
    known = duty_edits.areas_named(conn, named)
    return replace(names(conn), areas={area: (one.name_zh, one.name_en) for area, one in known.items()})


def _told(found: DutyFinding, words: Names) -> Told:
    zh, en = duty_message(found, words)
    return {
        "what": found.what, "severity": found.severity, "message": en, "message_zh": zh,
        "rules": [_rule(rule) for rule in found.rules],
        "by": [_rule(other) if isinstance(other, Rule) else {"lane": other} for other in found.by],
        "subclasses": [
            {"kind": group.kind, "subclass_code": code} for group in found.groups for code in group.subclass_codes
        ],
        "areas": [[{"kind": kind, "code": code or None} for kind, code in part] for part in found.parts],
        "lane": found.lane,
        "days": [{"from": first, "to": last} for first, last in found.spans],
        "thing": found.thing,
    }  # fmt: skip


def _rule(rule: Rule) -> Told:
    return {**rule.as_json(), "table": rule.origin}
