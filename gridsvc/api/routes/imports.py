"""`/api/v1/imports`: the desk of imports. What takes long is done by a worker; answers say what it is at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, status
from starlette.concurrency import run_in_threadpool

from gridsvc.api import uploads
from gridsvc.api.dependencies import (
    LONGEST_NAME,
    CallerAlone,
    Conn,
    Limit,
    Offset,
    TheCaller,
    TheCity,
    TheOrigin,
    TheService,
    needs,
)
from gridsvc.api.problems import CONFLICT, NOT_FOUND, RESPONSES, TOO_LARGE
from gridsvc.api.routes.import_models import (
    Asked,
    BatchId,
    Definition,
    Imports,
    ImportShown,
    Received,
    Suggestion,
)
from gridsvc.domain.access import Right
from gridsvc.ingest import desk as ingest
from gridsvc.ingest.defining import check_definition
from gridsvc.ingest.meanings.profiles import save_profile
from gridsvc.ingest.meanings.suggestion import columns_of, suggest
from gridsvc.ingest.uploads import keep_parts
from gridsvc.jobs import desk as jobs
from gridsvc.store import batches
from gridsvc.store.callers import Caller, Origin, acting
from gridsvc.store.connection import Connection
from gridsvc.store.previews import account_names, revisions_in_force

sending = APIRouter(tags=["imports"], responses=RESPONSES)
"""Without a transaction while something is sent."""
router = APIRouter(tags=["imports"], responses=RESPONSES, dependencies=[Depends(needs(Right.IMPORT_DATA))])
MOST_LAYERS = 10_000
"""Characters of names of layers in a question."""
HIDDEN = ("sample",)
FILES: dict[str, Any] = {
    "type": "object",
    "required": [uploads.FIELD],
    "properties": {
        uploads.FIELD: {
            "type": "array", "items": {"type": "string", "format": "binary"},
            "description": "one file, or the parts of shapefiles (.shp, .shx, .dbf, .prj, .cpg)",
        }
    },
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A file among the uploads."""

    name: str
    digest: str
    file: Path


async def _sent(request: Request, caller: CallerAlone, service: TheService) -> Kept:
    """Received and kept before the transaction: neither a slow line nor a large file keeps a connection."""
    caller.check(Right.IMPORT_DATA)
    settings = service.settings
    with uploads.incoming(settings.uploads) as folder:
        parts = await uploads.received(request, folder)
        name, digest, file = await run_in_threadpool(keep_parts, parts, settings.uploads, settings.import_limits)
        return Kept(name=name, digest=digest, file=file)


@sending.post(
    "/imports",
    status_code=status.HTTP_201_CREATED,
    responses=TOO_LARGE,
    openapi_extra={"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": FILES}}}},
)
def bring_in(sent: Annotated[Kept, Depends(_sent)], conn: Conn, caller: TheCaller, origin: TheOrigin) -> Received:
    """Bring in a file; its inspection is queued at once."""
    with acting(conn, Right.IMPORT_DATA):
        batch_id = ingest.enter(conn, sent.name, sent.digest, sent.file)
        work = _asked(conn, batch_id, "inspect", caller, origin)
    return Received.model_validate({"id": batch_id, "file_name": sent.name, "work": work})


@router.get("/imports")
def list_imports(conn: Conn, limit: Limit = 100, offset: Offset = 0) -> Imports:
    """Imports with who brought them and when, newest first."""
    with acting(conn, Right.IMPORT_DATA):
        found, total = batches.batches(conn, limit=limit, offset=offset), batches.batch_count(conn)
        works = jobs.states_of(conn, found)
        return Imports.model_validate({"total": total, "imports": _shown(conn, found, works)})


@router.get("/imports/{batch_id}", responses=NOT_FOUND)
def get_import(conn: Conn, batch_id: BatchId) -> ImportShown:
    """One import with what is known of its file, what it means, and how far the work on it is."""
    with acting(conn, Right.IMPORT_DATA):
        batch = ingest.the_batch(conn, batch_id)
        (shown,) = _shown(conn, [batch], [jobs.state_of(conn, batch)])
    return ImportShown.model_validate({**shown, "inspection": _inspection(batch["inspection"])})


@router.get("/imports/{batch_id}/suggestion", responses=NOT_FOUND | CONFLICT)
def get_suggestion(
    conn: Conn,
    service: TheService,
    city: TheCity,
    batch_id: BatchId,
    target: Annotated[str, Query(max_length=LONGEST_NAME, description="components, or an area kind")] = "components",
    layers: Annotated[
        str, Query(max_length=MOST_LAYERS, description="names of layers of the file, one a line; none: all of them")
    ] = "",
    encoding: Annotated[str | None, Query(max_length=LONGEST_NAME, description="of the attribute table")] = None,
) -> Suggestion:
    """What columns and values of the file may mean, with reasons, and saved profiles that fit it."""
    desk, chosen = jobs.desk_of(service.settings, city), [name for name in layers.split("\n") if name]
    with acting(conn, Right.IMPORT_DATA):
        batch = ingest.the_batch(conn, batch_id)
        return Suggestion.model_validate(suggest(conn, desk, batch, target, chosen, encoding or None))


@router.put(
    "/imports/{batch_id}/definition",
    status_code=status.HTTP_202_ACCEPTED,
    responses=NOT_FOUND | CONFLICT | TOO_LARGE,
)
def define(
    conn: Conn,
    service: TheService,
    city: TheCity,
    caller: TheCaller,
    origin: TheOrigin,
    batch_id: BatchId,
    given: Definition,
) -> Asked:
    """Say what the file means; its check is queued. Refused while the import is at work."""
    scope = given.scope.scope() if given.scope else None
    desk = jobs.desk_of(service.settings, city)
    with acting(conn, Right.IMPORT_DATA):
        jobs.check_free(conn, batch_id)
        batch = ingest.open_batch(conn, batch_id)
        layer = check_definition(conn, given.as_layer(), scope)
        if given.save_as:
            _save(conn, given.save_as, batch, given, caller)
        ingest.decide(conn, desk, batch_id, layer, scope=scope, gone=given.gone)
        return _ask(conn, batch_id, "check", caller, origin)


@router.post("/imports/{batch_id}/check", status_code=status.HTTP_202_ACCEPTED, responses=NOT_FOUND | CONFLICT)
def check(conn: Conn, caller: TheCaller, origin: TheOrigin, batch_id: BatchId) -> Asked:
    """Check it again, and compare it with the store as it is by then."""
    with acting(conn, Right.IMPORT_DATA):
        return _ask(conn, batch_id, "check", caller, origin)


@router.post("/imports/{batch_id}/inspect", status_code=status.HTTP_202_ACCEPTED, responses=NOT_FOUND | CONFLICT)
def inspect(conn: Conn, caller: TheCaller, origin: TheOrigin, batch_id: BatchId) -> Asked:
    """Look at the file again, where the first look was lost, cancelled or failed."""
    with acting(conn, Right.IMPORT_DATA):
        return _ask(conn, batch_id, "inspect", caller, origin)


@router.post("/imports/{batch_id}/promote", status_code=status.HTTP_202_ACCEPTED, responses=NOT_FOUND | CONFLICT)
def promote(conn: Conn, caller: TheCaller, origin: TheOrigin, batch_id: BatchId) -> Asked:
    """Put a checked import into the store: components into the inventory, areas into a draft."""
    with acting(conn, Right.IMPORT_DATA):
        return _ask(conn, batch_id, "promote", caller, origin)


@router.post("/imports/{batch_id}/rollback", status_code=status.HTTP_202_ACCEPTED, responses=NOT_FOUND | CONFLICT)
def roll_back(conn: Conn, caller: TheCaller, origin: TheOrigin, batch_id: BatchId) -> Asked:
    """Make again what it was what the import changed; refused where later changes rest on it."""
    with acting(conn, Right.IMPORT_DATA):
        return _ask(conn, batch_id, "rollback", caller, origin)


@router.post("/imports/{batch_id}/cancel", responses=NOT_FOUND | CONFLICT)
def cancel(conn: Conn, batch_id: BatchId) -> Asked:
    """End the step that waits or runs; the import then stands as before it."""
    with acting(conn, Right.IMPORT_DATA):
        return Asked.model_validate({"id": batch_id, "work": jobs.cancel(conn, batch_id)})


@router.post("/imports/{batch_id}/drop", responses=NOT_FOUND | CONFLICT)
def drop(conn: Conn, service: TheService, city: TheCity, batch_id: BatchId) -> dict[str, Any]:
    """Give an import up that was not promoted; its file and findings stay."""
    with acting(conn, Right.IMPORT_DATA):
        jobs.check_free(conn, batch_id)
        ingest.drop(conn, jobs.desk_of(service.settings, city), batch_id)
    return {"id": batch_id, "state": "dropped"}


def _ask(conn: Connection, batch_id: int, step: str, caller: Caller, origin: Origin) -> Asked:
    return Asked.model_validate({"id": batch_id, "work": _asked(conn, batch_id, step, caller, origin)})


def _asked(conn: Connection, batch_id: int, step: str, caller: Caller, origin: Origin) -> dict[str, Any]:
    assert caller.name is not None  # nobody without an account has the right
    return jobs.request(conn, batch_id, step, caller.name, origin)


def _save(conn: Connection, name: str, batch: Mapping[str, Any], given: Definition, caller: Caller) -> None:
    layers = batch["inspection"].get("layers", [])
    meant = [layer for layer in layers if not given.source_layers or layer["name"] in given.source_layers]
    save_profile(conn, name, given.as_layer(), columns_of(meant), caller.account_id)


def _shown(
    conn: Connection, found: Sequence[Mapping[str, Any]], works: Sequence[Mapping[str, Any] | None]
) -> list[dict[str, Any]]:
    names = account_names(conn, [one["account_id"] for one in found if one["account_id"] is not None])
    nobody = {"name": None, "display_name": None}
    who = [names.get(one["account_id"], nobody) for one in found]
    revisions = revisions_in_force(conn, [one["id"] for one in found])
    return [
        {
            **one, "account": person["name"], "who": person["display_name"] or person["name"], "work": work,
            "in_force": revisions.get(one["id"]),
        }
        for one, person, work in zip(found, who, works, strict=True)
    ]  # fmt: skip


def _inspection(found: Mapping[str, Any]) -> dict[str, Any]:
    """Without the points by which the coordinate system was proved; of photos how many there are."""
    layers = [{name: one for name, one in layer.items() if name not in HIDDEN} for layer in found.get("layers", [])]
    return {**found, "layers": layers, "photos": len(found.get("photos", []))} if found else {}
