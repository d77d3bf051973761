"""The findings of an import as a file for the surveyor who has to put them right."""

from collections.abc import Iterable, Iterator
from itertools import count, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from gridsvc.domain.crs import unproject
from gridsvc.domain.findings import Finding
from gridsvc.errors import one_of
from gridsvc.files import ATTRIBUTES, GEOMETRY, Written, one_point, spool, write
from gridsvc.ingest.rules import RULES

FORMS = ("csv", "xlsx", "gpkg")
LANGUAGES = ("zh", "en")
LOT = 10_000
NAMES = {"zh": "检查结果", "en": "findings"}
HEADS = {
    "zh": ("序号", "级别", "检查项", "图层", "要素序号", "编码", "问题", "处理建议", "X", "Y", "经度", "纬度"),
    "en": ("number", "severity", "rule", "layer", "feature", "code", "message", "hint", "x", "y", "lon", "lat"),
}
TYPES = (
    pa.int64(), pa.string(), pa.string(), pa.string(), pa.int64(), pa.string(), pa.string(), pa.string(), pa.float64(),
    pa.float64(), pa.float64(), pa.float64(),
)  # fmt: skip
TITLES = {rule.name: (rule.title, rule.title_zh) for rule in RULES} | {
    "reading": ("Reading the file", "读取文件"),
    "photos": ("Photos of a survey", "普查照片"),
}
"""Of rules, English and Chinese."""
SEVERITIES_ZH = {"error": "错误", "warning": "警告", "repaired": "已修复", "note": "提示"}
MILLIMETRES, DEGREES = 3, 8
"""Decimals of x and y, and of longitude and latitude."""


def write_findings(findings: Iterable[Finding], to: Path, form: str, srid: int, language: str = "zh") -> Written:
    """CSV and Excel say a point of what is wrong, in the CRS `srid` and in degrees; a GeoPackage holds its shape.

    Findings without a place are in the same table, with no shape. Titles of rules, texts and heads are in `language`.
    """
    if form not in FORMS:
        raise one_of("form of a file of findings", form, list(FORMS), zh="检查结果的文件格式")
    if language not in LANGUAGES:
        raise one_of("language", language, list(LANGUAGES), zh="语言")
    to.parent.mkdir(parents=True, exist_ok=True)
    plain = pa.schema(list(zip(HEADS[language], TYPES, strict=True)))
    with TemporaryDirectory(dir=to.parent, prefix=".findings-") as folder:
        layer = spool(NAMES[language], srid, plain, _batches(findings, plain, srid, language), Path(folder))
        return write(layer, to, form, crs=f"EPSG:{srid}", coordinates=False)


def _batches(findings: Iterable[Finding], plain: pa.Schema, srid: int, language: str) -> Iterator[pa.RecordBatch]:
    titles = {name: pair[language == "zh"] for name, pair in TITLES.items()}
    numbers, rest = count(1), iter(findings)
    while lot := list(islice(rest, LOT)):
        shapes = np.array([finding.geom for finding in lot], dtype=object)
        rows = [_row(next(numbers), finding, titles, language) for finding in lot]
        columns = [*zip(*rows, strict=True), *_places(shapes, srid)]
        arrays = [pa.array(column, kind, from_pandas=True) for column, kind in zip(columns, TYPES, strict=True)]
        wkb = pa.array(shapely.to_wkb(shapes), pa.binary())
        arrays += [pa.array(["{}"] * len(lot), pa.string()), wkb]
        yield pa.RecordBatch.from_arrays(arrays, names=[*plain.names, ATTRIBUTES, GEOMETRY])


def _row(number: int, finding: Finding, titles: dict[str, str], language: str) -> tuple[Any, ...]:
    if language == "zh":
        severity = SEVERITIES_ZH[finding.severity]
        message, hint = finding.message_zh or finding.message, finding.hint_zh or finding.hint
    else:
        severity, message, hint = finding.severity, finding.message, finding.hint
    title = titles.get(finding.rule, finding.rule)
    return number, severity, title, finding.layer, finding.feature, finding.code, message, hint or None


def _places(shapes: Any, srid: int) -> list[Any]:
    """x, y, longitude and latitude of a point on each shape; not a number where there is none."""
    points = one_point(shapes)
    x, y = shapely.get_x(points), shapely.get_y(points)
    lon, lat = unproject(srid, x, y)
    degrees = [np.where(np.isfinite(each), np.round(each, DEGREES), np.nan) for each in (lon, lat)]
    return [np.round(x, MILLIMETRES), np.round(y, MILLIMETRES), *degrees]
