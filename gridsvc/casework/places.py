"""Places in words: an address or a name becomes ranked candidates, each with its source. Nothing is guessed."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from math import dist
from typing import Any

import numpy as np

from gridsvc.domain.addresses import Sought, house, sought
from gridsvc.domain.crs import project_one, unproject
from gridsvc.domain.reports import check_position
from gridsvc.errors import InputError
from gridsvc.store import places
from gridsvc.store.city import City
from gridsvc.store.connection import Connection
from gridsvc.store.places import Crossing, House, Named, Point

MOST, LOOKED_AT = 20, 200
"""Candidates that are told, and names that are looked at for them."""
FARTHEST_NEIGHBOURS = 500.0
"""Metres between two house numbers, beyond which nothing is said about those between them."""
LEAST = 0.3
"""Of the likeness of a candidate that is told."""
BETWEEN = 0.9
"""Of a place between two house numbers: likelier than any other number of the road."""
SURE = 0.999


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """Where an address may be; x and y in the city's CRS."""

    id: str
    """The same as long as its layer stays."""
    kind: str
    """address, place, road, crossing, or between: between two house numbers of the same side."""
    name: str
    score: float
    """1: it is called exactly so."""
    x: float
    y: float
    accuracy_m: float | None
    """How far from there it may be: of a road, its whole length."""
    layer: str
    file_name: str
    loaded_at: datetime
    note_zh: str = ""
    note_en: str = ""
    distance_m: float | None = None
    """From the place near which it was looked for."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """`certain`: the first candidate is called so, is no road as a whole, and is the only one of its kind."""

    asked: Sought
    certain: bool
    candidates: Sequence[Candidate]


def find_places(conn: Connection, city: City, text: str, near: tuple[float, float] | None = None) -> Found:
    """The likeliest first; `near`: longitude and latitude, which decides between equals."""
    asked = sought(text)
    if not asked.core:
        raise InputError(
            "the address says nothing: give a road, a house number or a name", zh="地址为空，请输入道路、门牌号或地名"
        )
    if near is not None:
        check_position("near", *near)
    place = project_one(city.srid, *near) if near is not None else None
    named = places.places_named(conn, city.srid, asked, place, LOOKED_AT)
    found = [*_crossings(conn, asked), *(_named(asked, one) for one in named)]
    if not any((one.road, one.number) == (asked.road, asked.number) for one in named if one.road):
        found += _between(conn, asked)
    ranked = sorted((_beside(one, place) for one in found), key=_rank)
    kept = [one for one in ranked if one.score >= LEAST]
    return Found(asked=asked, certain=_certain(asked, kept), candidates=kept[:MOST])


def as_json(city: City, found: Found) -> dict[str, Any]:
    lon, lat = unproject(
        city.srid, np.array([one.x for one in found.candidates]), np.array([one.y for one in found.candidates])
    )
    told = []
    for one, east, north in zip(found.candidates, lon, lat, strict=True):
        row = {name: value for name, value in asdict(one).items() if name not in ("x", "y")}
        told.append({**row, "score": round(one.score, 3), "lon": round(float(east), 9), "lat": round(float(north), 9)})
    return {"asked": found.asked.spelled, "certain": found.certain, "candidates": told}


def _rank(one: Candidate) -> tuple[float, float, str]:
    return -one.score, one.distance_m or 0.0, one.id


def _beside(one: Candidate, place: Point | None) -> Candidate:
    if place is None:
        return one
    return Candidate(**{**vars(one), "distance_m": round(dist(place, (one.x, one.y)), 1)})


def _certain(asked: Sought, candidates: Sequence[Candidate]) -> bool:
    sure = [one for one in candidates if one.score >= SURE and one.kind != "road"]
    return len(sure) == 1 and not asked.vague


def _named(asked: Sought, one: Named) -> Candidate:
    number_zh = f"，未找到 {asked.number} 号" if asked.number is not None and one.kind == "road" else ""
    number_en = f"; house number {asked.number} is not known" if number_zh else ""
    road = one.kind == "road"
    return Candidate(
        id=f"place:{one.id}", kind=one.kind, name=one.name, score=one.alike, x=one.x, y=one.y,
        accuracy_m=one.reach_m, layer=one.layer, file_name=one.file_name, loaded_at=one.loaded_at,
        note_zh=f"道路上的一点，不是门牌地址{number_zh}" if road else "",
        note_en=f"a point of the road, not of an address{number_en}" if road else "",
    )  # fmt: skip


def _crossings(conn: Connection, asked: Sought) -> Iterator[Candidate]:
    found: list[Crossing] = places.crossings(conn, asked.crossing, MOST) if asked.crossing else []
    for n, one in enumerate(found):
        yield Candidate(
            id=f"crossing:{one.one}:{one.other}:{n}", kind="crossing", name=f"{one.one_name} / {one.other_name}",
            score=one.alike, x=one.x, y=one.y, accuracy_m=places.CROSSING_GAP, layer=one.layer,
            file_name=one.file_name, loaded_at=one.loaded_at,
        )  # fmt: skip


def _between(conn: Connection, asked: Sought) -> Iterator[Candidate]:
    """Between two house numbers of the same side that are known, in proportion."""
    if asked.road is None or asked.number is None:
        return
    found: list[House] = places.houses_beside(conn, asked.road, asked.number)
    if (
        len(found) < 2
        or not 0 < (apart := dist((found[0].x, found[0].y), (found[1].x, found[1].y))) <= FARTHEST_NEIGHBOURS
    ):
        return
    low, high = found
    share = (asked.number - low.number) / (high.number - low.number)
    yield Candidate(
        id=f"between:{low.id}:{high.id}:{asked.number}", kind="between", name=house(asked.road, asked.number),
        score=BETWEEN, x=low.x + share * (high.x - low.x), y=low.y + share * (high.y - low.y),
        accuracy_m=round(apart * max(share, 1 - share), 1), layer=low.layer, file_name=low.file_name,
        loaded_at=low.loaded_at, note_zh=f"按 {low.number} 号与 {high.number} 号之间推算",
        note_en=f"reckoned between numbers {low.number} and {high.number}",
    )  # fmt: skip
