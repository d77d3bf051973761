"""Areas together with what their change means for open cases: two rooms that edges bring together."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from psycopg_pool import ConnectionPool

from gridsvc.areas.apply import KEEP, REROUTE, Applied, Begun, apply_draft, begin_due
from gridsvc.areas.preview import Preview, preview
from gridsvc.casework.rerouting import proposals, reroute
from gridsvc.casework.routing import Router
from gridsvc.domain.location import Location
from gridsvc.errors import InputError
from gridsvc.store import audit
from gridsvc.store.callers import Origin, as_service
from gridsvc.store.casework import OpenCase
from gridsvc.store.city import City, the_city
from gridsvc.store.connection import Connection

ORIGIN = Origin(source="service", address="", request_id="")
logger = logging.getLogger("gridsvc.work")


def put_in_force(
    conn: Connection, draft_id: int, valid_from: datetime | None = None, *, cases: str = REROUTE
) -> Applied:
    """Apply a draft now or at a time to come; open cases follow, or are kept."""
    now = datetime.now(UTC)
    if valid_from is not None and valid_from < now:
        raise InputError(
            f"areas cannot change in the past ({valid_from:%Y-%m-%d %H:%M %Z}): problems were routed by those of then",
            zh=f"区划不能在过去的时间生效（{valid_from:%Y-%m-%d %H:%M %Z}）：当时的问题已按原区划分派",
        )
    return apply_draft(conn, draft_id, valid_from, cases=cases, follow=follow_cases)


def follow_cases(conn: Connection, begun: Begun) -> None:
    done = reroute(conn, the_city(conn), begun.reports, begun.revision, keep=begun.cases == KEEP)
    if done.passed_on or done.kept or done.to_desk:
        after = {"passed_on": done.passed_on, "kept": done.kept, "to_desk": done.to_desk}
        audit.record(conn, "areas.cases", f"revision {begun.revision}", after=after)


def begin_those_due(pool: ConnectionPool[Connection]) -> None:
    """All revisions whose time has come, one transaction each."""
    while True:
        with as_service(pool, ORIGIN) as conn:
            begun = begin_due(conn, follow_cases)
        if begun is None:
            return
        logger.info("areas begun", extra={"revision": begun.revision, "components": begun.components})


def preview_draft(conn: Connection, city: City, draft_id: int) -> Preview:
    def route(cases: Sequence[OpenCase], places: Sequence[Location]) -> list[dict[str, Any]]:
        found = proposals(conn, Router(conn, city), cases, list(places), datetime.now(UTC))
        return [
            {
                "case_id": proposal.case.case_id, "department": proposal.decision.lead,
                "lane": proposal.decision.lane, "manual_reason": proposal.decision.manual_reason,
            }
            for proposal in found
            if not proposal.by_hand
        ]  # fmt: skip

    return preview(conn, city, draft_id, route)
