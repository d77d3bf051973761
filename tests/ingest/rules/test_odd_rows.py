"""Whatever a file holds, a rule says something or nothing, and never falls over."""

import re

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridsvc.domain.findings import Finding
from gridsvc.ingest.rules import RULES, Rule
from tests.ingest.rules.lots import BARRIER, LAMP, PARKING, TOWN, context, lot, whole

SHAPES = [
    None,
    shapely.Point(),
    shapely.GeometryCollection(),
    TOWN.point("1"),
    TOWN.point("7"),
    TOWN.line("14"),
    TOWN.polygon("14d"),
    TOWN.polygon("aebd"),
    shapely.MultiPoint([TOWN.point("1"), TOWN.point("4")]),
    shapely.GeometryCollection([TOWN.point("1"), TOWN.line("14")]),
    shapely.from_wkt("POINT ZM (470000 3480000 1 2)"),
    shapely.LineString([TOWN.xy("1"), TOWN.xy("1")]),
]
BAD_PLACES = [
    shapely.Point(np.inf, 1),
    shapely.Point(1, np.nan),
    shapely.Point(1e300, 1e300),
    shapely.LineString([(0, 0), (1e300, 1e300)]),
    shapely.box(0, 0, 1e300, 1e300),
]
TEXTS = [
    None, "x", "５", "{code}", "%s", "'\"<b>&amp;", "\ufffd", "锟斤拷", "a" * 4_001, "5107030137000001", "3.2e+15",
    "510703001001001", "51070300100101", "2020-01-01", "1900/1/1", "不明", "路灯", LAMP, BARRIER, PARKING, "\u200b",
]  # fmt: skip
FIELDS = [
    "code", "subclass_code", "subclass_name", "state", "authority", "owner", "maintainer", "position", "unit_grid",
    "surveyed_at", "changed_at", "note",
]  # fmt: skip
ROWS = st.lists(
    st.tuples(st.sampled_from([*SHAPES, *BAD_PLACES]), st.lists(st.sampled_from(TEXTS), min_size=12, max_size=12)),
    max_size=6,
)

NO_NUMBER = re.compile(r"\b(?:inf|nan)\b|\d{10,} (?:m|km)\b|(?:,\d{3}){5}")


def _sound(finding: Finding) -> bool:
    words = finding.message.replace("{code}", "")
    return bool(words and finding.message_zh) and "{" not in words and not NO_NUMBER.search(words)


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.targets != "areas"], ids=lambda rule: rule.name)
@settings(max_examples=40, deadline=None)
@given(rows=ROWS)
def test_a_rule_bears_whatever_a_file_holds(rule: Rule, rows: list[tuple[object, list[str | None]]]) -> None:
    shapes = [shape for shape, _ in rows]
    fields = {name: [texts[n] for _, texts in rows] for n, name in enumerate(FIELDS)}
    known = context(near={LAMP: 2.0})
    if rule.whole:
        places = [shape if shape in SHAPES else None for shape in shapes]
        data = whole(places, code=fields["code"], subclass_code=fields["subclass_code"], identity=[1] * len(rows))
        assert all(map(_sound, rule.findings(data, known)))
    else:
        assert all(map(_sound, rule.findings(lot(shapes, **fields), known)))
