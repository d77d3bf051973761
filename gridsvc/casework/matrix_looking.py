"""Tables of rules looked at: pages, revisions, and the file that can be brought in again."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from gridsvc.casework.matrix_words import KINDS, LANE_WORDS, LEVEL_WORDS, columns
from gridsvc.domain.duties import DutyRule, Rule
from gridsvc.errors import NotFoundError, one_of
from gridsvc.files import OutLayer
from gridsvc.store import areas, audit, duty_edits
from gridsvc.store.city import City
from gridsvc.store.connection import Connection

LANGUAGES = ("zh", "en")
Told = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class RuleFilter:
    """Which rules; what is None does not matter."""

    of_lanes: bool = False
    table: str | None = None
    revision: int | None = None
    """As it left the tables."""
    kind: str | None = None
    class_code: str | None = None
    subclass_code: str | None = None
    area_kind: str | None = None
    area_code: str | None = None
    lane: str | None = None
    department: str | None = None
    """With whatever part."""
    day: date | None = None
    """In force on this day."""

    def takes(self, rule: Rule) -> bool:
        names = ("kind", "class_code", "subclass_code", "area_kind", "area_code", "lane")
        wanted = [(getattr(self, name), getattr(rule, name)) for name in names]
        wanted.append((self.table, rule.origin))
        parties = rule.departments if isinstance(rule, DutyRule) else ()
        return (
            all(asked in (None, has) for asked, has in wanted)
            and (self.department is None or self.department in parties)
            and (self.day is None or rule.in_force(self.day))
        )


def rules_page(conn: Connection, chosen: RuleFilter, *, limit: int | None = None, offset: int = 0) -> Told:
    """Rules by table and place in it, each with its id, and the newest revision of each table."""
    there = duty_edits.tables(conn, chosen.revision)
    found = _chosen(conn, chosen)
    stop = None if limit is None else offset + limit
    return {
        "total": len(found),
        "tables": {
            table: one.revision for table, one in there.items() if (one.of_lanes if chosen.of_lanes else one.of_duties)
        },
        "rules": [rule_told(rule, there[rule.origin].revision) for rule in found[offset:stop]],
    }


def _chosen(conn: Connection, chosen: RuleFilter) -> list[Rule]:
    revisions, newest = duty_edits.revisions(conn, None, limit=1, offset=0)
    if chosen.revision is not None and (not revisions or chosen.revision > newest[0].revision):
        raise NotFoundError(
            f"there is no revision {chosen.revision} of the rules", zh=f"规则没有第 {chosen.revision} 版"
        )
    if chosen.table is not None and chosen.table not in (known := duty_edits.tables(conn)):
        raise one_of("table of rules", chosen.table, sorted(known), zh="规则表")
    read = duty_edits.lanes_as_of if chosen.of_lanes else duty_edits.duties_as_of
    rules: Sequence[Rule] = read(conn, chosen.revision)
    found = [rule for rule in rules if rule.inherited is None and chosen.takes(rule)]
    return sorted(found, key=lambda rule: (rule.origin, rule.id))


def rule_told(rule: Rule, revision: int) -> Told:
    """As it is written."""
    told = {name: value for name, value in asdict(rule).items() if name not in ("inherited", "origin", "name")}
    return {**told, "rule": rule.name, "table": rule.origin, "revision": revision}


def revisions_page(conn: Connection, table: str | None, *, limit: int, offset: int) -> Told:
    """What changed the rules, newest first; of each how many rules it holds, and how many it added and took away."""
    total, found = duty_edits.revisions(conn, table, limit=limit, offset=offset)
    return {"total": total, "revisions": [asdict(one) for one in found]}


def compare_revisions(conn: Connection, table: str, before: int, after: int) -> Told:
    """Rules of a table that one revision has and the other has not."""
    sides = []
    for revision in (before, after):
        rules = [*duty_edits.duties_as_of(conn, revision), *duty_edits.lanes_as_of(conn, revision)]
        sides.append([rule for rule in rules if rule.origin == table and rule.inherited is None])
    added, removed = difference(*sides)
    return {
        "table": table,
        "added": [rule_told(rule, after) for rule in added],
        "removed": [rule_told(rule, before) for rule in removed],
    }


def difference(before: Sequence[Rule], after: Sequence[Rule]) -> tuple[list[Rule], list[Rule]]:
    """Rules that came and rules that went; one that changed is among both. Their order does not matter."""

    def but_for(rules: Sequence[Rule], others: Sequence[Rule]) -> list[Rule]:
        left, found = Counter(map(_content, others)), []
        for rule in rules:
            if left[_content(rule)]:
                left[_content(rule)] -= 1
            else:
                found.append(rule)
        return found

    return but_for(after, before), but_for(before, after)


def _content(rule: Rule) -> tuple[tuple[str, str], ...]:
    return tuple(cells_of(rule).items())


def cells_of(rule: Rule) -> dict[str, str]:
    """As a row of a file says it."""
    cells = {
        "rule": rule.name, "kind": rule.kind, "class_code": rule.class_code, "subclass_code": rule.subclass_code,
        "area_kind": rule.area_kind, "area_code": rule.area_code, "lane": rule.lane, "priority": str(rule.priority),
        "valid_from": rule.valid_from and rule.valid_from.isoformat(),
        "valid_to": rule.valid_to and rule.valid_to.isoformat(), "source": rule.source,
    }  # fmt: skip
    if isinstance(rule, DutyRule):
        cells |= {
            "lead": rule.lead, "co_operating": ";".join(rule.co_operating), "supervising": ";".join(rule.supervising),
            "level": rule.level,
        }  # fmt: skip
    return {name: text or "" for name, text in cells.items()}


def rules_layer(conn: Connection, city: City, chosen: RuleFilter, lang: str = LANGUAGES[0]) -> OutLayer:
    """Rules as a table that can be brought in again. That they were taken out is recorded."""
    if lang not in LANGUAGES:
        raise one_of("language", lang, list(LANGUAGES), zh="语言")
    kinds = {kind.kind: kind.name_zh if lang == "zh" else kind.kind for kind in areas.kinds(conn)}
    rows = [_worded(cells_of(rule), kinds, lang) for rule in _chosen(conn, chosen)]
    found = {
        words[0] if lang == "zh" else field: pa.array([row[field] or None for row in rows], pa.string())
        for field, words in columns(of_lanes=chosen.of_lanes).items()
    }
    what = "lanes" if chosen.of_lanes else "duties"
    audit.record(conn, "export.rules", f"{len(rows)} {what}", after={"table": chosen.table, "rows": len(rows)})
    return OutLayer(name=what, columns=found, geometry=np.full(len(rows), None, object), srid=city.srid)


def _worded(cells: dict[str, str], kinds: dict[str, str], lang: str) -> dict[str, str]:
    """Kinds, lanes and levels by their Chinese names, if that is the language."""
    named = {**cells, "area_kind": kinds.get(cells["area_kind"], cells["area_kind"])}
    if lang == "zh":
        named["kind"], named["lane"] = KINDS[cells["kind"]][0], LANE_WORDS[cells["lane"]][0]
        if cells.get("level"):
            named["level"] = LEVEL_WORDS[cells["level"]][0]
    return named
