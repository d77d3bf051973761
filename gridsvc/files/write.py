"""One layer into one file: whole or not at all."""

import tempfile
from pathlib import Path

from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, GeometryError

from gridsvc.errors import SetupError, one_of
from gridsvc.files import excel, maps, shapefile, table
from gridsvc.files.layers import ENDINGS, FORMS, RowLayer, Written
from gridsvc.files.places import WGS84, target_crs

ENCODINGS = ("utf-8", "gbk")
"""Of the table of a shapefile; the other forms are UTF-8 by their own standards."""

GDAL_ERRORS = (DataSourceError, DataLayerError, FeatureError, GeometryError)


def write(
    layer: RowLayer, to: Path, form: str, *, encoding: str = "utf-8", crs: str | None = None, coordinates: bool = True
) -> Written:
    """`crs` as `EPSG:n`: where not said, shapefiles and GeoPackages are in the layer's own, the others in degrees.

    GeoJSON is always WGS 84 (RFC 7946). `coordinates`: CSV and Excel get a point (lon, lat or x, y) and the shape as
    WKT. InputError where the form cannot hold the layer; what it holds less well is in the notes.
    """
    if form not in FORMS:
        raise one_of("form of file", form, list(FORMS), zh="文件格式")
    if encoding not in ENCODINGS:
        raise one_of("encoding of a shapefile", encoding, list(ENCODINGS), zh="Shapefile 编码")
    target = target_crs(None if form == "geojson" else crs, layer.srid if form in ("shapefile", "gpkg") else WGS84)
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=to.parent, prefix=".writing-") as name:
            unfinished = Path(name) / f"file{ENDINGS[form]}"
            match form:
                case "shapefile":
                    notes = shapefile.write(layer, unfinished, target, encoding)
                case "gpkg" | "geojson":
                    notes = maps.write(layer, unfinished, target, form)
                case "csv":
                    notes = table.write(layer, unfinished, target if coordinates else None)
                case _:
                    notes = excel.write(layer, unfinished, target if coordinates else None)
            unfinished.replace(to)
    except (OSError, *GDAL_ERRORS) as error:
        raise SetupError(f"{to} cannot be written: {error}", zh=f"无法写入文件 {to.name}") from error
    return Written(path=to, notes=(*layer.notes, *notes))
