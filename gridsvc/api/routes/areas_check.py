"""`/api/v1/areas/check`: how well areas fit together, in force or as a draft would leave them."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from gridsvc.api.dependencies import LONGEST_NAME, Conn, Limit, Offset, TheCity, TheService, needs
from gridsvc.api.files import FILES, layer_file
from gridsvc.api.problems import CONFLICT, NOT_FOUND, RESPONSES
from gridsvc.domain.access import Right
from gridsvc.files import MEDIA_TYPES
from gridsvc.ingest.standing import Report
from gridsvc.ingest.standing_report import FORMS, as_json, findings_layer
from gridsvc.jobs.areas_check import record_export
from gridsvc.store.callers import acting, be_patient

router = APIRouter(
    tags=["areas"],
    responses=RESPONSES | NOT_FOUND | CONFLICT,
    dependencies=[Depends(needs(Right.CHANGE_AREAS))],
)
MEDIA = {MEDIA_TYPES[form].split(";")[0] for form in FORMS}
FORMS_OF_FINDINGS: dict[int | str, dict[str, Any]] = {
    200: FILES[200] | {"content": {name: kind for name, kind in FILES[200]["content"].items() if name in MEDIA}}
}
Kind = Annotated[str, Query(max_length=LONGEST_NAME, description="area kind, such as unit_grid")]
DraftId = Annotated[
    int | None, Query(ge=1, lt=2**63, description="as this draft would leave the areas; none: those in force")
]


def _report(conn: Conn, city: TheCity, service: TheService, kind: Kind, draft: DraftId = None) -> Report:
    be_patient(conn)
    with acting(conn, Right.CHANGE_AREAS):
        return service.checks.report(conn, city, kind, draft)


Checked = Annotated[Report, Depends(_report, scope="function")]


@router.get("/areas/check")
def check_areas(
    city: TheCity,
    report: Checked,
    draft: DraftId = None,
    severity: Annotated[
        Literal["error", "warning", "note"] | None, Query(description="only findings of this severity")
    ] = None,
    rule: Annotated[str | None, Query(max_length=LONGEST_NAME, description="only findings of this rule")] = None,
    limit: Limit = 100,
    offset: Offset = 0,
) -> dict[str, Any]:
    """Gaps, overlaps, wrong codes and parents and the like, worst first; places are WGS 84.

    `severities` and `rules` count all findings, `total` those that are asked for.
    """
    chosen = [one for one in report.findings if severity in (None, one.severity) and rule in (None, one.rule)]
    page = as_json(report, city.srid, chosen[offset : offset + limit])
    return {"draft": draft, "total": len(chosen), **page}


@router.get("/areas/check/export", response_class=StreamingResponse, responses=FORMS_OF_FINDINGS)
def export_findings(
    conn: Conn,
    city: TheCity,
    report: Checked,
    draft: DraftId = None,
    form: Annotated[Literal["csv", "xlsx", "gpkg", "geojson"], Query(description="of the file")] = "xlsx",
) -> StreamingResponse:
    """The same as a table or a map layer, a row per finding. That they were taken out is recorded."""
    record_export(conn, [report], draft)
    return layer_file(lambda _: findings_layer([report], city.srid, form), form, encoding="utf-8", crs=None)
