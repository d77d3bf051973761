"""Many reports at once, each with its own result: what is wrong with one does not keep the others out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from gridsvc.casework.intake import take_in
from gridsvc.casework.routing import Router
from gridsvc.domain.grid_index import GridIndex
from gridsvc.domain.reports import Report, check_not_to_come
from gridsvc.errors import InputError
from gridsvc.store import audit, casework
from gridsvc.store.city import City
from gridsvc.store.connection import Connection

MOST = 1_000
"""Reports of one call."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """What became of one of them; `number` counts from 1."""

    number: int
    id: UUID | None = None
    new: bool = False
    """False for one that was sent before."""
    state: str | None = None
    manual_reason: str | None = None
    linked_to: UUID | None = None
    error: str | None = None
    error_zh: str | None = None


def take_many(
    conn: Connection, city: City, given: Sequence[Report | InputError], *, index: GridIndex | None = None
) -> list[Result]:
    """Take in the reports that are right, in their order; an InputError stands where one could not be read."""
    router, now = Router(conn, city), datetime.now(UTC)
    checked = [_checked(router, one, now) for one in given]
    good = [one for one in checked if isinstance(one, Report)]
    with conn.transaction():
        known = casework.known_reports(conn, [report.id for report in good])
        taken = take_in(conn, city, good, index=index)
        counts = {"read": len(given), "new": taken.new, "unchanged": taken.repeated, "wrong": len(given) - len(good)}
        audit.record(conn, "report.bulk", f"{len(given)} reports", after=counts)
    told = casework.receipts(conn, [report.id for report in good])
    results = []
    for number, one in enumerate(checked, start=1):
        if isinstance(one, InputError):
            results.append(Result(number=number, error=str(one), error_zh=one.zh or None))
        else:
            results.append(Result(number=number, id=one.id, new=one.id not in known, **told[one.id]))
            known.add(one.id)
    return results


def _checked(router: Router, given: Report | InputError, now: datetime) -> Report | InputError:
    if isinstance(given, InputError):
        return given
    try:
        check_not_to_come("reported_at", given.reported_at, now)
        router.check_channel(1, given)
        router.check_known(given.kind, given.subclass_code)
        router.check_condition(given)
        router.places([given])
    except InputError as error:
        return error
    return given
