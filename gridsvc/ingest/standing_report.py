"""What was found in standing areas, for programs, maps and files."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from gridsvc.domain.crs import BoolArray, FloatArray, unproject
from gridsvc.domain.findings import Finding
from gridsvc.files import OutLayer, one_point
from gridsvc.ingest.drawing import DEGREES, in_degrees
from gridsvc.ingest.findings_file import TITLES
from gridsvc.ingest.standing import Report

FORMS = ("csv", "xlsx", "gpkg", "geojson")
WITH_POINTS = ("csv", "xlsx")
"""Forms to which every layer gets a longitude and a latitude."""
NAME = "area_findings"
FIRST = 5
"""So many codes stand for all that a rule found."""


def by_rule(report: Report) -> list[dict[str, Any]]:
    """Rule, titles, severity, count, the first codes and the first sentence."""
    found: dict[str, list[Finding]] = {}
    for finding in report.findings:
        found.setdefault(finding.rule, []).append(finding)
    return [_summed(part) for part in found.values()]


def _summed(found: list[Finding]) -> dict[str, Any]:
    rule, severity = found[0].rule, found[0].severity
    title, title_zh = TITLES[rule]
    codes = dict.fromkeys(finding.code for finding in found if finding.code is not None)
    return {
        "rule": rule, "title": title, "title_zh": title_zh, "severity": severity, "count": len(found),
        "codes": list(codes)[:FIRST], "message": found[0].message, "message_zh": found[0].message_zh,
    }  # fmt: skip


def as_json(report: Report, srid: int, chosen: Sequence[Finding] | None = None) -> dict[str, Any]:
    """The report with some of its findings (all, if not said), each with its place in WGS 84."""
    return {
        "kind": report.kind,
        "areas": report.areas,
        "severities": report.severities,
        "rules": by_rule(report),
        "findings": _placed(report.findings if chosen is None else chosen, srid),
    }


def _placed(findings: Sequence[Finding], srid: int) -> list[dict[str, Any]]:
    shapes = _shapes(findings)
    lon, lat = _points(shapes, srid)
    geographic = in_degrees(shapes, srid)
    return [
        {
            "rule": one.rule, "severity": one.severity, "code": one.code, "message": one.message,
            "message_zh": one.message_zh, "hint": one.hint, "hint_zh": one.hint_zh, "lon": x, "lat": y,
            "bbox": None if shape is None else list(shape.bounds),
            "geometry": None if shape is None else shapely.geometry.mapping(shape),
        }
        for one, x, y, shape in zip(findings, lon, lat, geographic, strict=True)
    ]  # fmt: skip


def findings_layer(reports: Sequence[Report], srid: int, form: str) -> OutLayer:
    """One row per finding, with its shape in the city's CRS; those without a place have none."""
    rows = [(report.kind, finding) for report in reports for finding in report.findings]
    shapes = _shapes([finding for _, finding in rows])
    texts = {
        "kind": [kind for kind, _ in rows],
        "severity": [one.severity for _, one in rows],
        "rule": [one.rule for _, one in rows],
        "title_zh": [TITLES[one.rule][1] for _, one in rows],
        "title_en": [TITLES[one.rule][0] for _, one in rows],
        "code": [one.code for _, one in rows],
        "message_zh": [one.message_zh for _, one in rows],
        "message_en": [one.message for _, one in rows],
        "hint_zh": [one.hint_zh for _, one in rows],
        "hint_en": [one.hint for _, one in rows],
    }
    columns = {name: pa.array(column, pa.string()) for name, column in texts.items()}
    if form not in WITH_POINTS:
        lon, lat = _points(shapes, srid)
        columns |= {"lon": pa.array(lon, pa.float64()), "lat": pa.array(lat, pa.float64())}
    return OutLayer(name=NAME, columns=columns, geometry=shapes, srid=srid)


def _shapes(findings: Sequence[Finding]) -> Any:
    shapes = np.empty(len(findings), dtype=object)
    shapes[:] = [finding.geom for finding in findings]
    return shapes


def _points(shapes: Any, srid: int) -> tuple[list[float | None], list[float | None]]:
    """Longitudes and latitudes of a point on each shape; None where there is none."""
    points = one_point(shapes)
    lon, lat = unproject(srid, shapely.get_x(points), shapely.get_y(points))
    placed = np.isfinite(lon) & np.isfinite(lat)
    return _known(lon, placed), _known(lat, placed)


def _known(degrees: FloatArray, placed: BoolArray) -> list[float | None]:
    rounded = np.round(degrees, DEGREES).tolist()
    return [one if there else None for one, there in zip(rounded, placed, strict=True)]
