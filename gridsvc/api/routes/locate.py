"""`GET /api/v1/locate`: the areas of a point, and who would be responsible there."""

from typing import Any

from fastapi import APIRouter, Response

from gridsvc.api.dependencies import OPEN, Conn, Kind, Lat, Lon, SubclassCode, TheCaller, TheService, When
from gridsvc.api.problems import NOT_FOUND, RESPONSES
from gridsvc.api.streams import as_json
from gridsvc.casework.routing import locate_point
from gridsvc.domain.access import Right
from gridsvc.domain.duty_words import Names
from gridsvc.domain.explaining import in_words
from gridsvc.domain.routing import Decision
from gridsvc.domain.timing import Timing, limit_json
from gridsvc.store.areas import known

router = APIRouter(tags=["locate"], responses=RESPONSES)


@router.get("/locate", openapi_extra=OPEN, responses=NOT_FOUND)
def locate(
    conn: Conn,
    caller: TheCaller,
    service: TheService,
    lon: Lon,
    lat: Lat,
    when: When,
    kind: Kind = None,
    subclass_code: SubclassCode = None,
) -> Response:
    """One area per kind with the distance to its edge; with kind and subclass_code also the departments, and why, and
    until when it would be due if it were registered at that moment (`provisional`: by the shortest limit).

    `hint` says if longitude and latitude seem to be exchanged. `at` is the time of the duties, too.
    """
    index = service.index.seen(caller.area_revision, when)
    known(conn, when)
    found = locate_point(
        conn, service.city, lon, lat, kind=kind, subclass_code=subclass_code, when=when, index=index,
        rules=service.rules, match=caller.may(Right.SEE_DETAILS),
    )  # fmt: skip
    decision = _decision(found.decision, service.rules.names) if found.decision else None
    due = _due(found.timing) if found.timing else None
    return as_json({**found.location.as_json(), "decision": decision, "due": due, "hint": found.hint})


def _due(timing: Timing) -> dict[str, Any]:
    return {
        "due_at": timing.due_at.isoformat() if timing.due_at else None,
        "condition": timing.condition,
        "limit": limit_json(timing.limit) if timing.limit else None,
        "provisional": timing.provisional,
        "reason": timing.reason,
    }


def _decision(decision: Decision, names: Names | None) -> dict[str, Any]:
    return {
        "lead": decision.lead,
        "co_operating": decision.co_operating,
        "supervising": decision.supervising,
        "lane": decision.lane,
        "rule": decision.rule,
        "confidence": decision.confidence,
        "manual_reason": decision.manual_reason,
        "explanation": decision.explanation,
        "explanation_text": in_words(decision.explanation, names=names),
    }
