"""A small town of two grids, the layers imported into it, and the files that bring them."""

import shutil
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from gridsvc.ingest.desk import Desk
from gridsvc.ingest.layers import COMPONENTS, Layer
from gridsvc.ingest.pipeline import import_file
from gridsvc.ingest.promote import Promoted
from gridsvc.store.city import City
from gridsvc.store.connection import Connection
from tests import made
from tests.sketch import Sketch, frame

TOWN = Sketch(
    """
    a . . . b . . . c
    . 1 . 2 . 3 . 4 .
    . 5 . 6 . 7 . 8 .
    d . . . e . . . f
    """,
    step=100,
)
LAMP, FLOOD_WALL, CAR_PARK = "0599", "0508", "0201"


def put_town(conn: Connection, city: City) -> None:
    """District 510703 over everything, grids G1 (west) and G2 (east)."""
    made.put_areas(conn, city, made.kind("district", code_scheme="district"), {"510703": TOWN.polygon("acfd")})
    grids = {"G1": TOWN.polygon("abed"), "G2": TOWN.polygon("bcfe")}
    made.put_areas(conn, city, made.kind("responsibility_grid", specificity=30), grids)


def desk(city: City, folder: Path) -> Desk:
    """A desk whose files lie in a folder of the test."""
    return Desk(city=city, uploads=folder / "uploads", staging=folder / "staging", photos=folder / "kept")


def bring(conn: Connection, city: City, file: Path, layer: Layer, **given: Any) -> Promoted:
    """A file's whole way into the store."""
    return import_file(conn, desk(city, file.parent), file, layer, **given)


def lamps(**given: Any) -> Layer:
    return Layer(**{"layer": LAMP, "target": COMPONENTS, "constants": {"subclass": LAMP}, **given})


def points(marks: str) -> list[Any]:
    return [TOWN.point(mark) for mark in marks]


def write(file: Path, shapes: Iterable[Any], crs: int | None = None, **columns: list[Any]) -> Path:
    """A file of the kind that its name says; `.zip` is a zipped shapefile. GeoJSON is in degrees."""
    made_of = frame(shapes, **columns)
    if crs or file.suffix == ".geojson":
        made_of = made_of.to_crs(crs or 4326)
    if file.suffix == ".zip":
        loose = file.parent / file.stem / f"{file.stem}.shp"
        loose.parent.mkdir()
        made_of.to_file(loose, encoding="utf-8")
        return zipped(file, loose.parent)
    made_of.to_file(file, **({"encoding": "utf-8"} if file.suffix == ".shp" else {}))
    return file


def zipped(file: Path, folder: Path, prefix: str = "") -> Path:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in sorted(folder.iterdir()):
            archive.write(part, f"{prefix}{part.name}")
    return file


def without(file: Path, suffix: str) -> Path:
    """The shapefile, zipped or loose, without one of its parts."""
    if file.suffix == ".shp":
        file.with_suffix(suffix).unlink()
        return file
    folder = file.parent / file.stem
    (folder / f"{file.stem}{suffix}").unlink()
    return zipped(file, folder)


def cut(file: Path, share: float = 0.6) -> Path:
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content) * share)])
    return file


def moved(file: Path, name: str) -> Path:
    target = file.with_name(name)
    shutil.move(file, target)
    return target
