"""Rows whose attributes or places are wrong: one of each kind in a single file."""

import shapely

from tests.ingest.damaged import GRID, NEXT_GRID, Row, of_rows, spot
from tests.ingest.layers import CAR_PARK, FLOOD_WALL, TOWN


def row(damage: str, rule: str, severity: str = "error", words: str = "", /, **says: object) -> Row:
    return Row(damage=damage, rule=rule, severity=severity, words=words, says=says)


def whole(damage: str, rule: str, severity: str, words: str, /, **says: object) -> Row:
    return Row(damage=damage, rule=rule, severity=severity, whole=True, words=words, says=says)


def shaped(
    damage: str, rule: str, severity: str, words: str, shape: object, /, *also: tuple[str, str], **says: object
) -> Row:
    return Row(damage=damage, rule=rule, severity=severity, words=words, shape=shape, says=says, also=also)


def beside(shape: object, /, **says: object) -> Row:
    """A row that is as it should be, but for what comes after it."""
    return Row(damage="", shape=shape, says=says)


SAME = {"CODE": None, "PLACE": "同一盏灯"}
BORDER = TOWN.xy("b")[0]

TEXTS = of_rows(
    "texts",
    [
        row("code of 70 digits", "code_form", "error", "longer than 64", CODE="9" * 70),
        row("code in full-width digits", "code_plain", "warning", "'5107'", CODE="５１０７"),
        row("code as a float", "code_float", "error", "kept as a number", CODE="5.10703013700001e+15"),
        row("code with .0 behind it", "code_float", "error", "", CODE="510703013700.0"),
        row("code of another city", "code_district", "warning", "110101", CODE="1101010137000001"),
        row("code of another subclass", "code_subclass", "error", "Water-supply", CODE="5107030101000001"),
        Row(damage="code that stands twice", rule="code_once", words="at feature 2 already", says={"CODE": "５１０７"},
            also=(("code_plain", "warning"),)),
        whole("code of 18 digits", "code_other_scheme", "note", "of 18 digits", CODE="510703013700000001"),
        whole("code of no known scheme", "code_other_scheme", "note", "not of 16 digits", CODE="L-17"),
        whole("no code", "code_absent", "note", "such as feature 10", CODE=None),
        row("subclass that does not exist", "subclass_known", "error", "'9999' is not one of", KIND="9999"),
        row("no subclass", "subclass_given", "error", "", KIND=None),
        row("subclass code and name disagree", "subclass_name_agrees", "error", "Street lamp", NAME="上水井盖"),
        whole("name of no subclass", "subclass_name_known", "warning", "'灯杆'", NAME="灯杆"),
        row("state of no list", "state_known", "error", "'坏'", STATE="坏"),
        row("authority unknown", "department_known", "error", "authority 'C9'", DEPT="C9"),
        row("department by name", "department_known", "error", "'路灯管理所'", KEEPER="路灯管理所"),
        whole("owner not known to anybody", "party_known", "note", "owner is not known", OWNER="不明"),
        whole("HTML", "text_plain", "warning", "<b>东街</b>", PLACE="<b>东街</b>"),
        whole("text lost to question marks", "text_lost", "warning", "'????'", REMARK="????"),
        whole("text lost to a wrong conversion", "text_lost", "warning", "锟斤拷", PLACE="锟斤拷路"),
        row("control character", "readable", "error", "position", PLACE="东\x01街"),
        row("text of 4,001 characters", "text_length", "warning", "4,001", REMARK="字" * 4_001),
        row("date as nobody writes it", "date_readable", "error", "31.12.2019", SURVEYED="31.12.2019"),
        row("30 February", "date_readable", "error", "2019-02-30", CHANGED="2019-02-30"),
        row("date to come", "date_plausible", "warning", "2999-01-01", CHANGED="2999-01-01"),
        row("date that stands for none", "date_plausible", "warning", "1900", SURVEYED="1900-01-01"),
        row("changed before it was surveyed", "date_order", "warning", "2019-01-01", CHANGED="2019-01-01"),
        whole("no position", "attributes_given", "warning", "no position", PLACE=None),
        whole("no authority", "attributes_given", "warning", "no authority", DEPT=None),
        whole("no state", "attributes_complete", "note", "no state", STATE=None),
        whole("no date of survey", "attributes_complete", "note", "no surveyed_at", SURVEYED=None),
        row("grid that is not in force", "grid_known", "warning", "510703009009009", BGID="510703009009009"),
        row("grid that it is not in", "grid_holds", "error", f"it is in {GRID}", BGID=NEXT_GRID),
        whole("grid by the older scheme", "grid_compared", "note", "14 digits", BGID="51070300100101"),
        shaped(
            "just outside of its grid", "grid_beside", "warning", "0.60 m", shapely.Point(BORDER + 0.6, spot(1).y),
        ),
        beside(spot(38), **SAME),
        shaped("row twice", "duplicate", "error", "feature 37 and has the same", spot(38), **SAME),
        beside(spot(40)),
        shaped("two things at one place", "same_place", "warning", "place of feature 39", spot(40)),
        beside(spot(42)),
        shaped("two things near each other", "near", "warning", "0.30 m", spot(42, 0.3)),
    ],
)  # fmt: skip
"""A second place beside a row's own is that of the row which it is a copy of."""


def square(number: int, side: float = 10.0) -> shapely.Polygon:
    x, y = spot(number).coords[0]
    return shapely.box(x, y - side, x + side, y)


def drawn(number: int, *steps: tuple[float, float]) -> list[tuple[float, float]]:
    x, y = spot(number).coords[0]
    return [(x + east, y + north) for east, north in steps]


PARK = {"KIND": CAR_PARK, "NAME": "停车场", "CODE": None}
WALL = {"KIND": FLOOD_WALL, "NAME": "防汛墙", "CODE": None}
BOW_TIE = drawn(3, (0, 0), (10, -10), (10, 0), (0, -6))
PARTS, LARGE, OUTSIDE = ("one_component", "warning"), ("plausible_size", "warning"), ("inside_city", "error")
ZIGZAG = [(spot(1).x + 100 * (n % 2), spot(1).y - 100 - n / 10) for n in range(600)]

SHAPES = of_rows(
    "shapes",
    [
        shaped("no shape", "has_shape", "error", "", None),
        shaped("empty shape", "has_shape", "error", "", shapely.Point()),
        shaped("bow tie", "valid", "error", "Self-intersection", shapely.Polygon(BOW_TIE), **PARK),
        shaped(
            "small loop at a corner", "repaired", "repaired", "Self-intersection",
            shapely.Polygon(drawn(4, (0, 0), (10, 0), (10, -10), (0, -10), (0.2, -0.1), (-0.1, 0.1))), PARTS, **PARK,
        ),
        shaped(
            "ring that touches itself", "repaired", "repaired", "Ring Self-intersection",
            shapely.Polygon(drawn(5, (0, 0), (10, 0), (10, -10), (5, 0), (0, -10))), PARTS, **PARK,
        ),
        shaped(
            "hole outside of its polygon", "valid", "error", "Hole lies outside",
            shapely.Polygon(square(6).exterior, [square(7, 3.0).exterior]), **PARK,
        ),
        shaped("polygon where a point is asked for", "type_allowed", "error", "it is a Polygon", square(7)),
        shaped("line where a point is asked for", "type_allowed", "error", "it is a LineString",
               shapely.LineString(drawn(8, (0, 0), (5, 0)))),
        shaped("geometry collection", "type_allowed", "error", "it is a GeometryCollection",
               shapely.GeometryCollection([spot(9), square(9)]), PARTS, **PARK),
        Row(damage="point where a polygon is usual", rule="type_usual", severity="note", whole=True,
            words="usual type is polygon", says=PARK),
        Row(damage="multipart of one part", rule="single_part", severity="note", whole=True, words="such as feature 11",
            shape=shapely.MultiPoint([spot(11)])),
        shaped("multipart of two parts", "one_component", "warning", "has 2 parts",
               shapely.MultiPoint([spot(12), spot(12, 3.0)])),
        Row(damage="heights", rule="flat", severity="note", whole=True, words="heights (Z)",
            shape=shapely.Point(*spot(13).coords[0], 480.0)),
        Row(damage="points that stand twice in a row", rule="repeated_points", severity="note", whole=True,
            words="such as feature 14", shape=shapely.LineString(drawn(14, (0, 0), (0, 0), (9, 0))), says=WALL),
        shaped("line without length", "valid", "error", "Too few points",
               shapely.LineString(drawn(15, (0, 0), (0, 0))), ("has_extent", "error"), **WALL),
        shaped("line of 60 km in a small town", "plausible_size", "warning", "60 km long",
               shapely.LineString(ZIGZAG), **WALL),
        shaped("vertex at 0, 0", "within_city_size", "error", "wider than the whole city",
               shapely.LineString([(0, 0), *drawn(17, (0, 0), (1, 0))]), LARGE, OUTSIDE, **WALL),
        shaped("place far outside of the city", "inside_city", "error", "km outside the city",
               shapely.Point(480_000, 3_480_000), BGID=None),
        shaped("place at 0, 0", "inside_city", "error", "km outside the city", shapely.Point(0, 0), BGID=None),
        shaped("coordinate that is infinite", "finite", "error", "not a number",
               shapely.LineString([(float("inf"), 3_480_000), *drawn(20, (0, 0))]), **WALL),
        shaped("polygon of no area", "has_extent", "error", "has no length or area",
               shapely.Polygon(drawn(21, (0, 0), (5, 0), (9, 0))), ("valid", "error"), **PARK),
        *(beside(spot(n)) for n in range(22, 60)),
    ],
)  # fmt: skip
