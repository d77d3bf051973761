"""`/api/v1/areas`: kinds of area and their areas."""

from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from gridsvc.api.dependencies import LONGEST_NAME, OPEN, Conn, Limit, Moment, Offset, TheCity, When, needs
from gridsvc.api.files import FILES, Crs, Encoding, Form, layer_file
from gridsvc.api.problems import NOT_FOUND, RESPONSES
from gridsvc.areas.export import areas_layer, chosen_areas
from gridsvc.domain.access import Right
from gridsvc.errors import one_of
from gridsvc.files import RowLayer
from gridsvc.store import areas
from gridsvc.store.callers import be_patient

router = APIRouter(tags=["areas"], responses=RESPONSES)


@router.get("/areas", openapi_extra=OPEN, responses=NOT_FOUND)
def list_areas(
    conn: Conn,
    when: When,
    kind: Annotated[str | None, Query(max_length=LONGEST_NAME, description="area kind; none: list the kinds")] = None,
    limit: Limit = 100,
    offset: Offset = 0,
) -> dict[str, Any]:
    """Without a kind the kinds in use; with one its areas in force, or those of another time, by code."""
    areas.known(conn, when)
    kinds = areas.kinds_in_use(conn)
    if kind is None:
        return {"revision": areas.current_revision(conn), "kinds": kinds}
    if kind not in {known.kind for known in kinds}:
        raise one_of("area kind", kind, [known.kind for known in kinds])
    return {
        "kind": kind,
        "total": areas.area_count(conn, kind, when),
        "areas": areas.areas_page(conn, kind, when, limit=limit, offset=offset),
    }


@router.get(
    "/areas/export",
    dependencies=[Depends(needs(Right.EXPORT))],
    response_class=StreamingResponse,
    responses=FILES | NOT_FOUND,
)
def export_areas(
    conn: Conn,
    city: TheCity,
    kind: Annotated[str, Query(max_length=LONGEST_NAME, description="area kind, such as unit_grid")],
    form: Annotated[Form, Query(description="of the file")] = "gpkg",
    encoding: Encoding = "utf-8",
    revision: Annotated[
        int | None, Query(ge=1, lt=2**31, description="as this revision left them; none: those of today")
    ] = None,
    at: Annotated[Moment | None, Query(description="those in force at this time, with its zone")] = None,
    crs: Crs = None,
) -> StreamingResponse:
    """Areas of a kind as a file, with code, names, parent and area in m². That they were taken out is recorded."""
    be_patient(conn)
    chosen = chosen_areas(conn, kind, revision, at)

    def layer(folder: Path) -> RowLayer:
        return areas_layer(conn, city, chosen, folder)

    return layer_file(layer, form, encoding=encoding, crs=crs)
