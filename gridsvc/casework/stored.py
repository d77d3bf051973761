"""What the explanation of a stored decision tells of the situation that it was made in."""

from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from typing import Any

from gridsvc.domain.location import AreaHit, Location, NearestArea
from gridsvc.domain.matching import Match
from gridsvc.domain.routing import Situation


def stored_situation(explanation: Mapping[str, Any], *, placed: bool) -> Situation:
    """Also of one from before components were matched."""
    return Situation(
        location=stored_location(explanation) if placed else None, accuracy_m=explanation.get("accuracy_m"),
        elsewhere=tuple(explanation.get("elsewhere", ())), match=stored_match(explanation),
    )  # fmt: skip


def stored_day(explanation: Mapping[str, Any], reported_at: datetime, zone: tzinfo) -> date:
    """The day that the rules had to be in force; decisions of older releases do not tell it."""
    told = explanation.get("day")
    return date.fromisoformat(told) if told else reported_at.astimezone(zone).date()


def stored_match(explanation: Mapping[str, Any]) -> Match | None:
    match = explanation.get("component")
    return Match.of_json(match) if match else None


def stored_location(explanation: Mapping[str, Any]) -> Location:
    """The location that an explanation tells of; area ids are not part of it."""
    hits = {
        area["kind"]: AreaHit(
            kind=area["kind"], area_id=0, code=area["code"], name_zh=area["name_zh"], name_en=area["name_en"],
            edge_distance=area["edge_distance_m"], on_boundary=area["on_boundary"], overlap=area["overlap"],
        )
        for area in explanation["areas"]
    }  # fmt: skip
    outside = {
        near["kind"]: NearestArea(
            kind=near["kind"], code=near["nearest_code"], name_zh=near["name_zh"], name_en=near["name_en"],
            distance=near["distance_m"],
        )
        for near in explanation["outside"]
    }  # fmt: skip
    return Location(hits=hits, outside=outside)
