"""Which limit holds for a condition, and for what comes before and after disposal."""

import pytest

from gridsvc.domain.catalogue import LIMIT_UNITS, TimeLimit
from gridsvc.domain.clock import Limit, Unit
from gridsvc.domain.limits import ClockRules, Stage, limit_for
from gridsvc.errors import InputError, NotFoundError


def limit(value: int, unit: str, zh: str = "破损", en: str = "Damaged") -> TimeLimit:
    return TimeLimit(
        kind="component", subclass_code="0101", condition_zh=zh, condition_en=en, limit_value=value, limit_unit=unit,
        source="test", closing_zh="修复",
    )  # fmt: skip


COVER = [
    limit(2, "work_days", "盖板松动", "Rattling cover"),
    limit(4, "work_hours", "盖板破损面积大", "Damaged area"),
    limit(2, "urgent_hours", "盖板丢失", "Cover missing"),
]


def test_without_a_condition_the_shortest_is_provisional() -> None:
    chosen = limit_for(COVER, None)
    assert (chosen.limit, chosen.provisional) == (COVER[2], True)
    assert not limit_for(COVER[:1], None).provisional, "there is no other"


@pytest.mark.parametrize(("shorter", "longer"), [
    ((8, "urgent_hours"), (8, "work_hours")), ((8, "work_hours"), (2, "work_days")),
    ((2, "work_days"), (1, "natural_days")),
    ((24, "natural_hours"), (2, "natural_days")), ((7, "work_hours"), (1, "work_days")),
])  # fmt: skip
def test_which_is_shorter(shorter: tuple[int, str], longer: tuple[int, str]) -> None:
    pair = [limit(*longer), limit(*shorter)]
    assert limit_for(pair, None).limit == limit_for(pair[::-1], None).limit == pair[1]


@pytest.mark.parametrize("said", ["盖板破损面积大", "Damaged area", "damaged ", "破损"])
def test_a_condition_in_either_language_or_a_part_of_it(said: str) -> None:
    chosen = limit_for(COVER, said)
    assert (chosen.limit, chosen.provisional) == (COVER[1], False)
    assert chosen.runs == Limit(value=4, unit=Unit.WORK_HOURS)


@pytest.mark.parametrize("said", ["盖板", "cover", "tree", "", " "])
def test_conditions_of_which_there_are_none_or_several(said: str) -> None:
    with pytest.raises(InputError, match=r"choose one of: 盖板松动 \(Rattling cover\)") as caught:
        limit_for(COVER, said)
    assert "没有这样的情形" in caught.value.zh


def test_the_whole_text_comes_before_a_part() -> None:
    pair = [limit(1, "work_days", "破损", "Damaged"), limit(2, "work_days", "严重破损", "Badly damaged")]
    assert limit_for(pair, "破损").limit == pair[0]


def test_a_subclass_without_limit() -> None:
    with pytest.raises(NotFoundError, match="no time limit"):
        limit_for([], None)


def test_stages_run_always_only_where_disposal_is_urgent() -> None:
    rules = ClockRules(stages={Stage.ACCEPT: 60})
    urgent, usual = Limit(value=2, unit=Unit.URGENT_HOURS), Limit(value=2, unit=Unit.WORK_DAYS)
    assert rules.stage_limit(Stage.ACCEPT, usual) == Limit(value=60, unit=Unit.WORK_MINUTES)
    assert rules.stage_limit(Stage.DISPATCH, urgent) == Limit(value=15, unit=Unit.URGENT_MINUTES)
    slow = Limit(value=2, unit=Unit.NATURAL_DAYS)
    assert rules.stage_limit(Stage.DISPATCH, slow) == Limit(value=15, unit=Unit.WORK_MINUTES)
    assert [ClockRules().stage_limit(stage, usual).value for stage in Stage] == [15, 15, 30, 15, 30]


@pytest.mark.parametrize("minutes", [0, -5, 10_001])
def test_stage_limits_that_cannot_be(minutes: int) -> None:
    with pytest.raises(InputError, match="is not between"):
        ClockRules(stages={Stage.ACCEPT: minutes})


def test_every_unit_of_the_catalogue_is_one_of_clocks() -> None:
    assert set(LIMIT_UNITS) <= set(Unit)
