"""What an upload holds, by the names of its parts: one or many shapefiles, or one file of another kind, and photos."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from gridsvc.ingest.sources.archives import Archive, Member
from gridsvc.ingest.sources.model import Note, Photo
from gridsvc.ingest.sources.photos import SUFFIXES as PHOTO_SUFFIXES
from gridsvc.ingest.sources.photos import photo_of
from gridsvc.ingest.sources.wording import line, listed, note, refusal

SIDECARS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
KINDS = {
    ".gpkg": "geopackage", ".geojson": "geojson", ".json": "geojson", ".csv": "csv", ".txt": "csv", ".xlsx": "xlsx",
}  # fmt: skip
ARCHIVES = (".zip", ".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz")
OWN_LIST, OWN_HEAD = "fields.csv", b"\xef\xbb\xbflayer,field,name,note_zh,note_en\n"
"""The list of full names that this system puts into a zipped shapefile (`files.dbf.fields_csv`)."""
TABLE_OF_TABLES = "a00000001.gdbtable"
"""Every File Geodatabase has it."""


@dataclass(frozen=True, kw_only=True)
class Shapes:
    """The parts of one shapefile in an archive, by suffix."""

    name: str
    path: str
    parts: dict[str, Member]


@dataclass(frozen=True, kw_only=True)
class Contents:
    kind: str
    shapefiles: tuple[Shapes, ...] = ()
    one: Member | None = None
    """The one file of another kind."""
    geodatabase: tuple[Member, ...] = ()
    photos: tuple[Photo, ...] = ()
    notes: tuple[Note, ...] = field(default=())


def contents_of(archive: Archive) -> Contents:
    """FileError if there is nothing to import in it, or more than one thing."""
    _refuse_nested(archive)
    photos = tuple(photo_of(member.path) for member in archive.members if member.suffix in PHOTO_SUFFIXES)
    shapefiles = _shapefiles(archive)
    geodatabases = sorted({m.path.parent for m in archive.members if m.path.name.lower() == TABLE_OF_TABLES})
    inside = [m for m in archive.members if not any(m.path.is_relative_to(folder) for folder in geodatabases)]
    files = [member for member in inside if member.suffix in KINDS and member.suffix != ".txt"]
    if shapefiles:
        kind = "survey" if len(shapefiles) > 1 or photos else "shapefile"
        unread = [*map(str, geodatabases), *(str(member.path) for member in files if not _own(archive, member))]
        notes = (*_stray_tables(inside, shapefiles), *_not_read(unread))
        return Contents(kind=kind, shapefiles=shapefiles, photos=photos, notes=notes)
    _check_one(archive, [*map(str, geodatabases), *(str(member.path) for member in files)])
    if geodatabases:
        members = tuple(m for m in archive.members if m.path.parent == geodatabases[0])
        return Contents(kind="filegdb", geodatabase=members, photos=photos)
    return Contents(kind=KINDS[files[0].suffix], one=files[0], photos=photos)


def _own(archive: Archive, member: Member) -> bool:
    return member.path.name == OWN_LIST and next(archive.blocks(member), b"").startswith(OWN_HEAD)


def _refuse_nested(archive: Archive) -> None:
    nested = [str(member.path) for member in archive.members if member.suffix in ARCHIVES]
    if nested:
        raise refusal(
            archive.file_name,
            f"the archive holds another archive ({listed(nested)}): unpack that first, and zip what was in it",
            f"压缩包中还有压缩包（{listed(nested)}）：请先解压，再把其中的文件压成一个 zip",
        )


def _shapefiles(archive: Archive) -> tuple[Shapes, ...]:
    parts = [member for member in archive.members if member.suffix in SIDECARS]
    shapes = [member for member in parts if member.suffix == ".shp"]
    groups: dict[str, list[Member]] = {_same(member.path): [] for member in shapes}
    for member in parts:
        if _same(member.path) in groups:
            groups[_same(member.path)].append(member)
        elif member.suffix == ".shx":
            raise refusal(
                archive.file_name, f"{line(member.path.stem)}.shp is missing (the shapes), though its .shx is there",
                f"缺少 {line(member.path.stem)}.shp（图形），只有同名的 .shx",
            )  # fmt: skip
    stems = Counter(member.path.stem.casefold() for member in shapes)
    return tuple(
        Shapes(
            name=line(
                member.path.stem if stems[member.path.stem.casefold()] == 1 else str(member.path.with_suffix(""))
            ),
            path=str(member.path),
            parts=_by_suffix(groups[_same(member.path)], archive.file_name),
        )
        for member in sorted(shapes, key=lambda one: str(one.path))
    )


def _by_suffix(members: list[Member], file_name: str) -> dict[str, Member]:
    found: dict[str, Member] = {}
    for member in members:
        if member.suffix in found:
            raise refusal(
                file_name,
                f"the archive holds {line(str(member.path))} twice",
                f"压缩包中有两个 {line(str(member.path))}",
            )
        found[member.suffix] = member
    return found


def _same(path: PurePosixPath) -> str:
    """Parts of a shapefile differ in their suffix alone, and in capitals."""
    return str(path.with_suffix("")).casefold()


def _stray_tables(members: list[Member], shapefiles: tuple[Shapes, ...]) -> tuple[Note, ...]:
    used = {part.path for shapes in shapefiles for part in shapes.parts.values()}
    stray = [str(member.path) for member in members if member.suffix == ".dbf" and member.path not in used]
    return _not_read(stray)


def _not_read(names: list[str]) -> tuple[Note, ...]:
    if not names:
        return ()
    shown = listed(names)
    return (note(f"beside the shapefiles there are files that were not read: {shown}",
                 f"除 shapefile 外还有未读取的文件：{shown}"),)  # fmt: skip


def _check_one(archive: Archive, found: list[str]) -> None:
    if len(found) == 1:
        return
    if found:
        raise refusal(
            archive.file_name, f"the archive holds {len(found)} files to choose from; zip one of them: {listed(found)}",
            f"压缩包中有 {len(found)} 个数据文件，请只保留其中一个：{listed(found)}",
        )  # fmt: skip
    names = listed([str(member.path) for member in archive.members]) or "nothing"
    raise refusal(
        archive.file_name,
        "the archive holds 0 shapefiles (.shp) and no GeoPackage, GeoJSON, File Geodatabase, CSV or .xlsx; "
        f"it holds {names}",
        f"压缩包中没有 shapefile，也没有 GeoPackage、GeoJSON、文件地理数据库、CSV 或 xlsx；其中有：{names}",
    )
