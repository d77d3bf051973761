"""Team templates, what is missing by them, and entries that cannot both be."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridsvc.domain.rosters import Gap, Post, Seat, Team, completeness, conflicts
from gridsvc.errors import InputError

DAY = datetime(2026, 6, 1, tzinfo=UTC)


def post(code: str, least: int, most: int | None, service: str = "", **given: Any) -> Post:
    return Post(
        post=code, service=service, name_zh=code, name_en=code, service_zh=service, service_en=service, least=least,
        most=most, **given,
    )  # fmt: skip


def team(*posts: Post) -> Team:
    return Team(template="test", name_zh="试", name_en="Test", source="test", posts=posts)


LOUDI = team(
    post("head", 1, 1, leads=True, elsewhere=False), post("coordinator", 3, 3),
    post("professional", 1, 1, "greening"), post("professional", 1, 1, "lighting"), post("partner", 0, None),
)  # fmt: skip
FULL = [("head", ""), *[("coordinator", "")] * 3, ("professional", "greening"), ("professional", "lighting")]


def test_a_full_team_is_complete_whatever_its_partners() -> None:
    assert completeness(LOUDI, "G1", FULL).complete
    found = completeness(LOUDI, "G1", [*FULL, *[("partner", "")] * 9])
    assert found.complete
    assert found.people == 15


def test_what_is_missing_and_what_is_too_much() -> None:
    found = completeness(LOUDI, "G1", [("head", ""), ("head", ""), ("coordinator", ""), ("professional", "water")])
    assert found.missing == (
        Gap(post="coordinator", service="", count=2), Gap(post="professional", service="greening", count=1),
        Gap(post="professional", service="lighting", count=1),
    )  # fmt: skip
    assert found.surplus == (
        Gap(post="head", service="", count=1),
        Gap(post="professional", service="water", count=1),
    )


@given(st.lists(st.sampled_from([*(one.key for one in LOUDI.posts), ("driver", ""), ("professional", "water")])))
def test_filling_what_is_missing_and_sending_home_what_is_too_much_completes(held: list[tuple[str, str]]) -> None:
    found = completeness(LOUDI, "G1", held)
    missing, surplus = ({(g.post, g.service): g.count for g in gaps} for gaps in (found.missing, found.surplus))
    mended = Counter(held) + Counter(missing) - Counter(surplus)
    assert completeness(LOUDI, "G1", mended.elements()).complete
    assert not set(missing) & set(surplus)
    assert found.people == len(held)


@pytest.mark.parametrize(("posts", "cause"), [
    ((post("head", 2, 1),), "cannot be at least 2 and at most 1"),
    ((post("head", -1, 1),), "cannot be at least -1"),
    ((post("head", 1, 2, leads=True),), "head leads, so at most 1 person holds it"),
    ((post("m", 1, 1, "water"), post("m", 0, None, "water")), "m water stands in it twice"),
])  # fmt: skip
def test_templates_that_make_no_sense(posts: tuple[Post, ...], cause: str) -> None:
    with pytest.raises(InputError, match=cause):
        team(*posts)


def seat(person: str, *, area: str = "G1", code: str = "head", row: int | None = None, **given: Any) -> Seat:
    return Seat(**{
        "area_code": area, "post": code, "service": "", "person": person, "phone": "", "begin": DAY, "end": None,
        "row": row, **given,
    })  # fmt: skip


NEXT = DAY + timedelta(days=30)


@pytest.mark.parametrize(("seats", "found"), [
    ([seat("Li", row=2), seat("Wang", row=3, area="G2")], []),
    ([seat("Li", row=2), seat("Li", row=3)], [("twice", 3)]),
    ([seat("Li", row=2, phone="1"), seat("Li", row=3, phone="2")], [("leads", 3)]),
    ([seat("Li", row=2, code="partner", phone="1"), seat("Li", row=3, code="partner", phone="2")], []),
    ([seat("Li", row=2), seat("Wang", row=3)], [("leads", 3)]),
    ([seat("Li", row=2, end=NEXT), seat("Wang", row=3, begin=NEXT)], []),
    ([seat("Li", row=2, end=NEXT), seat("Wang", row=3, begin=NEXT - timedelta(1))], [("leads", 3)]),
    ([seat("Li", row=2), seat("Li", row=3, area="G2")], [("elsewhere", 3)]),
    ([seat("Li", row=2, phone="1"), seat("Li", row=3, area="G2", phone="2")], []),
    ([seat("Li", row=2, phone="1"), seat("Li", row=3, area="G2")], [("elsewhere", 3)]),
    ([seat("Li", row=2, code="coordinator"), seat("Li", row=3, code="coordinator", area="G2")], []),
    ([seat("Li", area="G2"), seat("Li", row=2)], [("elsewhere", 2)]),
    ([seat("Li", area="G2"), seat("Li", area="G3")], []),
])  # fmt: skip
def test_who_cannot_be_on_a_post(seats: list[Seat], found: list[tuple[str, int]]) -> None:
    assert [(one.what, one.seat.row) for one in conflicts(LOUDI, seats)] == found
