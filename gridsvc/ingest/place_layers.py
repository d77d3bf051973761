"""Layers of addresses, names of places and roads: a file replaces its layer as a whole, or nothing changes."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from gridsvc.domain.addresses import LONGEST, house, housed, name_spelled
from gridsvc.domain.crs import FloatArray
from gridsvc.errors import ConflictError, FileError, InputError, NotFoundError, SetupError, one_of
from gridsvc.ingest.desk import outline
from gridsvc.ingest.layers import TURNS
from gridsvc.ingest.places.coordinates import match, transform
from gridsvc.ingest.shapes import flat
from gridsvc.ingest.sources import GEOMETRY, Choice, Limits, reading
from gridsvc.store import audit, places
from gridsvc.store.city import City
from gridsvc.store.connection import Connection
from gridsvc.store.places import KINDS, NewPlace, PlaceLayer
from gridsvc.store.uploads import sha256

FIELDS = ("name_zh", "name_en", "road", "number")
DIMENSIONS = {"address": (0, 2), "place": (0, 1, 2), "road": (1,)}
"""Of the shapes that each kind may have: points, lines, polygons."""
LIMITS = Limits()
DEGREES = "EPSG:4326"
"""Of a file that does not say it."""


@dataclass(frozen=True, kw_only=True)
class PlaceFile:
    """What a file is: `columns` say which of its columns is which of FIELDS."""

    layer: str
    kind: str
    columns: Mapping[str, str]
    crs: str | None = None
    """Whatever the file says."""
    turn: str = ""
    encoding: str | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise one_of("kind of places", self.kind, list(KINDS), zh="地名图层类型")
        if self.turn not in TURNS:
            raise one_of("turn", self.turn, list(TURNS), zh="坐标处理方式")
        for name in self.columns:
            if name not in FIELDS:
                raise one_of("field of places", name, list(FIELDS), zh="地名字段")
        if not {"name_zh", "name_en", "road"} & self.columns.keys():
            raise InputError("say which column is the name: name_zh, name_en, or road with number", zh="请指定名称列")


@dataclass(kw_only=True)
class _Read:
    """What was read so far, and what was left out."""

    places: list[NewPlace] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    seen: set[tuple[str, bytes]] = field(default_factory=set)


def load_places(conn: Connection, city: City, file: Path, given: PlaceFile) -> tuple[PlaceLayer, bool]:
    """The layer as it counts now, and whether that is new; raises and changes nothing where the file cannot be used."""
    if not file.is_file():
        raise FileError(str(file), "there is no such file")
    with conn.transaction():
        places.lock_places(conn)
        if not places.words_are_letters(conn):
            raise SetupError(
                "the database's locale (LC_CTYPE) does not take Chinese characters for letters, so no names could be "
                "found: make the database with a locale such as C.UTF-8"
            )
        digest = sha256(file)
        known = places.layers(conn, given.layer)
        if known and known[0].sha256 == digest:
            return known[0], False
        read = _read(conn, city, file, given)
        if not read.places:
            raise FileError(file.name, f"no place of it can be used: {_told(read.counts)}; are columns and CRS right?")
        batch = {"layer": given.layer, "kind": given.kind, "file_name": file.name, "sha256": digest}
        done = places.replace_layer(conn, city.srid, batch, dict(read.counts), read.places)
        after = {"file": file.name, "read": read.counts["read"], "added": done.places}
        audit.record(conn, "places.load", given.layer, after=after)
    return done, True


def go_back(conn: Connection, layer: str) -> PlaceLayer:
    """The file before the last one is the layer again."""
    with conn.transaction():
        places.lock_places(conn)
        known = places.layers(conn)
        if layer not in [one.layer for one in known]:
            raise NotFoundError(f"there is no layer {layer!r} of places", zh=f"没有地名图层“{layer}”")
        if not places.go_back(conn, layer):
            raise ConflictError(f"layer {layer}: no earlier file is kept", zh=f"图层“{layer}”没有可恢复的上一版本")
        (found,) = places.layers(conn, layer)
        audit.record(conn, "places.rollback", layer, after={"file": found.file_name})
    return found


def _told(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items())


def _read(conn: Connection, city: City, file: Path, given: PlaceFile) -> _Read:
    found, ground = _Read(), outline(conn)
    if ground is not None:
        shapely.prepare(ground)
    with reading(file, file.name, Choice(encoding=given.encoding), LIMITS, look=True) as source:
        for name, column in given.columns.items():
            if column not in source.schema.names:
                own = ", ".join(one for one in source.schema.names if not one.startswith("("))
                raise FileError(file.name, f"it has no column {column!r} for {name}; its columns are: {own}")
        layers = source.inspection.layers if source.inspection else ()
        crs = given.crs or (match(layers[0].crs).crs if layers else None) or DEGREES

        def to_city(xy: FloatArray) -> FloatArray:
            return transform(xy, crs, given.turn, city.srid)

        for batch in source:
            shapes = flat(np.asarray(shapely.from_wkb(batch[GEOMETRY].to_pylist(), on_invalid="ignore"), dtype=object))
            texts = {name: batch[column].to_pylist() for name, column in given.columns.items()}
            for n, shape in enumerate(shapely.transform(shapes, to_city)):
                row = {name: str(column[n] or "").strip() for name, column in texts.items()}
                _take(found, given.kind, row, shape, ground)
    return found


def _take(found: _Read, kind: str, row: Mapping[str, str], shape: Any, ground: Any) -> None:
    """Keep a place, or count why not."""
    found.counts["read"] += 1
    names = list(_names(row))
    if not names or max(map(len, names)) > LONGEST or "\0" in "".join(names):
        found.counts["without name"] += 1
    elif shape is None or shape.is_empty or not np.isfinite(shape.bounds).all():
        found.counts["without shape"] += 1
    elif shapely.get_dimensions(shape) not in DIMENSIONS[kind]:
        found.counts["of another kind of shape"] += 1
    elif ground is not None and not ground.intersects(shape):
        found.counts["outside the city"] += 1
    elif kind != "road" and (key := (names[0], shape.wkb)) in found.seen:
        found.counts["repeated"] += 1
    else:
        if kind != "road":
            found.seen.add(key)
        found.places.append(_place(names, kind, shape))


def _names(row: Mapping[str, str]) -> Iterator[str]:
    """What a place is called; an address without a name by its road and house number."""
    yield from dict.fromkeys(text for name in ("name_zh", "name_en") if (text := row.get(name, "")))
    if row.get("road") and row.get("number"):
        yield f"{row['road']} {row['number']}" if row["road"].isascii() else f"{row['road']}{row['number']}号"


def _place(names: list[str], kind: str, shape: Any) -> NewPlace:
    road, number = None, None
    if kind == "address":
        road, number = next((both for both in map(housed, names) if both[0]), (None, None))
    spelled = [name_spelled(name) for name in names]
    if road is not None and number is not None:
        spelled.append(house(road, number))
    kept = [text for text in dict.fromkeys(spelled) if text]
    return NewPlace(name=" / ".join(names[:2]), spelled=kept, road=road, number=number, shape=shape)
