"""`POST /api/v1/locate`: the areas of many points, as JSON or as a table."""

import json
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gridsvc.api import uploads
from gridsvc.api.dependencies import LONGEST_NAME, CallerAlone, Moment, Service, TheOrigin, TheService, When
from gridsvc.api.files import BINARY, blocks
from gridsvc.api.guard import content_type
from gridsvc.api.problems import NOT_FOUND, RESPONSES, TOO_LARGE, Responses
from gridsvc.api.streams import as_json
from gridsvc.areas.locating import Asked, locating
from gridsvc.casework.routing import locate_points
from gridsvc.domain.access import Right
from gridsvc.domain.grid_index import GridIndex
from gridsvc.errors import InputError, one_of
from gridsvc.files.points import reading, writing
from gridsvc.store.areas import AsOf, current_revision, known
from gridsvc.store.callers import Origin, as_service, be_patient
from gridsvc.store.casework import keep_areas

router = APIRouter(tags=["locate"], responses=RESPONSES | TOO_LARGE | NOT_FOUND)
MOST_POINTS = 10_000
MOST_ROWS = 20_000_000
"""Of a table: few bytes can hold very many."""
MOST_NEAREST = 500
"""Points outside that get their nearest areas in one answer: looking for those costs far more than the rest."""
NOT_ALL = f"the nearest areas are given for the first {MOST_NEAREST} points outside only; nearest_code is null after"
JSON = "application/json"
TABLES = {"application/vnd.apache.arrow.stream": ".arrows", "application/vnd.apache.parquet": ".parquet"}
"""With the ending of a file of that type."""
FILES = {media_type: {"schema": BINARY} for media_type in TABLES}
Degrees = Annotated[float, Field(strict=True, allow_inf_nan=False)]
AT = "as the areas are at this time, with its zone; now if not given"
REVISION = "as this revision left the areas; not together with at"
ANSWER: Responses = {200: {"description": "As the body came", "content": {JSON: {}, **FILES}}}
Column = Annotated[
    str | None, Query(max_length=LONGEST_NAME, description="of a table: by its usual names if not given")
]


class Points(BaseModel):
    """Longitude, latitude pairs in degrees."""

    model_config = ConfigDict(extra="forbid")

    points: list[tuple[Degrees, Degrees]] = Field(
        min_length=1, max_length=MOST_POINTS, description="longitude, latitude pairs in degrees, WGS 84"
    )
    at: Moment | None = Field(None, description=AT)
    revision: int | None = Field(None, strict=True, ge=1, lt=2**31, description=REVISION)


BODY = {
    JSON: {"schema": Points.model_json_schema()},
    **FILES,
}


@asynccontextmanager
async def _file(request: Request) -> AsyncIterator[Path]:
    """A table on disk, gone with the block."""
    with tempfile.TemporaryDirectory(prefix="gridsvc-locate-") as folder:
        file = Path(folder) / f"body{TABLES[content_type(request.headers)]}"
        await uploads.body_into(request, file)
        yield file


async def _sent(request: Request, caller: CallerAlone) -> AsyncIterator[Points | Path]:
    """Who may not is told so before the body is read; while it comes there is no transaction."""
    caller.check(Right.LOCATE_MANY)
    kind = content_type(request.headers)
    if kind in TABLES:
        async with _file(request) as file:
            yield file
    elif kind == JSON:
        yield _points(await request.body())
    else:
        known = ", ".join((JSON, *TABLES))
        raise InputError(
            f"body: its type is {kind[:LONGEST_NAME] or 'not said'}; send one of: {known}",
            zh=f"请求体的类型须为：{known}",
        )


def _points(body: bytes) -> Points:
    try:
        return Points.model_validate(json.loads(body))
    except ValidationError as error:
        wrong = [{**each, "loc": ("body", *each["loc"])} for each in error.errors()]
        raise RequestValidationError(wrong) from error
    except (ValueError, RecursionError) as error:
        raise InputError("body: it is not JSON, or was cut off", zh="请求体不是有效的 JSON，或不完整") from error


@router.post(
    "/locate", responses=ANSWER, openapi_extra={"requestBody": {"required": True, "content": BODY}},
)  # fmt: skip
def locate_many(
    sent: Annotated[Points | Path, Depends(_sent, scope="function")],
    service: TheService,
    origin: TheOrigin,
    when: When,
    x: Column = None,
    y: Column = None,
    crs: Annotated[str | None, Query(max_length=LONGEST_NAME, description="of a table: EPSG:n, else WGS 84")] = None,
    datum: Annotated[str | None, Query(max_length=LONGEST_NAME, description="of a table: gcj02 or bd09")] = None,
    distances: Annotated[bool, Query(description="of a table: metres to the nearest edge of each area too")] = False,
    kind: Annotated[list[str], Query(max_length=100, description="of a table: only these kinds of area")] = [],  # noqa: B006
) -> Response:
    """The areas of many points, in their order: up to 10,000 as JSON, millions as a stream of Arrow or as Parquet.

    JSON: `note` says if not all that are outside have a nearest area. A table comes back as it was sent, with columns
    for each kind of area (its code; `…_on_boundary`, `…_overlap`, with `distances` `…_edge_m`) and `location_note` for
    what is odd about a place. Every row stays; a place that is NaN, infinite or outside is a note.
    """
    if isinstance(sent, Points):
        if not when.is_now:
            raise InputError(
                "with JSON at and revision stand in the body", zh="使用 JSON 时，请在请求体中给出 at 与 revision"
            )
        return _as_json(service, origin, sent)
    with as_service(service.pool, origin) as conn:
        be_patient(conn)
        keep_areas(conn)
        index = service.index.as_of(conn, known(conn, when))
    asked = Asked(x=x, y=y, crs=crs, datum=datum, distances=distances)
    return _as_table(_only(index, kind), service.city.srid, sent, asked)


def _as_json(service: Service, origin: Origin, given: Points) -> Response:
    with as_service(service.pool, origin) as conn:
        when = known(conn, AsOf(at=given.at, revision=given.revision))
        index = service.index.seen(current_revision(conn), when)
        found = locate_points(conn, service.city, given.points, when, index=index, most_nearest=MOST_NEAREST)
    note = NOT_ALL if any(location.unmeasured for location in found) else None
    return as_json({"count": len(found), "note": note, "results": [location.as_json() for location in found]})


def _only(index: GridIndex, kinds: list[str]) -> GridIndex:
    for kind in kinds:
        if kind not in index.kinds:
            raise one_of("area kind in use", kind, list(index.kinds), zh="区域类型")
    return index.only(dict.fromkeys(kinds)) if kinds else index


def _as_table(index: GridIndex, srid: int, file: Path, asked: Asked) -> StreamingResponse:
    located, rows = file.with_stem("located"), 0
    with reading(file) as table:
        found = locating(index, srid, table, asked)
        with writing(located, found.schema) as write:
            for lot in found.lots:
                rows += lot.num_rows
                if rows > MOST_ROWS:
                    raise InputError(
                        f"the table holds more than {MOST_ROWS:,} points: send fewer at a time",
                        zh=f"表中超过 {MOST_ROWS:,} 个点，请分批发送",
                    )
                write(lot)
    stream = located.open("rb")  # what is open can be read on when its name is gone
    headers = {"Content-Length": str(os.fstat(stream.fileno()).st_size)}
    types = {ending: media_type for media_type, ending in TABLES.items()}
    return StreamingResponse(blocks(stream), media_type=types[file.suffix], headers=headers)
