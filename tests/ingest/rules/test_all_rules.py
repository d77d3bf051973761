"""What holds of every rule, and of all of them on a large clean file."""

import time
from string import Formatter

import numpy as np
import pyarrow as pa
import pytest
import shapely

from gridsvc.ingest.rules import RULES, Lot, Rule, Whole
from tests.ingest.rules.lots import components, context, known_areas, lot, points, whole
from tests.sketch import ORIGIN, SRID

ROWS = 200_000
LOT = 65_536
SECONDS = 5.0
"""Of a processor; it takes less than one."""


def names(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def grouped(sentence: str) -> set[str]:
    """Numbers that are written with separators of thousands."""
    return {name for _, name, how, _ in Formatter().parse(sentence) if name and how and "," in how}


def by_name(rule: Rule) -> str:
    return rule.name


def test_no_two_rules_have_one_name() -> None:
    found = [rule.name for rule in RULES]
    assert sorted(found) == sorted(set(found))


@pytest.mark.parametrize("rule", RULES, ids=by_name)
def test_a_rule_speaks_both_languages_and_says_the_same_in_them(rule: Rule) -> None:
    assert all((rule.title, rule.title_zh, rule.says, rule.says_zh))
    assert bool(rule.hint) == bool(rule.hint_zh)
    assert rule.hint or rule.severity not in ("error", "warning"), "what should staff do about it?"
    assert names(rule.says) == names(rule.says_zh)
    assert names(rule.hint) == names(rule.hint_zh)
    assert grouped(rule.says) == grouped(rule.says_zh)
    for chinese in (rule.title_zh, rule.says_zh, *([rule.hint_zh] if rule.hint_zh else [])):
        assert any("\u4e00" <= character <= "\u9fff" for character in chinese)


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.targets != "areas"], ids=by_name)
def test_a_rule_finds_nothing_in_no_rows_and_in_good_ones(rule: Rule) -> None:
    for shapes in ([], points("14")):
        good = {
            "code": ["5107030137000001", "5107030137000002"][: len(shapes)], "authority": "LIGHT", "owner": "LIGHT",
            "maintainer": "LIGHT", "position": "人民路1号旁", "state": "intact", "surveyed_at": "2019-03-01",
            "changed_at": "2020-03-01", "unit_grid": ["510703001001001", "510703001001002"][: len(shapes)],
            "data_source": "实测", "subclass_name": "路灯",
        }  # fmt: skip
        data: Lot | Whole = whole(shapes, code=good["code"]) if rule.whole else lot(shapes, **good)
        assert list(rule.findings(data, context(near={"0599": 2.0}))) == []


def test_all_checks_of_a_large_clean_file_take_seconds_only() -> None:
    """The limit is generous: it catches a rule that loops over rows that are fine."""
    side, cells = 140, np.arange(140)
    x0, y0 = (axis.ravel() * 100.0 for axis in np.meshgrid(cells, cells))
    boxes = shapely.box(ORIGIN[0] + x0, ORIGIN[1] + y0, ORIGIN[0] + x0 + 100, ORIGIN[1] + y0 + 100)
    grid_codes = [f"510703{n:09d}" for n in range(len(boxes))]
    random = np.random.default_rng(7)
    x, y = random.uniform(1, side * 100 - 1, (2, ROWS))
    grid = (y // 100).astype(int) * side + (x // 100).astype(int)
    shapes = shapely.points(ORIGIN[0] + x, ORIGIN[1] + y)
    areas = known_areas(dict(zip(grid_codes, boxes, strict=True)))
    city = context(outline=shapely.union_all(boxes), areas_of=lambda _kind: areas, near={"0599": 0.05})
    codes = [f"5107030137{n:06d}" for n in range(ROWS)]
    days = (np.datetime64("2016-01-01") + random.integers(0, 2_000, ROWS)).astype(str).tolist()
    texts = {
        "code": codes, "surveyed_at": days, "changed_at": "2024-01-01", "state": "intact", "authority": "LIGHT",
        "unit_grid": [grid_codes[n] for n in grid], "owner": "LIGHT", "maintainer": "LIGHT", "data_source": "实测",
        "position": [f"人民路{n % 977}号旁" for n in range(ROWS)], "subclass_name": "路灯",
    }  # fmt: skip
    others = {f"其他{n}": [f"备注 {row % 9_973}，A & B（{n}）" for row in range(ROWS)] for n in range(12)}
    everything, all_of_it = lot(shapes, rest=others, **texts), whole(shapes, code=codes)
    lots = [_part(everything, start) for start in range(0, ROWS, LOT)]
    ours = [rule for rule in RULES if rule.applies(components())]
    began = time.process_time()
    found = {
        rule.name for rule in ours for data in ([all_of_it] if rule.whole else lots) for _ in rule.findings(data, city)
    }
    assert time.process_time() - began < SECONDS
    assert found <= {"near"}


def _part(data: Lot, start: int) -> Lot:
    part = slice(start, start + LOT)
    fields, rest = (
        {name: pa.array(texts.slice(start, LOT).to_pylist(), pa.string()) for name, texts in columns.items()}
        for columns in (data.fields, data.rest)
    )
    return Lot(
        layer=data.layer, first=start, source_layers=data.source_layers.slice(start, LOT), numbers=data.numbers[part],
        fields=fields, rest=rest, given=data.given[part], shapes=data.shapes[part], source_crs=SRID,
    )  # fmt: skip
