"""The duty matrix and the lane rules, with overlaps, contradictions and holes planted on purpose."""

from collections.abc import Iterator
from dataclasses import dataclass

from synthetic.areas import Area, Areas
from synthetic.departments import ROOT, Department, bureau, office, platform

SPECIFICITY = {
    "": 0,
    "district": 10,
    "subdistrict": 20,
    "community": 30,
    "community_grid": 40,
    "patrol_grid": 45,
    "responsibility_grid": 50,
    "sub_grid": 60,
    "unit_grid": 70,
}
ALWAYS = ("2020-01-01", "")
OVER = ("2020-01-01", "2024-12-31")
LATER = ("2027-01-01", "")
MOST_UNIT_GRID_RULES = 200

# Event subclasses by the situation they serve.
BY_DISTRICT = {
    "0110": "HW", "0111": "HW", "0112": "HW", "0113": "SZ", "0117": "YL", "0118": "YL", "0125": "SL", "0126": "SL"
}  # fmt: skip
BY_SUBDISTRICT = ("0136", "0138", "0184")
BY_RESPONSIBILITY_GRID = "0192"
THREE_LEVELS = "0128"  # city, district and every second community
UNIT_GRID_CLASS = "01"  # class rule of some unit grids; a subclass rule of the whole city still wins
CITY_SUBCLASS = "0139"
TWO_PRIORITIES = "0203"
EXPIRED, NOT_YET = "0206", "0205"
TIE = "0306"  # contradiction in the first district only
HOLE_OUTSIDE_FIRST, HOLE_EVERYWHERE = "0602", "0604"
SELF_HANDLED = ("0107", "0137")
ENFORCED = ("0405", "0406", "0409")
ENFORCED_IN_FIRST = "0410"
UNMATCHED_COMPONENT = {"0305": "HW", "0403": "YL", "0213": "JT"}  # component subclass → bureau of the district
CLASS_LEADS = {
    "component": {"01": "CG", "02": "JJ", "03": "CG", "04": "YL", "05": "CG"},
    "event": {"01": "CG", "02": "CG", "03": "ZJ", "04": "CG", "05": "YJ"},
}


@dataclass(frozen=True)
class Rule:
    """A row of duties.csv; without lead, a row of lanes.csv."""

    rule: str
    kind: str
    class_code: str
    subclass_code: str
    area_kind: str
    area_code: str
    lane: str
    priority: int
    valid_from: str
    valid_to: str
    source: str
    lead: str = ""
    co_operating: str = ""
    supervising: str = ""


class _Book:
    """Collects rules and numbers them."""

    def __init__(self, letter: str, source: str) -> None:
        self.letter, self.source = letter, source
        self.rules: list[Rule] = []

    def add(
        self,
        what: tuple[str, str],
        where: tuple[str, str],
        who: tuple[str, str, str] = ("", "", ""),
        lane: str = "dispatched",
        priority: int = 10,
        valid: tuple[str, str] = ALWAYS,
    ) -> None:
        """Add a rule for (kind, class or subclass) in (area kind, area code)."""
        number = len(self.rules) + 1
        kind, code = what
        subclass = code if len(code) > 2 else ""
        row = (f"{self.letter}{number:04d}", kind, code[:2], subclass, *where, lane, priority, *valid)
        self.rules.append(Rule(*row, f"{self.source}第{number}条", *who))


CITY = ("", "")


def make_duties(areas: Areas, departments: dict[str, Department]) -> list[Rule]:
    """The matrix; a city-wide rule per class, above it the rules that depend on the area."""
    book = _Book("R", "示例市职责清单")
    for kind, leads in CLASS_LEADS.items():
        for class_code, lead in leads.items():
            book.add((kind, class_code), CITY, (f"{ROOT}-{lead}", "", ROOT))
    _add_by_area(book, areas, departments)
    _add_overlapping(book, areas, departments)
    _add_faults(book, areas)
    _add_other_lanes(book, areas, departments)
    return book.rules


def make_lanes(areas: Areas) -> list[Rule]:
    """Lane rules; what no rule names is `dispatched`."""
    book = _Book("L", "示例市处置方式清单")
    first = areas.by_kind["district"][0]
    for code in SELF_HANDLED:
        book.add(("event", code), CITY, lane="self")
    for code in ENFORCED:
        book.add(("event", code), CITY, lane="enforcement")
    book.add(("event", ENFORCED_IN_FIRST), ("district", first.code), lane="enforcement")
    return book.rules


def _each(areas: Areas, kind: str) -> Iterator[tuple[Area, tuple[str, str]]]:
    for area in areas.by_kind[kind]:
        yield area, (kind, area.code)


def _add_by_area(book: _Book, areas: Areas, departments: dict[str, Department]) -> None:
    for area, where in _each(areas, "district"):
        top = platform(area.code)
        for code, letters in BY_DISTRICT.items():
            book.add(("event", code), where, (bureau(area.code, letters), bureau(area.code, "ZF"), top))
        for code, letters in UNMATCHED_COMPONENT.items():
            book.add(("component", code), where, (bureau(area.code, letters), "", top))
    for area, where in _each(areas, "subdistrict"):
        town, law = office(area.code, departments), bureau(area.code[:6], "ZF")
        for code in BY_SUBDISTRICT:
            book.add(("event", code), where, (town, f"{law};{bureau(area.code[:6], 'HW')}", platform(area.code[:6])))
    for area, where in _each(areas, "responsibility_grid"):
        cleaners = bureau(area.code[:6], "HW")
        who = (cleaners, "", ROOT) if area.code[-1] in "13579" else (office(area.parent, departments), cleaners, ROOT)
        book.add(("event", BY_RESPONSIBILITY_GRID), where, who)


def _add_overlapping(book: _Book, areas: Areas, departments: dict[str, Department]) -> None:
    book.add(("event", THREE_LEVELS), CITY, (f"{ROOT}-HB", "", ROOT))
    for area, where in _each(areas, "district"):
        book.add(
            ("event", THREE_LEVELS), where, (bureau(area.code, "ZF"), f"{ROOT}-HB", platform(area.code)), priority=5
        )
        book.add(("event", NOT_YET), where, (bureau(area.code, "ZF"), "", ROOT), priority=90, valid=LATER)
    for area, where in list(_each(areas, "community"))[::2]:
        town = office(area.parent, departments)
        book.add(
            ("event", THREE_LEVELS), where, (town, bureau(area.code[:6], "ZF"), platform(area.code[:6])), priority=1
        )
        book.add(("event", EXPIRED), where, (town, "", ROOT), priority=99, valid=OVER)
    units = list(_each(areas, "unit_grid"))
    for area, where in units[:: max(10, len(units) // MOST_UNIT_GRID_RULES)]:
        book.add(("event", UNIT_GRID_CLASS), where, (bureau(area.code[:6], "SZ"), "", platform(area.code[:6])))
    book.add(("event", CITY_SUBCLASS), CITY, (f"{ROOT}-HB", f"{ROOT}-SJ", ROOT))
    book.add(("event", TWO_PRIORITIES), CITY, (f"{ROOT}-SJ", "", ROOT), priority=10)
    book.add(("event", TWO_PRIORITIES), CITY, (f"{ROOT}-ZR", f"{ROOT}-CG", ROOT), priority=20)


def _add_faults(book: _Book, areas: Areas) -> None:
    """Contradictions and holes."""
    for index, (area, where) in enumerate(_each(areas, "district")):
        book.add(("event", TIE), where, (bureau(area.code, "ZJ"), "", platform(area.code)))
        if index == 0:
            book.add(("event", TIE), where, (bureau(area.code, "ZF"), "", platform(area.code)))
            book.add(("event", HOLE_OUTSIDE_FIRST), where, (bureau(area.code, "ZF"), "", platform(area.code)))


def _add_other_lanes(book: _Book, areas: Areas, departments: dict[str, Department]) -> None:
    """Duties of the lanes `self` and `enforcement`; the dispatched ones beside them must not win."""
    for area, where in _each(areas, "subdistrict"):
        for code in SELF_HANDLED:
            who = (office(area.code, departments), "", platform(area.code[:6]))
            book.add(("event", code), where, who, lane="self")
    for area, where in list(_each(areas, "community"))[::3]:
        for code in SELF_HANDLED:
            book.add(("event", code), where, (bureau(area.code[:6], "HW"), "", ROOT), priority=50)
    for area, where in _each(areas, "district"):
        for code in (*ENFORCED, ENFORCED_IN_FIRST):
            law = (bureau(area.code, "ZF"), f"{ROOT}-JJ", platform(area.code))
            book.add(("event", code), where, law, lane="enforcement")
