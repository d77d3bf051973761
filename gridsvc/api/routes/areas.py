"""`/api/v1/areas`: kinds of area and their areas."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from gridsvc.api.dependencies import LONGEST_NAME, OPEN, Conn, Limit, Offset
from gridsvc.api.problems import RESPONSES
from gridsvc.errors import one_of
from gridsvc.store import areas

router = APIRouter(tags=["areas"], responses=RESPONSES)


@router.get("/areas", openapi_extra=OPEN)
def list_areas(
    conn: Conn,
    kind: Annotated[str | None, Query(max_length=LONGEST_NAME, description="area kind; none: list the kinds")] = None,
    limit: Limit = 100,
    offset: Offset = 0,
) -> dict[str, Any]:
    """Without a kind the kinds in use; with one its areas in force, by code."""
    kinds = areas.kinds_in_use(conn)
    if kind is None:
        return {"revision": areas.current_revision(conn), "kinds": kinds}
    if kind not in {known.kind for known in kinds}:
        raise one_of("area kind", kind, [known.kind for known in kinds])
    return {
        "kind": kind,
        "total": areas.area_count(conn, kind),
        "areas": areas.areas_page(conn, kind, limit=limit, offset=offset),
    }
