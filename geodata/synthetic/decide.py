"""The decision rules of the planted truth, in plain words in README.md; nothing of the product is used."""

from collections import defaultdict
from dataclasses import dataclass

from synthetic.areas import Areas
from synthetic.departments import FALLBACK, Department
from synthetic.duties import SPECIFICITY, Rule

DEFAULT_LANE = "dispatched"


@dataclass(frozen=True)
class Outcome:
    """Who answers, in which lane, by which rule; `reason` is set where a person must decide."""

    lane: str = ""
    lead: str = ""
    co_operating: str = ""
    supervising: str = ""
    rule: str = ""
    reason: str = ""


class Decider:
    """Applies lane rules and duty matrix to areas known from the construction."""

    def __init__(self, duties: list[Rule], lanes: list[Rule], departments: dict[str, Department]) -> None:
        self.duties, self.lanes = _by_subject(duties), _by_subject(lanes)
        self.departments = departments

    def lane(self, kind: str, subclass: str, areas: dict[str, str], day: str) -> str:
        """The lane of the best lane rule, else the default."""
        best = _best(self.lanes, kind, subclass, areas, day)
        return best[0].lane if best else DEFAULT_LANE

    def by_matrix(self, kind: str, subclass: str, areas: dict[str, str], day: str) -> Outcome:
        """Subclass before class, then specificity, then higher priority; a tie is a contradiction."""
        lane = self.lane(kind, subclass, areas, day)
        best = _best(self.duties, kind, subclass, areas, day, lane)
        if not best:
            return Outcome(lane, reason="nobody")
        if len(best) > 1:
            return Outcome(lane, reason="contradiction")
        rule = best[0]
        return Outcome(lane, rule.lead, rule.co_operating, rule.supervising, rule.rule)

    def by_component(self, lane: str, authority: str, owner: str, maintainer: str) -> Outcome:
        """Maintainer, else owner, if they work on the platform, else the authority, which always supervises."""
        if not owner:
            return Outcome(lane, FALLBACK, "", authority, "component:fallback")
        parties = (("maintainer", maintainer), ("owner", owner), ("authority", authority))
        role, lead = next((r, p) for r, p in parties if r == "authority" or (p and self.departments[p].on_platform))
        others = [p for p in dict.fromkeys((maintainer, owner)) if p and p not in (lead, authority)]
        return Outcome(lane, lead, ";".join(others), authority, f"component:{role}")


def lowest_codes(areas: Areas, cells: list[int]) -> dict[str, str]:
    """Kind → lowest code among the areas that cover any of these unit grids; "" where none does."""
    result = {}
    for kind, codes in areas.codes.items():
        found = {codes[cell] for cell in cells} - {""}
        if kind == "patrol_grid":
            found |= {areas.overlaps[cell] for cell in cells if cell in areas.overlaps}
        result[kind] = min(found, default="")
    return result


def _by_subject(rules: list[Rule]) -> dict[tuple[str, str], dict[tuple[str, str], list[Rule]]]:
    """(kind, subclass or class) → (area kind, area code) → rules."""
    table: dict[tuple[str, str], dict[tuple[str, str], list[Rule]]] = defaultdict(lambda: defaultdict(list))
    for rule in rules:
        table[rule.kind, rule.subclass_code or rule.class_code][rule.area_kind, rule.area_code].append(rule)
    return table


def _best(
    table: dict[tuple[str, str], dict[tuple[str, str], list[Rule]]],
    kind: str,
    subclass: str,
    areas: dict[str, str],
    day: str,
    lane: str | None = None,
) -> list[Rule]:
    """The rules of the highest rank that apply; more than one is a tie."""
    for subject in (subclass, subclass[:2]):
        places = table.get((kind, subject), {})
        for area_kind in sorted(SPECIFICITY, key=lambda k: -SPECIFICITY[k]):
            rules = places.get((area_kind, areas[area_kind] if area_kind else ""), [])
            fit = [r for r in rules if r.valid_from <= day <= (r.valid_to or "9999") and lane in (None, r.lane)]
            if fit:
                top = max(r.priority for r in fit)
                return [r for r in fit if r.priority == top]
    return []
