"""`POST /api/v1/reports/bulk`: many reports at once, each with its own result."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gridsvc.api.dependencies import Conn, TheService, needs
from gridsvc.api.problems import RESPONSES, TOO_LARGE
from gridsvc.api.routes.reports import NewReport
from gridsvc.casework.bulk import MOST, Result, take_many
from gridsvc.domain.access import Right
from gridsvc.domain.reports import Report
from gridsvc.errors import InputError
from gridsvc.store import casework
from gridsvc.store.callers import acting
from gridsvc.store.connection import Connection

router = APIRouter(tags=["reports"], responses=RESPONSES | TOO_LARGE)


class Lot(BaseModel):
    """Reports in the order in which they are to count."""

    model_config = ConfigDict(extra="forbid")

    reports: list[dict[str, Any]] = Field(
        min_length=1, max_length=MOST, description=f"up to {MOST:,} reports, each as POST /reports takes it"
    )


@router.post("/reports/bulk", dependencies=[Depends(needs(Right.TAKE_IN))])
def add_reports(service: TheService, conn: Conn, given: Lot) -> dict[str, Any]:
    """Take in many reports: those that are right are stored, located and routed, in their order.

    Each has its result, by `number` from 1: its id and state, or the `error`. A report that was sent before is the same
    one again, and `new` is false.
    """
    read = [_report(one) for one in given.reports]
    with acting(conn, Right.TAKE_IN):
        taken = take_many(conn, service.city, read, index=service.index.now())
    results = _as_seen(conn, taken)
    wrong = sum(one.error is not None for one in results)
    return {"total": len(results), "wrong": wrong, "results": [asdict(one) for one in results]}


def _as_seen(conn: Connection, results: Sequence[Result]) -> list[Result]:
    """Of reports that the caller does not see no more than their ids and states."""
    seen = casework.known_reports(conn, [one.id for one in results if one.id])
    return [one if one.id in seen else replace(one, manual_reason=None, linked_to=None) for one in results]


def _report(given: Mapping[str, Any]) -> Report | InputError:
    """What cannot be read becomes the error that says why."""
    try:
        _check_texts(given)
        return Report(**NewReport.model_validate(given).model_dump())
    except ValidationError as error:
        first = error.errors()[0]
        return InputError(f"{'.'.join(map(str, first['loc'])) or 'the report'}: {first['msg']}")
    except InputError as error:
        return error


def _check_texts(given: Mapping[str, Any]) -> None:
    """What the database cannot hold as text."""
    for name, text in given.items():
        if isinstance(text, str) and ("\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text)):
            raise InputError(f"{name[:40]!a}: it holds a character that is no text", zh="文本中含有无效字符")
