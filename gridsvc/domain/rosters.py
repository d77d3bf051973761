"""Rosters: the posts that a team template asks for in an area, who holds them, and what is missing."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gridsvc.errors import InputError

MOST_PEOPLE = 10_000


@dataclass(frozen=True, kw_only=True)
class Post:
    """A place in a team: so many people with this post and, where posts differ by service, this service."""

    post: str
    name_zh: str
    name_en: str
    service: str = ""
    service_zh: str = ""
    service_en: str = ""
    least: int
    most: int | None
    """None: as many as there are (the N of 1+3+5+N)."""
    leads: bool = False
    """An area has at most one at a time."""
    elsewhere: bool = True
    """Whoever holds it may hold it in another area too."""

    @property
    def key(self) -> tuple[str, str]:
        return self.post, self.service

    def name(self, place: int) -> str:
        """With its service; `place` 0: Chinese, 1: English."""
        if not self.service:
            return (self.name_zh, self.name_en)[place]
        return (f"{self.name_zh}（{self.service_zh}）", f"{self.name_en} ({self.service_en})")[place]


@dataclass(frozen=True, kw_only=True)
class Team:
    """A team template, such as 1+3+5+N."""

    template: str
    name_zh: str
    name_en: str
    source: str
    posts: tuple[Post, ...]

    def __post_init__(self) -> None:
        twice = [key for key, count in Counter(post.key for post in self.posts).items() if count > 1]
        if twice:
            raise InputError(f"template {self.template}: {' '.join(twice[0]).strip()} stands in it twice")
        for post in self.posts:
            _check_post(self.template, post)

    def find(self, post: str, service: str) -> Post | None:
        return next((one for one in self.posts if one.key == (post, service)), None)


def _check_post(template: str, post: Post) -> None:
    if not 0 <= post.least <= (MOST_PEOPLE if post.most is None else post.most) <= MOST_PEOPLE:
        raise InputError(
            f"template {template}: {post.name(1)} cannot be at least {post.least} and at most {post.most} people"
        )
    if post.leads and post.most != 1:
        raise InputError(f"template {template}: {post.name(1)} leads, so at most 1 person holds it")


@dataclass(frozen=True, kw_only=True)
class Gap:
    """So many people too few, or too many, with a post."""

    post: str
    service: str
    count: int


@dataclass(frozen=True, kw_only=True)
class Completeness:
    """Of the roster of one area."""

    area_code: str
    people: int
    missing: tuple[Gap, ...]
    surplus: tuple[Gap, ...]

    @property
    def complete(self) -> bool:
        return not self.missing and not self.surplus


def completeness(team: Team, area_code: str, held: Iterable[tuple[str, str]]) -> Completeness:
    """`held`: post and service of each entry of the area. What the template does not know is surplus."""
    counts = Counter(held)
    missing = [Gap(post=p.post, service=p.service, count=p.least - counts[p.key]) for p in team.posts]
    most = {p.key: counts[p.key] if p.most is None else p.most for p in team.posts}
    surplus = [
        Gap(post=post, service=service, count=count - most.get((post, service), 0))
        for (post, service), count in counts.items()
    ]
    return Completeness(
        area_code=area_code,
        people=counts.total(),
        missing=tuple(gap for gap in missing if gap.count > 0),
        surplus=tuple(gap for gap in surplus if gap.count > 0),
    )


@dataclass(frozen=True, kw_only=True)
class Seat:
    """Somebody on a post in an area for a time; `row` of the file that says so, None for what is in force already."""

    area_code: str
    post: str
    service: str
    person: str
    phone: str
    begin: datetime
    end: datetime | None
    row: int | None

    def meets(self, other: "Seat") -> bool:
        """Whether both are at the same time."""
        return (other.end is None or self.begin < other.end) and (self.end is None or other.begin < self.end)

    def same_person(self, other: "Seat") -> bool:
        """Names are the same, and no two telephone numbers tell them apart."""
        return self.person == other.person and (self.phone == other.phone or not self.phone or not other.phone)


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """Two entries that cannot both be; `what` is twice, leads or elsewhere."""

    what: str
    seat: Seat
    """Of a row."""
    other: Seat


def conflicts(team: Team, seats: Sequence[Seat]) -> Iterator[Conflict]:
    """The same person twice on a post of an area, two who lead one, and one who leads two though that is forbidden."""
    leading = {post.post for post in team.posts if post.leads}
    bound = {post.post for post in team.posts if not post.elsewhere}
    for what, key, among, wrong in (
        ("twice", lambda one: (one.area_code, one.post, one.service, one.person), None, Seat.same_person),
        ("leads", lambda one: (one.area_code, one.post), leading, _two_people),
        ("elsewhere", lambda one: (one.post, one.person), bound, _one_in_two_areas),
    ):
        held = _grouped((one for one in seats if among is None or one.post in among), key)
        yield from (Conflict(what=what, seat=seat, other=other) for seat, other in _pairs(held, wrong))


def _two_people(one: Seat, other: Seat) -> bool:
    return not one.same_person(other)


def _one_in_two_areas(one: Seat, other: Seat) -> bool:
    return one.area_code != other.area_code and one.same_person(other)


def _grouped(seats: Iterable[Seat], key: Callable[[Seat], object]) -> Mapping[object, list[Seat]]:
    groups: dict[object, list[Seat]] = defaultdict(list)
    for seat in seats:
        groups[key(seat)].append(seat)
    return groups


def _pairs(groups: Mapping[object, list[Seat]], wrong: Callable[[Seat, Seat], bool]) -> Iterator[tuple[Seat, Seat]]:
    """Each row of a file with the first other that is there at the same time and should not be."""
    for group in groups.values():
        for n, seat in enumerate(group):
            if seat.row is None:
                continue
            others = (one for m, one in enumerate(group) if m < n or one.row is None)
            found = next((one for one in others if seat.meets(one) and wrong(seat, one)), None)
            if found is not None:
                yield seat, found
