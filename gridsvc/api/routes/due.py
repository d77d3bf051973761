"""`GET /api/v1/due`: when a problem is due, and why."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response

from gridsvc.api.dependencies import LONGEST_NAME, OPEN, Conn, Moment, TheCity
from gridsvc.api.problems import NOT_FOUND, RESPONSES
from gridsvc.api.streams import as_json
from gridsvc.casework.clocks import when_due

router = APIRouter(tags=["clocks"], responses=RESPONSES)


@router.get("/due", openapi_extra=OPEN, responses=NOT_FOUND)
def due(
    conn: Conn,
    city: TheCity,
    kind: Annotated[str, Query(max_length=LONGEST_NAME, description="component or event")],
    subclass_code: Annotated[
        str, Query(max_length=LONGEST_NAME, description="subclass of that kind in the catalogue, such as 0101")
    ],
    condition: Annotated[
        str | None,
        Query(
            max_length=200,
            description="the condition in Chinese or English, or a part that only one has; if not given, "
            "the shortest limit holds, provisionally",
        ),
    ] = None,
    at: Annotated[Moment | None, Query(description="when the limit begins, with its zone; now if not given")] = None,
) -> Response:
    """When disposal is due by the city's limits and working calendar, when each stage would be, and why."""
    return as_json(when_due(conn, city, kind, subclass_code, condition, at or datetime.now(UTC)).as_json())
