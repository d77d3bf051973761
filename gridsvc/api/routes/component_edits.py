"""`/api/v1/components`, one at a time: what it is, what it was, and changing it by hand."""

from typing import Annotated, Any, Literal
from uuid import UUID

import shapely
from fastapi import APIRouter, Depends, Response, status
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, StrictBool, StrictInt, StringConstraints
from starlette.convertors import PathConvertor, register_url_convertor

from gridsvc.api.dependencies import LONGEST_NAME, OPEN, Conn, TheCity, TheService, needs
from gridsvc.api.files import BINARY
from gridsvc.api.problems import CONFLICT, NOT_FOUND, RESPONSES
from gridsvc.domain.access import Right
from gridsvc.domain.findings import Finding
from gridsvc.errors import InputError
from gridsvc.files.pictures import SHARED_TYPE
from gridsvc.ingest import by_hand
from gridsvc.ingest.by_hand import EDITED, Changes, Edited, Place
from gridsvc.ingest.by_hand_check import WGS84
from gridsvc.ingest.written_shapes import shape_from_geojson
from gridsvc.inventory.component import component, history_seen, photo
from gridsvc.store.callers import acting


class ComponentCode(PathConvertor):
    """What may stand in the address of a component: any code, but no word that means something else there."""

    regex = "(?!(?:export|nearby|ownership(?:/(?:export|import))?)$)(?:(?!/(?:history|retire)$).)+"


register_url_convertor("component", ComponentCode())
router = APIRouter(tags=["components"], responses=RESPONSES)
CHANGES_COMPONENTS = [Depends(needs(Right.IMPORT_DATA))]
LONGEST_TEXT, LONGEST_CRS, MOST_ATTRIBUTES = 4_000, 10_000, 200

Name = Annotated[str, Field(max_length=LONGEST_NAME)] | None
Text = Annotated[str, Field(max_length=LONGEST_TEXT)] | None
Value = Annotated[str, Field(max_length=LONGEST_TEXT)] | StrictBool | StrictInt | FiniteFloat | None
Key = Annotated[str, StringConstraints(max_length=LONGEST_NAME)]


class Said(BaseModel):
    """What is said of a component; null takes a value away, and what is not said stays as it is."""

    model_config = ConfigDict(extra="forbid")

    subclass_code: Name = Field(None, description="code or Chinese name of a component subclass")
    state: Name = Field(None, description="intact, damaged, lost, abandoned or removed")
    authority: Name = Field(None, description="code of a department")
    owner: Name = Field(None, description="likewise")
    maintainer: Name = Field(None, description="likewise")
    position: Text = None
    unit_grid: Name = Field(None, description="code of the unit grid that holds it (BGID)")
    surveyed_at: Name = Field(None, description="day of the first survey")
    changed_at: Name = Field(None, description="day of the last change")
    data_source: Name = None
    note: Text = None
    attributes: dict[Key, Value] = Field({}, max_length=MOST_ATTRIBUTES, description="others; null takes one away")
    lon: float | None = Field(None, strict=True, allow_inf_nan=False, description="of a point, or x in `crs`")
    lat: float | None = Field(None, strict=True, allow_inf_nan=False, description="of a point, or y in `crs`")
    geometry: dict[str, Any] | None = Field(None, description="GeoJSON geometry, instead of lon and lat")
    crs: str = Field(
        WGS84, max_length=LONGEST_CRS, description="of the coordinates: EPSG code, WKT or PROJ string; east first"
    )
    turn: Literal["", "gcj02", "bd09"] = Field("", description="the coordinates are shifted as on Chinese web maps")
    accept_warnings: StrictBool = Field(False, description="save although the checks warn")
    reason: str = Field("", max_length=LONGEST_TEXT, description="why, for the history")

    def changes(self) -> Changes:
        named = {("subclass" if name == "subclass_code" else name) for name in self.model_fields_set}
        fields = {
            name: getattr(self, "subclass_code" if name == "subclass" else name) for name in EDITED if name in named
        }
        return Changes(fields=fields, attributes=self.attributes, place=self._place())

    def _place(self) -> Place | None:
        if self.geometry is not None and self.lon is None and self.lat is None:
            return Place(shape=shape_from_geojson(self.geometry), crs=self.crs, turn=self.turn)
        if self.geometry is None and self.lon is not None and self.lat is not None:
            return Place(shape=shapely.Point(self.lon, self.lat), crs=self.crs, turn=self.turn)
        if self.geometry is not None or self.lon is not None or self.lat is not None:
            raise InputError("give lon and lat, or a geometry", zh="请给出经度和纬度，或图形")
        return None


class NewComponent(Said):
    """`subclass_code` and a place are needed."""

    code: str | None = Field(None, max_length=64, description="none: it gets the next one of its series")


class CorrectedComponent(Said):
    version: int = Field(
        strict=True, ge=1, le=2**31 - 1, description="in which its `version` was when it was looked at"
    )


class RetiredComponent(BaseModel):
    model_config = ConfigDict(extra="forbid")

    version: int = Field(
        strict=True, ge=1, le=2**31 - 1, description="in which its `version` was when it was looked at"
    )
    reason: str = Field(max_length=LONGEST_TEXT, description="why it is not there any more")


@router.post(
    "/components",
    status_code=status.HTTP_201_CREATED,
    responses=CONFLICT | {200: {"description": "Nothing was saved: there are warnings to be accepted"}},
    dependencies=CHANGES_COMPONENTS,
)
def add_component(conn: Conn, city: TheCity, given: NewComponent, response: Response) -> dict[str, Any]:
    """Add one component by hand: it goes through the checks of an import and becomes a batch of its own.

    If they warn, nothing is saved (200, `saved` is false) until it is sent again with `accept_warnings`.
    """
    with acting(conn, Right.IMPORT_DATA):
        done = by_hand.add(
            conn, city, given.changes(), given.code, accept_warnings=given.accept_warnings, reason=given.reason
        )
    if not done.saved:
        response.status_code = status.HTTP_200_OK
    return _told(done)


@router.post("/components/{code:path}/retire", responses=NOT_FOUND | CONFLICT, dependencies=CHANGES_COMPONENTS)
def retire_component(conn: Conn, city: TheCity, code: str, given: RetiredComponent) -> dict[str, Any]:
    """Say that a component is not there any more: it stays in the store as removed, and its history says why."""
    component(conn, code)
    with acting(conn, Right.IMPORT_DATA):
        return _told(by_hand.retire(conn, city, code, given.version, given.reason))


@router.get("/components/{code:path}/history", responses=NOT_FOUND, dependencies=CHANGES_COMPONENTS)
def component_history(conn: Conn, city: TheCity, code: str) -> dict[str, Any]:
    """All that a component was, newest first: which batch made each version, who, when, and what it changed.

    A component whose batch was rolled back is not there any more, but its history is.
    """
    return {"code": code, "versions": history_seen(conn, city, code)}


@router.get("/components/{code:component}", responses=NOT_FOUND, openapi_extra=OPEN)
def get_component(conn: Conn, code: str) -> dict[str, Any]:
    """One component as the caller may see it, retired ones too; `version` is what an edit has to name."""
    return component(conn, code)


@router.get(
    "/component-photos/{component_photo_id}",
    response_class=Response,
    dependencies=[Depends(needs(Right.SEE_DETAILS))],
    responses=NOT_FOUND | {200: {"description": "The picture", "content": {SHARED_TYPE: {"schema": BINARY}}}},
)
def component_photo(conn: Conn, service: TheService, component_photo_id: UUID) -> Response:
    """A photo of a component, as a survey brought it but for what the camera wrote into it."""
    return Response(photo(conn, component_photo_id, service.settings.photos), media_type=SHARED_TYPE)


@router.patch("/components/{code:component}", responses=NOT_FOUND | CONFLICT, dependencies=CHANGES_COMPONENTS)
def correct_component(conn: Conn, city: TheCity, code: str, given: CorrectedComponent) -> dict[str, Any]:
    """Correct or move one component by hand, as a batch of its own; 409 if somebody changed it meanwhile.

    If the checks warn of something new, nothing is saved (`saved` is false) until it is sent again with
    `accept_warnings`.
    """
    component(conn, code)
    with acting(conn, Right.IMPORT_DATA):
        done = by_hand.correct(
            conn, city, code, given.version, given.changes(), accept_warnings=given.accept_warnings,
            reason=given.reason,
        )  # fmt: skip
    return _told(done)


def _told(done: Edited) -> dict[str, Any]:
    return {
        "saved": done.saved,
        "code": done.code,
        "version": done.version,
        "batch": done.batch_id,
        "changed": done.changed,
        "warnings": [_finding(one) for one in done.warnings],
    }


def _finding(one: Finding) -> dict[str, str]:
    return {
        "rule": one.rule, "severity": one.severity, "message": one.message, "message_zh": one.message_zh,
        "hint": one.hint, "hint_zh": one.hint_zh,
    }  # fmt: skip
