"""A GeoJSON brings what stands in it: it can make nobody read another file, nor ask anybody else."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from gridsvc.errors import FileError
from gridsvc.ingest.sources import geojson
from tests.ingest.damage import features, place
from tests.ingest.layers import TOWN, points, write
from tests.ingest.sources.made import looked, rows
from tests.sketch import to_degrees

LAMP = place(*to_degrees(*TOWN.xy("1")))
FEATURE = {"type": "Feature", "properties": {}, "geometry": LAMP}


class Listener(ThreadingHTTPServer):
    """Notes what it is asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        super().__init__(("127.0.0.1", 0), Asked)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/one.geojson"


class Asked(BaseHTTPRequestHandler):
    server: Listener

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.send_error(404)

    do_HEAD = do_GET  # noqa: N815

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def listener() -> Iterator[Listener]:
    with Listener() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def refused(folder: Path, text: str | bytes) -> str:
    file = folder / "x.geojson"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(FileError) as caught:
        looked(file)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("x.geojson")
    return str(caught.value)


def collection(**members: Any) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": [FEATURE], **members}


def pipeline(source: Path | str) -> str:
    return json.dumps({"type": "gdal_streamed_alg", "command_line": f"gdal vector pipeline ! read {source}"})


@pytest.mark.parametrize(
    "between", ["\n", "\r\n", "\n\x1e", "\n\n"], ids=["lines", "windows-lines", "separators", "empty-lines"]
)
def test_features_one_a_line_are_named(tmp_path: Path, between: str) -> None:
    begin = between.strip("\r\n")
    said = refused(tmp_path, begin + between.join([json.dumps(FEATURE)] * 2) + "\n")
    assert "it holds one GeoJSON feature per line" in said
    assert "ogr2ogr" in said


@pytest.mark.parametrize("checked", [True, False], ids=["checked", "by-the-driver-alone"])
@pytest.mark.parametrize("name", ["secret.geojson", "secret.gpkg", "secret.shp"])
def test_a_pipeline_reads_no_other_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, checked: bool
) -> None:
    if not checked:
        monkeypatch.setattr(geojson, "TYPES", (*geojson.TYPES, "gdal_streamed_alg"))
    secret = write(tmp_path / name, points("12"), NAME=["secret", "secret"])
    message = refused(tmp_path, pipeline(secret))
    assert ("its type is 'gdal_streamed_alg'" in message) == checked


def test_a_pipeline_asks_nobody(tmp_path: Path, listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    refused(tmp_path, pipeline(f"/vsicurl/{listener.address}"))
    monkeypatch.setattr(geojson, "TYPES", (*geojson.TYPES, "gdal_streamed_alg"))
    refused(tmp_path, pipeline(f"/vsicurl/{listener.address}"))
    assert listener.asked == []


@pytest.mark.parametrize("key", ["crs", "CRS", r"\u0063rs", r"c\u0052S"])
@pytest.mark.parametrize("place_of_it", ["head", "tail", "feature", "alone", "shape"])
def test_a_link_to_a_crs_is_not_followed(tmp_path: Path, listener: Listener, key: str, place_of_it: str) -> None:
    link = {"crs": {"type": "link", "properties": {"href": listener.address, "type": "ogcwkt"}}}
    made: dict[str, dict[str, Any]] = {
        "head": {**link, **collection()},
        "tail": {**collection(), **link},
        "feature": collection(features=[{**FEATURE, **link}]),
        "alone": {**FEATURE, **link},
        "shape": collection(features=[{**FEATURE, "geometry": {**LAMP, **link}}]),
    }
    message = refused(tmp_path, json.dumps(made[place_of_it]).replace('"crs"', f'"{key}"'))
    assert "its crs is not the name of one" in message
    assert listener.asked == []


@pytest.mark.parametrize(
    "crs",
    [
        {"type": "url", "properties": {"url": "http://127.0.0.1/x"}},
        {"type": "name", "properties": {"name": "http://127.0.0.1/x"}},
        {"type": "name", "properties": {"name": "/etc/passwd"}},
        {"type": "name", "properties": {"name": "EPSG:4326", "href": "http://127.0.0.1/x"}},
        {"type": "name", "properties": {"name": "EPSG:4326"}, "TYPE": "link"},
        {"type": "name", "properties": []},
        {"type": "EPSG", "properties": {"code": 4326}},
        {},
    ],
)
def test_a_crs_that_is_no_name(tmp_path: Path, crs: dict[str, Any]) -> None:
    assert "its crs is not the name of one" in refused(tmp_path, json.dumps(collection(crs=crs)))


@pytest.mark.parametrize("name", ["EPSG:4326", "urn:ogc:def:crs:OGC:1.3:CRS84", "urn:ogc:def:crs:EPSG::4490"])
def test_a_crs_by_its_name(tmp_path: Path, name: str) -> None:
    crs = {"type": "name", "properties": {"name": name}}
    (tmp_path / "x.geojson").write_text(json.dumps(collection(crs=crs)))
    assert looked(tmp_path / "x.geojson").layers[0].count == 1


def test_a_column_may_be_called_crs(tmp_path: Path) -> None:
    file = tmp_path / "x.geojson"
    file.write_text(features(LAMP, crs="EPSG:4326", note="it's a 'crs': // yes"))
    assert rows(file)[0]["crs"] == "EPSG:4326"


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        (json.dumps(collection(crs={"type": "name", "properties": {"name": "EPSG:999999"}})), "'EPSG:999999' is not k"),
        (json.dumps(collection(exceededTransferLimit=True)), "only part of the features"),
        ('{"geometryType": "esriGeometryPoint", "exceededTransferLimit": true, "features": []}', "it is ESRI JSON"),
        ('{"type": "Topology", "objects": {}, "arcs": []}', "its type is 'Topology'"),
        ('{"type": "Point", "coordinates": [1, 2]}', "it is a bare geometry (Point)"),
        ('{"type": "FeatureCollection", "features": null, "x": "\\u0000"}', "holds a NUL character"),
        ('{"type": "FeatureCollection", "features": [], "crs\\u0000": {"type": "link"}}', "holds a NUL character"),
        ('{"type": "FeatureCollection", "features": [' + "[" * 200_000 + '"\\u0000"', "holds a NUL character"),
        (b'{"type": "FeatureCollection", "features": []\0}', "it is not JSON"),
        ("{'type': 'FeatureCollection', 'features': []}", "it is not JSON"),
        ('{"type": "FeatureCollection", /* all */ "features": []}', "it is not JSON"),
        ('{"type": "FeatureColl', "a text in it never ends; was it cut off"),
        ('{"x": ' + "[" * 200_000, "its type is not named"),
        ('{"type": "FeatureCollection", "features": ' + "[" * 200_000, "cannot be"),
        ('{"type": "FeatureCollection", "features": null}', "x.geojson"),
        ("5", "it is not a .geojson file"),
        ("{", "its type is not named"),
    ],
)
def test_texts_that_are_not_plain_geojson(tmp_path: Path, text: str | bytes, cause: str) -> None:
    assert cause in refused(tmp_path, text)


@pytest.mark.parametrize("written", ["2024/05/01", "2024-05-01T08:00:00+08:00", "2024-05-01 08:00:00", "24-5-1"])
def test_dates_stay_as_they_are_written(tmp_path: Path, written: str) -> None:
    file = tmp_path / "x.geojson"
    file.write_text(features(LAMP, day=written))
    assert rows(file)[0]["day"] == written
