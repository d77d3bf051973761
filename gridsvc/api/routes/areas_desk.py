"""`/api/v1/areas/drafts` and `/areas/revisions`: changing areas; every deed is a draft before it counts."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import shapely
from fastapi import APIRouter, Depends, Query, Response, status
from fastapi import Path as InPath
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from gridsvc.api.dependencies import (
    LONGEST_NAME,
    Conn,
    Limit,
    Moment,
    Offset,
    TheCaller,
    TheCity,
    needs,
)
from gridsvc.api.files import FILES, Crs, Encoding, Form, layer_file
from gridsvc.api.problems import CONFLICT, NOT_FOUND, RESPONSES
from gridsvc.areas.apply import call_off
from gridsvc.areas.drafting import merging, realigning, splitting, unit_grids
from gridsvc.areas.preview import as_json
from gridsvc.areas.preview_files import preview_layer
from gridsvc.domain.access import Right
from gridsvc.errors import ForbiddenError, NotFoundError
from gridsvc.files import RowLayer
from gridsvc.ingest.drawing import in_degrees
from gridsvc.ingest.written_shapes import shapes_from_geojson
from gridsvc.jobs.areas import preview_draft, put_in_force
from gridsvc.store import audit, drafts
from gridsvc.store.callers import Caller, acting, be_patient
from gridsvc.store.city import City
from gridsvc.store.connection import Connection

router = APIRouter(tags=["areas"], responses=RESPONSES | NOT_FOUND, dependencies=[Depends(needs(Right.CHANGE_AREAS))])
DraftId = Annotated[int, InPath(ge=1, lt=2**63)]
Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
Codes = Annotated[list[Name], Field(min_length=1, max_length=5_000, description="codes of areas")]
Some = Annotated[list[Name] | None, Field(max_length=5_000, description="codes; none: all")]
GeoJson = Annotated[dict[str, Any] | None, Field(description="GeoJSON, longitude and latitude")]


class _Deed(BaseModel):
    model_config = ConfigDict(extra="forbid")
    kind: Name = Field(description="area kind, such as unit_grid")


class Draw(_Deed):
    """Draw grids anew in their parents."""

    deed: Literal["draw"]
    within: Some = None
    target_m2: float = Field(10_000, allow_inf_nan=False, description="of a grid, about")
    lines: GeoJson = None
    buildings: GeoJson = None

    def make(self, conn: Connection, city: City) -> int:
        return unit_grids.draft_grids(
            conn, city, kind=self.kind, within=self.within, target_m2=self.target_m2,
            lines=shapes_from_geojson(self.lines, city.srid, "LineString") if self.lines else (),
            keep_whole=shapes_from_geojson(self.buildings, city.srid, "Polygon") if self.buildings else (),
        )  # fmt: skip


class Split(_Deed):
    """Divide areas into balanced parts of a kind inside it, or in place of them."""

    deed: Literal["split"]
    codes: Some = None
    into: Name | None = Field(None, description="area kind of the parts; none: they take the place of the areas")
    parts: int = 4
    by: Literal["area", "components", "reports"] = "area"

    def make(self, conn: Connection, city: City) -> int:
        return splitting.split_areas(
            conn, city, self.kind, into=self.into, codes=self.codes, parts=self.parts, by=self.by
        )


class Merge(_Deed):
    """Make one area of several that touch."""

    deed: Literal["merge"]
    codes: Codes
    code: Name | None = Field(None, description="of the new area; none: the next one")
    name: Name | None = None

    def make(self, conn: Connection, city: City) -> int:
        return merging.merge_areas(conn, city, self.kind, self.codes, code=self.code, name=self.name)


class Retire(_Deed):
    """End areas without anything in their place."""

    deed: Literal["retire"]
    codes: Codes

    def make(self, conn: Connection, city: City) -> int:
        return merging.retire_areas(conn, city, self.kind, self.codes)


class Renumber(_Deed):
    """New codes in reading order."""

    deed: Literal["renumber"]
    within: Some = None

    def make(self, conn: Connection, city: City) -> int:
        return unit_grids.renumber(conn, city, self.kind, self.within)


class Realign(_Deed):
    """Move edges onto the borders of another kind."""

    deed: Literal["realign"]
    to: Name
    tolerance: float = Field(5, allow_inf_nan=False, description="metres that an edge may move")

    def make(self, conn: Connection, city: City) -> int:
        return realigning.realign(conn, city, self.kind, self.to, self.tolerance)


class Reverse(BaseModel):
    """Take back what a revision changed."""

    model_config = ConfigDict(extra="forbid")
    deed: Literal["reverse"]
    revision: int = Field(ge=1, lt=2**31)

    def make(self, conn: Connection, _: City) -> int:
        return merging.reverse(conn, self.revision)


Deed = Annotated[Draw | Split | Merge | Retire | Renumber | Realign | Reverse, Field(discriminator="deed")]


class Apply(BaseModel):
    """When a draft counts, and what becomes of open cases."""

    model_config = ConfigDict(extra="forbid")
    at: Moment | None = Field(None, description="with its zone; none: now")
    cases: Literal["reroute", "keep"] = Field(
        "reroute", description="open cases that another department would have: they go there, or stay"
    )


@router.get("/areas/revisions")
def list_revisions(conn: Conn, limit: Limit = 50, offset: Offset = 0) -> dict[str, Any]:
    """What changed the areas, newest first; `began_at` null: its time is yet to come."""
    return {"revisions": drafts.revisions(conn, limit=limit, offset=offset)}


@router.delete("/areas/revisions/{revision}", status_code=status.HTTP_204_NO_CONTENT, responses=CONFLICT)
def call_off_revision(conn: Conn, caller: TheCaller, revision: Annotated[int, InPath(ge=1, lt=2**31)]) -> None:
    """Call off a revision whose time has not come. For accounts with the whole city."""
    _check_whole_city(caller)
    with acting(conn, Right.CHANGE_AREAS):
        call_off(conn, revision)


@router.get("/areas/drafts")
def list_drafts(
    conn: Conn, waiting: Annotated[bool, Query(description="only those that are not applied")] = True
) -> dict[str, Any]:
    """Drafts, newest first."""
    found = [d for d in drafts.drafts(conn) if not waiting or d.applied_revision is None]
    return {"total": len(found), "drafts": found}


@router.post("/areas/drafts", status_code=status.HTTP_201_CREATED, responses=CONFLICT)
def make_draft(conn: Conn, city: TheCity, deed: Deed) -> dict[str, Any]:
    """What is in force stays as it is."""
    be_patient(conn)
    with acting(conn, Right.CHANGE_AREAS):
        return _told(conn, city, deed.make(conn, city))


@router.get("/areas/drafts/{draft}")
def one_draft(conn: Conn, city: TheCity, draft: DraftId) -> dict[str, Any]:
    """A draft, what it could not do as asked, and the box around it in degrees."""
    return _told(conn, city, _the_draft(conn, draft).id)


@router.delete("/areas/drafts/{draft}", status_code=status.HTTP_204_NO_CONTENT, response_class=Response)
def drop_draft(conn: Conn, draft: DraftId) -> None:
    """Throw away a draft that is not applied."""
    with acting(conn, Right.CHANGE_AREAS):
        found = _the_draft(conn, draft)
        if found.applied_revision is not None:
            raise NotFoundError(f"no draft {draft} waits", zh=f"没有待生效的草案 {draft}")
        drafts.drop_draft(conn, draft)
        audit.record(conn, "areas.drop", f"draft {draft}", before={"kind": found.kind, "note": found.note})


@router.post("/areas/drafts/{draft}/preview", responses=CONFLICT)
def preview(conn: Conn, city: TheCity, caller: TheCaller, draft: DraftId) -> dict[str, Any]:
    """What would change: areas, components, open cases, duties, accounts, rosters, balance of load; nothing does.

    Cases and people are listed for accounts with the whole city; others get their numbers.
    """
    be_patient(conn)
    with acting(conn, Right.CHANGE_AREAS):
        return as_json(preview_draft(conn, city, draft), people=caller.whole_city)


@router.get(
    "/areas/drafts/{draft}/preview/export",
    dependencies=[Depends(needs(Right.EXPORT))],
    response_class=StreamingResponse,
    responses=FILES | CONFLICT,
)
def export_preview(
    conn: Conn,
    city: TheCity,
    caller: TheCaller,
    draft: DraftId,
    part: Annotated[
        Literal["areas", "components", "cases", "duties", "accounts", "rosters"], Query(description="of the preview")
    ],
    form: Annotated[Form, Query(description="of the file")] = "xlsx",
    encoding: Encoding = "utf-8",
    crs: Crs = None,
) -> StreamingResponse:
    """A part of the preview as a file, one row for each thing that changes. That it was taken out is recorded."""
    be_patient(conn)
    _check_sees_all(caller, part)
    with acting(conn, Right.CHANGE_AREAS):
        chosen = preview_layer(conn, city, preview_draft(conn, city, draft), part)

    def layer(_: Path) -> RowLayer:
        return chosen

    return layer_file(layer, form, encoding=encoding, crs=crs)


@router.post("/areas/drafts/{draft}/apply", responses=CONFLICT)
def apply(conn: Conn, caller: TheCaller, draft: DraftId, wanted: Apply) -> dict[str, Any]:
    """The draft becomes a revision, now or at its time; `begun` says which. For accounts with the whole city."""
    be_patient(conn)
    _check_whole_city(caller)
    with acting(conn, Right.CHANGE_AREAS):
        done = put_in_force(conn, draft, wanted.at, cases=wanted.cases)
    return {
        "revision": done.revision, "changed": done.changed, "begun": done.begun, "valid_from": done.valid_from,
        "components": done.reassigned,
    }  # fmt: skip


def _the_draft(conn: Connection, draft_id: int) -> drafts.Draft:
    found = drafts.find_draft(conn, draft_id)
    if found is None:
        raise NotFoundError(f"draft {draft_id} does not exist", zh=f"草案 {draft_id} 不存在")
    return found


def _told(conn: Connection, city: City, draft_id: int) -> dict[str, Any]:
    draft = drafts.the_draft(conn, draft_id)
    told = replace(draft, remarks=[_placed(remark, city.srid) for remark in draft.remarks])
    return {"draft": told, "box": drafts.box_of_draft(conn, city.srid, draft_id)}


def _placed(remark: dict[str, Any], srid: int) -> dict[str, Any]:
    """A remark with its place in degrees, as everything else that is told."""
    if remark["geom"] is None:
        return remark
    (place,) = in_degrees(np.array([shapely.geometry.shape(remark["geom"])], dtype=object), srid)
    return {**remark, "geom": shapely.geometry.mapping(place)}


def _check_whole_city(caller: Caller) -> None:
    if not caller.whole_city:
        raise ForbiddenError(
            "areas are put in force by accounts that see the whole city", zh="区划只能由可查看全市的账号生效"
        )


def _check_sees_all(caller: Caller, part: str) -> None:
    """Files name components, cases and people one by one."""
    if part != "areas" and not (caller.whole_city and caller.may(Right.SEE_SENSITIVE)):
        raise ForbiddenError(
            f"{part} of a preview are given to accounts that see the whole city and its sensitive components",
            zh="该内容只提供给可查看全市及敏感部件的账号",
        )
