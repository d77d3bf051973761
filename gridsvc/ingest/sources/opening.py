"""Opening an upload, whatever its kind: its layers, each ready to be looked at or read. Runs in the child process."""

import shutil
from pathlib import Path

from gridsvc.ingest.sources.archives import Archive, opened
from gridsvc.ingest.sources.contents import KINDS, SIDECARS, Contents, contents_of
from gridsvc.ingest.sources.csvs import open_csv
from gridsvc.ingest.sources.layers import Source
from gridsvc.ingest.sources.model import Choice, Limits
from gridsvc.ingest.sources.shapefiles import Shapefile, open_shapefile, part
from gridsvc.ingest.sources.vectors import open_vectors
from gridsvc.ingest.sources.wording import line, refusal

INNER = {"geopackage": ".gpkg", "geojson": ".geojson", "csv": ".csv", "xlsx": ".xlsx"}
"""How the files are called that GDAL and others get to see, whatever their own names."""


def open_source(kept: Path, file_name: str, choice: Choice, limits: Limits, folder: Path) -> Source:
    """`folder` is empty and gone after reading."""
    suffix = kept.suffix.lower()
    if suffix == ".zip":
        with opened(kept, file_name, limits) as archive:
            return _of_archive(archive, contents_of(archive), choice, folder)
    if suffix == ".shp":
        return _loose(kept, file_name, choice, folder)
    if suffix not in KINDS:
        raise refusal(
            file_name,
            f"files that end in {line(suffix) or '(nothing)'} cannot be imported: give a zipped or loose shapefile "
            "(.zip, .shp), GeoPackage (.gpkg), GeoJSON (.geojson), zipped File Geodatabase, CSV or Excel (.xlsx)",
            f"不能导入以 {line(suffix) or '（无）'} 结尾的文件：请提供 shapefile（.zip 或 .shp）、GeoPackage（.gpkg）、"
            "GeoJSON（.geojson）、压缩的文件地理数据库、CSV 或 Excel（.xlsx）",
        )
    return _of_file(kept, KINDS[suffix], file_name, Path(file_name).stem, file_name, choice, limits, folder)


def _of_archive(archive: Archive, contents: Contents, choice: Choice, folder: Path) -> Source:
    if contents.shapefiles:
        source = _of_shapefiles(archive, contents, choice, folder)
    elif contents.geodatabase:
        source = _of_geodatabase(archive, contents, folder)
    else:
        assert contents.one is not None
        target = folder / f"packed{INNER[contents.kind]}"
        archive.unpack(contents.one, target)
        path = str(contents.one.path)
        source = _of_file(
            target, contents.kind, archive.file_name, contents.one.path.stem, path, choice, archive.limits, folder
        )
    source.photos = contents.photos
    source.notes += contents.notes
    return source


def _of_shapefiles(archive: Archive, contents: Contents, choice: Choice, folder: Path) -> Source:
    """Only what was chosen is unpacked."""
    layers: list[Shapefile] = []
    for number, shapes in enumerate(contents.shapefiles, start=1):
        shapefile = folder / f"layer{number}.shp"
        if choice.layers and shapes.name not in choice.layers:
            continue
        for suffix, member in shapes.parts.items():
            archive.unpack(member, part(shapefile, suffix))
        layers.append(open_shapefile(shapefile, shapes.name, shapes.path, archive.file_name, choice.encoding))
    names = [shapes.name for shapes in contents.shapefiles]
    check_layers(names, choice, archive.file_name)
    return Source(kind=contents.kind, layers=layers)


def _of_geodatabase(archive: Archive, contents: Contents, folder: Path) -> Source:
    inside = folder / "packed.gdb"
    inside.mkdir()
    for member in contents.geodatabase:
        name = member.path.name
        if name.isascii() and name.replace("_", "").replace(".", "").replace("-", "").isalnum() and len(name) < 100:
            archive.unpack(member, inside / name)
    path = str(contents.geodatabase[0].path.parent)
    layers, notes = open_vectors(inside, path, "", archive.file_name)
    return Source(kind="filegdb", layers=layers, notes=notes)


def _of_file(
    file: Path, kind: str, file_name: str, title: str, path: str, choice: Choice, limits: Limits, folder: Path
) -> Source:
    named = folder / f"file{INNER[kind]}"
    named.symlink_to(file.resolve())
    if kind == "csv":
        table = open_csv(named, path, line(title), file_name, choice)
        return Source(kind=kind, layers=[table])
    if kind == "xlsx":
        from gridsvc.ingest.sources.xlsx import open_xlsx  # slow to load, and seldom needed

        sheets, notes = open_xlsx(named, path, file_name, limits, choice)
        return Source(kind=kind, layers=sheets, notes=notes)
    layers, notes = open_vectors(named, path, line(title), file_name)
    return Source(kind=kind, layers=layers, notes=notes)


def _loose(shp: Path, file_name: str, choice: Choice, folder: Path) -> Source:
    """A shapefile among its parts on disk."""
    shapefile = folder / "layer1.shp"
    for one in sorted(shp.parent.iterdir()):
        if one.stem.casefold() == shp.stem.casefold() and one.suffix.lower() in SIDECARS:
            shutil.copyfile(one, part(shapefile, one.suffix.lower()))
    layer = open_shapefile(shapefile, Path(file_name).stem, file_name, file_name, choice.encoding)
    return Source(kind="shapefile", layers=[layer])


def check_layers(names: list[str], choice: Choice, file_name: str) -> None:
    for wanted in choice.layers:
        if wanted not in names:
            raise refusal(
                file_name, f"it has no layer {wanted!r}; it holds: {', '.join(names) or 'none'}",
                f"没有图层“{wanted}”；文件中有：{'、'.join(names) or '无'}",
            )  # fmt: skip
