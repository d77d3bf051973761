"""What is known of a file that came in before anything of it counts."""

from dataclasses import dataclass

from gridsvc.ingest.encodings.deciding import EncodingReading

LAYER, FEATURE, GEOMETRY = "(layer)", "(feature)", "(geometry)"
"""Columns of what is read beside the file's own: layer's name, 1-based number in its layer, WKB."""
BATCH = 65_536
"""Rows of a record batch, at most."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a file may cost. Reading that needs more is stopped, and the file refused."""

    bytes_unpacked: int = 4 << 30
    """Of all entries of an archive together, declared and real."""
    files: int = 20_000
    """Entries of an archive; a survey brings its photos."""
    ratio: int = 500
    """Bytes unpacked for each byte packed, once an archive unpacks to more than a small one does."""
    memory_mb: int = 4096
    """Address space of the process that reads."""
    seconds: int = 600
    """Of waiting for that process, and of its computing."""


@dataclass(frozen=True, kw_only=True)
class Note:
    en: str
    zh: str


@dataclass(frozen=True, kw_only=True)
class SourceField:
    name: str
    type: str
    """text, integer, real, date, datetime, bool or binary (which is not read)."""
    width: int | None
    """As the file declares it: bytes of a DBF column, characters elsewhere."""
    examples: tuple[str, ...]
    """Up to 5 different values, cut at 60 characters."""
    empty: int
    """Rows without a value, of those looked at."""


@dataclass(frozen=True, kw_only=True)
class SourceLayer:
    name: str
    path: str
    """Inside the archive, for people."""
    count: int
    geometry_types: dict[str, int]
    """How many features of each type; `none` where there is no geometry."""
    fields: tuple[SourceField, ...]
    crs: str | None
    """As the file says it: the text of the .prj, `EPSG:…` or WKT; None if it says nothing."""
    encoding: EncodingReading | None
    """Of shapefiles and CSV; other formats say it reliably."""
    bounds: tuple[float, float, float, float] | None
    """West, south, east, north in the file's own numbers."""
    sample: tuple[tuple[float, float], ...]
    """Up to 2,000 points (x, y) in the file's own numbers, from all over the layer."""
    coordinate_columns: tuple[str, str] | None
    """Of a table without shapes: the columns that look like east and north."""


@dataclass(frozen=True, kw_only=True)
class Photo:
    path: str
    key: str
    """What should be the code of a component: the file's name or its folder's, without a number at its end."""


@dataclass(frozen=True, kw_only=True)
class Inspection:
    file_name: str
    kind: str
    """shapefile, survey, geopackage, geojson, filegdb, csv or xlsx."""
    layers: tuple[SourceLayer, ...]
    photos: tuple[Photo, ...]
    notes: tuple[Note, ...]


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What to read, and what a person decided about it. Without layers: all of them."""

    layers: tuple[str, ...] = ()
    encoding: str | None = None
    coordinate_columns: tuple[str, str] | None = None
    headings: tuple[str, ...] = ()
    """Of a table whose rows have no places: what its columns may be called, which tells where its header is."""
