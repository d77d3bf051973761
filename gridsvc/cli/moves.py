"""What a move on the command line is given, as NAME=VALUE."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from gridsvc.domain.cases import Asked
from gridsvc.domain.moves import Need
from gridsvc.errors import InputError, one_of
from gridsvc.store.city import City

YES_NO = {"yes": True, "no": False}


def asked_for(move: str, note: str | None, given: list[str], city: City) -> Asked:
    """Times are the city's unless they name a zone."""
    found: dict[str, Any] = {Need.NOTE.value: note}
    for text in given:
        name, sign, value = text.partition("=")
        if not sign or name not in list(Need):
            raise one_of("--given: what a move takes", name, [f"{need.value}=…" for need in Need])
        found[name] = _read(Need(name), value, city)
    return Asked(move=move, given=found)


def _read(name: Need, text: str, city: City) -> Any:
    def moment(text: str) -> datetime:
        at = datetime.fromisoformat(text)
        return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(city.time_zone))

    readers: dict[Need, Callable[[str], Any]] = {
        Need.PHOTOS_BEFORE: _ids, Need.PHOTOS_AFTER: _ids, Need.LIMIT: _limit, Need.STATUTORY_DUE: date.fromisoformat,
        Need.REVIEW_AT: moment, Need.CHANNEL_DUE_AT: moment, Need.INTO: int, Need.SATISFACTION: int,
        Need.SOLVED: YES_NO.__getitem__,
    }  # fmt: skip
    try:
        return readers.get(name, str)(text)
    except (ValueError, KeyError) as error:
        raise InputError(f"--given {name}={text}: write {HOW.get(name, 'another value')}") from error


def _ids(text: str) -> list[UUID]:
    return [UUID(each) for each in text.split(",")]


def _limit(text: str) -> dict[str, Any]:
    value, unit = text.split()
    return {"value": int(value), "unit": unit}


HOW = {
    Need.PHOTOS_BEFORE: "ids of pictures with commas between them",
    Need.PHOTOS_AFTER: "ids of pictures with commas between them",
    Need.LIMIT: "a number and a unit, such as '2 work_days'",
    Need.STATUTORY_DUE: "a day such as 2026-07-08",
    Need.REVIEW_AT: "a time such as 2026-07-08T08:00",
    Need.CHANNEL_DUE_AT: "a time such as 2026-07-08T08:00",
    Need.INTO: "the number of a case",
    Need.SATISFACTION: "1 to 5",
    Need.SOLVED: "yes or no",
}
