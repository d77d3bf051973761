"""What a GeoJSON text may say before GDAL sees it: GDAL follows links in it, and reads more kinds of JSON than one."""

import json
import mmap
import re
from pathlib import Path
from typing import Any

from pyproj import CRS
from pyproj.exceptions import CRSError

from gridsvc.ingest.sources.wording import refusal

TYPES = ("FeatureCollection", "Feature")
BARE = ("Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon", "GeometryCollection")
ESRI = {"geometryType", "spatialReference", "displayFieldName", "fieldAliases"}
HEAD = 1 << 20
"""Bytes in which the type must stand, unless the features come first."""
STRICT = re.compile(rb'(?:[^"\'/\0]+|"[^"\\\0]*(?:\\.[^"\\\0]*)*"){1,10000}', re.DOTALL)
"""JSON without comments and single quotes, which GDAL forgives in places: so a key always stands in double quotes.

A bounded run of parts, so that memory stays small; possessive repeats would be wrong before Python 3.11.5.
"""
NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
CRS_KEY = re.compile(rb'"(?:c|\\u00[46]3)(?:r|\\u00[57]2)(?:s|\\u00[57]3)"\s*:\s*(?=\{)', re.IGNORECASE)
"""At whatever depth, in capitals or escaped: GDAL takes them all."""
CRS_NAME = re.compile(r"urn:ogc:def:crs:(?:OGC|EPSG):[0-9.]*:[0-9A-Za-z]+|EPSG:[0-9]+", re.IGNORECASE)
PARTIAL = re.compile(rb'"exceededTransferLimit"\s*:\s*true')
BETWEEN = " \t\r\n\x1e"
"""What stands between texts of JSON, RFC 8142's record separator among them."""
MEMBER = re.compile(r'[\s,{]*("(?:[^"\\]|\\.)*")\s*:\s*')


def refuse_sequence(path: Path, file_name: str) -> None:
    """Of a text of many texts GDAL says only that it is damaged."""
    with path.open("rb") as source:
        head = source.read(HEAD).decode("utf-8-sig", "replace").strip(BETWEEN)
    try:
        _, end = json.JSONDecoder().raw_decode(head)
    except (ValueError, RecursionError):
        return  # a single text, or none
    if head[end:].lstrip(BETWEEN).startswith("{"):
        raise refusal(
            file_name,
            "it holds one GeoJSON feature per line (GeoJSONSeq, newline-delimited), not one FeatureCollection: "
            "convert it with ogr2ogr -f GeoJSON TARGET.geojson GeoJSONSeq:SOURCE, or save it as GeoPackage",
            "文件每行是一个独立的 GeoJSON 要素（GeoJSONSeq，换行分隔），而不是一个 FeatureCollection：请用"
            " ogr2ogr -f GeoJSON 目标.geojson GeoJSONSeq:源文件 转换，或另存为 GeoPackage",
        )  # fmt: skip


def check_text(path: Path, file_name: str) -> None:
    """Refuse whatever is not plain GeoJSON, and all that would make GDAL look elsewhere."""
    with path.open("rb") as source, mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ) as content:
        _check_strict(content, file_name)
        if NUL.search(content):
            _refuse_nul(content[:], file_name)
        _check_type(content[:HEAD].decode("utf-8-sig", "replace"), file_name)
        for key in CRS_KEY.finditer(content):
            _check_crs(content[key.end() : key.end() + 1_000].decode("utf-8", "replace"), file_name)
        if PARTIAL.search(content):
            raise refusal(
                file_name, "the server that wrote it sent only part of the features (exceededTransferLimit): get all",
                "服务器只返回了部分要素（exceededTransferLimit），请取得全部要素",
            )  # fmt: skip


def _check_strict(content: mmap.mmap, file_name: str) -> None:
    end = 0
    while read := STRICT.match(content, end):
        end = read.end()
    if end < len(content):
        found = content[end : end + 1]
        cause = "a text in it never ends; was it cut off?" if found == b'"' else f"it is not JSON ({found!r})"
        raise refusal(
            file_name, f"it cannot be opened as .geojson: {cause} (byte {end + 1})",
            f"无法作为 .geojson 打开：第 {end + 1} 字节处不是完整的 JSON，可能传输中断",
        )  # fmt: skip


def _refuse_nul(text: bytes, file_name: str) -> None:
    """A text ends at its first NUL for GDAL: the rest would be lost in silence."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None  # the message goes without a number
    features = found.get("features") if isinstance(found, dict) else None
    numbers = (
        number
        for number, feature in enumerate(features if isinstance(features, list) else [], start=1)
        if NUL.search(json.dumps(feature).encode())
    )
    raise refusal(
        file_name,
        "a text of it holds a NUL character, which text cannot hold",
        "文本中含有 NUL 字符",
        next(numbers, None),
    )


def _check_type(head: str, file_name: str) -> None:
    members = _members(head)
    if ESRI & members.keys():
        raise refusal(
            file_name, "it is ESRI JSON, not GeoJSON: ask for the layer as GeoJSON (f=geojson)",
            "这是 ESRI JSON，不是 GeoJSON：请以 GeoJSON 格式（f=geojson）导出该图层",
        )  # fmt: skip
    found = members.get("type")
    if found in BARE:
        raise refusal(
            file_name,
            f"it is a bare geometry ({found}) without properties: make it the geometry of a Feature",
            f"这是没有属性的单个几何（{found}）：请把它放入带 properties 的 Feature 中",
        )
    if found not in TYPES and ("type" in members or "features" not in members):
        shown = repr(found)[:60] if "type" in members else "not named"
        raise refusal(
            file_name, f"it is not GeoJSON: its type is {shown}, where {' or '.join(TYPES)} is needed",
            f"不是 GeoJSON：type 应为 {' 或 '.join(TYPES)}",
        )  # fmt: skip


def _members(head: str) -> dict[str, Any]:
    """Members of the outermost object, up to and with the first that does not end in the head."""
    found: dict[str, Any] = {}
    decoder, at = json.JSONDecoder(), 0
    while member := MEMBER.match(head, at):
        try:
            name = json.loads(member[1], strict=False)
            found[name] = None
            found[name], at = decoder.raw_decode(head, member.end())
        except (ValueError, RecursionError):
            break
    return found


def _check_crs(text: str, file_name: str) -> None:
    """Only a name from a registry: a link would be fetched, a name of another kind may be a file or an address."""
    try:
        found, _ = json.JSONDecoder(object_pairs_hook=list).raw_decode(text)
    except (ValueError, RecursionError):
        found = None
    name = _crs_name(found)
    if name is None or not CRS_NAME.fullmatch(name):
        raise refusal(
            file_name,
            f"its crs is not the name of one, such as EPSG:4326 or urn:ogc:def:crs:OGC:1.3:CRS84: {text[:80]!r}",
            "crs 应为坐标系名称，例如 EPSG:4326 或 urn:ogc:def:crs:OGC:1.3:CRS84",
        )
    try:
        CRS.from_user_input(name)
    except CRSError as error:
        raise refusal(file_name, f"its crs {name!r} is not known", f"不认识坐标系 {name}") from error


def _crs_name(pairs: Any) -> str | None:
    """Of `{"type": "name", "properties": {"name": …}}` and nothing else, each key once; as pairs in any order."""
    if not isinstance(pairs, list) or len(pairs) != 2 or ("type", "name") not in pairs:
        return None
    inner = [value for key, value in pairs if key == "properties"]
    if len(inner) != 1 or not isinstance(inner[0], list) or len(inner[0]) != 1:
        return None
    key, name = inner[0][0]
    return name if key == "name" and isinstance(name, str) else None
