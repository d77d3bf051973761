"""`/api/v1/imports/{id}/…`: what was found about an import's rows, and what promoting it would do."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import shapely
from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from gridsvc.api.dependencies import LONGEST_NAME, Conn, Limit, Offset, TheCity, TheService, needs
from gridsvc.api.files import blocks
from gridsvc.api.problems import NOT_FOUND, RESPONSES
from gridsvc.api.routes.import_models import BatchId
from gridsvc.domain.access import Right
from gridsvc.domain.findings import Finding
from gridsvc.files import MEDIA_TYPES
from gridsvc.ingest import deeds, preview
from gridsvc.ingest.boxes import degrees_of
from gridsvc.ingest.deeds import AFTER
from gridsvc.ingest.desk import the_batch
from gridsvc.ingest.drawing import in_degrees
from gridsvc.ingest.findings_file import FORMS, TITLES, write_findings
from gridsvc.jobs.desk import desk_of
from gridsvc.store import batches
from gridsvc.store.callers import acting, be_patient
from gridsvc.store.city import City
from gridsvc.store.previews import rejected_count

router = APIRouter(tags=["imports"], responses=RESPONSES | NOT_FOUND, dependencies=[Depends(needs(Right.IMPORT_DATA))])
FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file",
        "content": {
            MEDIA_TYPES[form].split(";")[0]: {"schema": {"type": "string", "format": "binary"}} for form in FORMS
        },
    }
}
Severity = Annotated[
    Literal["error", "warning", "repaired", "note"] | None, Query(description="only findings of this severity")
]


@router.get("/imports/{batch_id}/findings")
def list_findings(
    conn: Conn,
    city: TheCity,
    batch_id: BatchId,
    severity: Severity = None,
    rule: Annotated[str | None, Query(max_length=LONGEST_NAME, description="only findings of this rule")] = None,
    limit: Limit = 100,
    offset: Offset = 0,
) -> dict[str, Any]:
    """What the checks found, in the order of the file; `totals` are over all of it, `geometry` is WGS 84."""
    the_batch(conn, batch_id)
    totals = batches.finding_totals(conn, batch_id)
    found = batches.findings_of(conn, batch_id, severity=severity, rule=rule, limit=limit, offset=offset)
    chosen = [one for one in totals if severity in (None, one["severity"]) and rule in (None, one["rule"])]
    return {
        "total": sum(one["count"] for one in chosen),
        "totals": [_titled(one) for one in totals],
        "findings": _findings(found, city),
    }


@router.get("/imports/{batch_id}/findings/file", response_class=StreamingResponse, responses=FILE)
def findings_file(
    conn: Conn,
    city: TheCity,
    batch_id: BatchId,
    form: Annotated[Literal["csv", "xlsx", "gpkg"], Query(description="of the file")] = "xlsx",
    language: Annotated[Literal["zh", "en"], Query(description="of the texts")] = "zh",
) -> StreamingResponse:
    """The same as a table, or as a map layer with the bad geometry, to send back to the surveyor."""
    the_batch(conn, batch_id)
    be_patient(conn)
    with tempfile.TemporaryDirectory(prefix="gridsvc-findings-") as folder:
        file = Path(folder) / f"findings.{form}"
        write_findings(batches.all_findings(conn, batch_id), file, form, city.srid, language)
        stream = file.open("rb")  # what is open can be read on when its name is gone
    headers = {
        "Content-Disposition": f'attachment; filename="import-{batch_id}-findings.{form}"',
        "Content-Length": str(os.fstat(stream.fileno()).st_size),
    }
    return StreamingResponse(blocks(stream), media_type=MEDIA_TYPES[form], headers=headers)


@router.get("/imports/{batch_id}/changes")
def list_changes(
    conn: Conn,
    city: TheCity,
    service: TheService,
    batch_id: BatchId,
    action: Annotated[
        Literal["added", "changed", "unchanged", "gone", "retired", "ambiguous", "rejected"] | None,
        Query(description="only lines of this kind"),
    ] = None,
    limit: Limit = 100,
    offset: Offset = 0,
) -> dict[str, Any]:
    """What promoting would do to each component, in the order of the file, then those that are gone.

    Of a promoted import what it did: `added`, `changed` and `retired` components, as their versions tell it.
    """
    batch = the_batch(conn, batch_id)
    totals = batch["counts"].get("changes", {})
    if batch["state"] in AFTER:
        with acting(conn, Right.IMPORT_DATA):
            total, lines = deeds.changes_page(conn, batch, city.srid, action, limit, offset)
        return {"total": total, "totals": {**totals, "retired": batch["counts"].get("retired", 0)}, "changes": lines}
    folder = desk_of(service.settings, city).folder(batch_id)
    total, lines = preview.changes_page(folder, city.srid, action, limit, offset)
    return {"total": total, "totals": totals, "changes": lines}


@router.get("/imports/{batch_id}/features")
def list_features(
    conn: Conn,
    city: TheCity,
    service: TheService,
    batch_id: BatchId,
    bbox: Annotated[
        str | None, Query(max_length=200, description="west,south,east,north in degrees; none: everywhere")
    ] = None,
    zoom: Annotated[int | None, Query(ge=0, le=24, description="of the map that shows them")] = None,
    rows: Annotated[bool, Query(description="only rows of the file, not components that it lacks")] = False,
) -> dict[str, Any]:
    """Rows of the import as GeoJSON, up to 5,000 with their action and worst finding; once promoted, what it wrote.

    Where there are more, `cells` is true and the features are cells with their `count`, and `counts` by action and by
    severity of findings, so that nothing is left out in silence.
    """
    batch = the_batch(conn, batch_id)
    seen = degrees_of(bbox) if bbox else None
    if batch["state"] in AFTER:
        with acting(conn, Right.IMPORT_DATA):
            return deeds.features(conn, batch, city.srid, seen, zoom)
    folder = desk_of(service.settings, city).folder(batch_id)
    return preview.features(conn, folder, batch, city.srid, seen, zoom, only_rows=rows)


@router.get("/imports/{batch_id}/rejected")
def list_rejected(
    conn: Conn, city: TheCity, service: TheService, batch_id: BatchId, limit: Limit = 100, offset: Offset = 0
) -> dict[str, Any]:
    """Rows that are set aside, or would be, each with the reason and as it was in the file."""
    if the_batch(conn, batch_id)["state"] in AFTER:
        total, rows = rejected_count(conn, batch_id), batches.rejected_of(conn, batch_id, limit=limit, offset=offset)
    else:
        total, rows = preview.rejected_page(desk_of(service.settings, city).folder(batch_id), limit, offset)
    return {"total": total, "rejected": rows}


def _titled(total: Mapping[str, Any]) -> dict[str, Any]:
    title, title_zh = TITLES.get(total["rule"], (total["rule"], total["rule"]))
    return {**total, "title": title, "title_zh": title_zh}


def _findings(found: list[Finding], city: City) -> list[dict[str, Any]]:
    shapes = in_degrees(np.array([one.geom for one in found], dtype=object), city.srid)
    return [
        {name: said for name, said in vars(one).items() if name != "geom"}
        | {"geometry": None if shape is None else shapely.geometry.mapping(shape)}
        for one, shape in zip(found, shapes, strict=True)
    ]
