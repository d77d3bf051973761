"""Files that routes give away: made whole in a folder of their own, which is gone when they are sent."""

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Annotated, Any, Literal
from urllib.parse import quote

from fastapi import Query
from fastapi.responses import StreamingResponse

from gridsvc.api.dependencies import LONGEST_NAME
from gridsvc.api.streams import BLOCK
from gridsvc.files import ENDINGS, FORMS, MEDIA_TYPES, RowLayer, write

Form = Literal["shapefile", "gpkg", "geojson", "csv", "xlsx"]
Encoding = Annotated[
    Literal["utf-8", "gbk"], Query(description="of a shapefile's table; other forms are UTF-8 by their standards")
]
Crs = Annotated[
    str | None,
    Query(
        max_length=LONGEST_NAME,
        description="EPSG:n; none: the city's for shapefile and GeoPackage, WGS 84 for the others; GeoJSON always is",
    ),
]
BINARY = {"type": "string", "format": "binary"}
COLLECTION = {"type": "object", "required": ["type", "features"], "description": "a FeatureCollection of RFC 7946"}
FILES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file; what could not be written as it is, is noted in it",
        "content": {
            MEDIA_TYPES[form].split(";")[0]: {"schema": COLLECTION if form == "geojson" else BINARY} for form in FORMS
        },
    }
}


def layer_file(
    layer: Callable[[Path], RowLayer], form: Form, *, encoding: str, crs: str | None, coordinates: bool = True
) -> StreamingResponse:
    """The layer, which may spool into the folder that it is given, as a file to be saved."""
    with tempfile.TemporaryDirectory(prefix="gridsvc-export-") as folder:
        found = layer(Path(folder))
        written = write(
            found, Path(folder) / f"out{ENDINGS[form]}", form, encoding=encoding, crs=crs, coordinates=coordinates
        )
        stream = written.path.open("rb")  # what is open can be read on when its name is gone
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(found.name + ENDINGS[form])}",
        "Content-Length": str(os.fstat(stream.fileno()).st_size),
    }
    return StreamingResponse(blocks(stream), media_type=MEDIA_TYPES[form], headers=headers)


def blocks(stream: IO[bytes]) -> Iterator[bytes]:
    """Of an open file, which is closed when it was sent."""
    with stream:
        while block := stream.read(BLOCK):
            yield block
