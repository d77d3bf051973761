"""GeoPackage, GeoJSON and File Geodatabase: their layers, and what a hostile one tries."""

import json
import sqlite3
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely

from gridsvc.errors import FileError
from tests.ingest.damage import features, layers_in_one, no_spatial_layer, place, pointing_elsewhere, shapes, text
from tests.ingest.layers import cut, points, write
from tests.ingest.sources.made import looked, packed, rows


def refused(file: Path) -> str:
    with pytest.raises(FileError) as caught:
        looked(file)
    assert "\n" not in str(caught.value)
    assert caught.value.zh.startswith(file.name)
    return str(caught.value)


def geodatabase(folder: Path) -> Path:
    """Zipped, with two layers."""
    inside = folder / "town.gdb"
    for n, layer in enumerate(("lamps", "灯杆")):
        wkb = np.array([shapely.to_wkb(point) for point in points("13")], dtype=object)
        pyogrio.raw.write(
            inside, geometry=wkb, field_data=[np.array(["A", "B"], dtype=object)], fields=["CODE"], layer=layer,
            driver="OpenFileGDB", geometry_type="Point", crs="EPSG:4544", append=n > 0,
        )  # fmt: skip
    return packed(folder / "town.gdb.zip", {f"普查/town.gdb/{one.name}": one.read_bytes() for one in inside.iterdir()})


def test_layers_of_a_geopackage(tmp_path: Path) -> None:
    file = layers_in_one(tmp_path)
    found = looked(file)
    assert (found.kind, [(layer.name, layer.count, layer.crs) for layer in found.layers]) == (
        "geopackage", [("lamps", 2, "EPSG:4544"), ("signs", 2, "EPSG:4544")],
    )  # fmt: skip
    assert {row["(layer)"] for row in rows(file, layers=("signs",))} == {"signs"}


def test_layers_of_a_geodatabase(tmp_path: Path) -> None:
    file = geodatabase(tmp_path)
    found = looked(file)
    assert (found.kind, [(layer.name, layer.count, layer.path) for layer in found.layers]) == (
        "filegdb", [("lamps", 2, "普查/town.gdb"), ("灯杆", 2, "普查/town.gdb")],
    )  # fmt: skip
    assert [(row["CODE"], row["(layer)"], row["(feature)"]) for row in rows(file)] == [
        ("A", "lamps", 1), ("B", "lamps", 2), ("A", "灯杆", 1), ("B", "灯杆", 2),
    ]  # fmt: skip


def test_columns_of_all_layers_come_together(tmp_path: Path) -> None:
    write(tmp_path / "a.gpkg", points("1"), A=["x"], N=[1])
    frame = pyogrio.read_dataframe(write(tmp_path / "b.gpkg", points("2"), N=["2b"], B=[2.5]))
    frame.to_file(tmp_path / "a.gpkg", layer="b")
    first, second = rows(tmp_path / "a.gpkg")
    assert list(first) == ["A", "N", "B", "(layer)", "(feature)", "(geometry)"]
    assert [tuple(row.values())[:5] for row in (first, second)] == [("x", "1", None, "a", 1), (None, "2b", 2.5, "b", 1)]


def test_types_of_columns(tmp_path: Path) -> None:
    file = text("x.geojson", features(place(1, 2), code=5107030101000001, yes=True, day="2020-01-02", l=[1, 2], n=1.5))(
        tmp_path
    )
    (layer,) = looked(file).layers
    assert {field.name: field.type for field in layer.fields} == {
        "code": "integer", "yes": "bool", "day": "text", "l": "text", "n": "real",
    }  # fmt: skip
    assert tuple(rows(file)[0].values())[:5] == (5107030101000001, "true", "2020-01-02", "[1, 2]", 1.5)


def test_columns_of_bytes_are_named_and_left_out(tmp_path: Path) -> None:
    file = write(tmp_path / "x.gpkg", points("1"), A=["x"])
    with sqlite3.connect(file) as store:
        store.execute("ALTER TABLE x ADD COLUMN photo BLOB")
    store.close()
    assert [(field.name, field.type) for field in looked(file).layers[0].fields] == [("A", "text"), ("photo", "binary")]
    assert "photo" not in rows(file)[0]


@pytest.mark.parametrize(
    ("make", "cause"),
    [
        pytest.param(text("lamps.geojson", features()), "it holds no features", id="no-features-geojson"),
        pytest.param(shapes("lamps.gpkg", []), "it holds no features", id="no-features-gpkg"),
        pytest.param(text("report.docx", b"PK\x03\x04"), "files that end in .docx cannot be imported", id="docx"),
        pytest.param(text("lamps", b"abc"), "files that end in (nothing) cannot", id="no-suffix"),
        pytest.param(text("lamps.gpkg", b"%PDF-1.7 ..."), "it is not a .gpkg file, whatever", id="pdf-as-gpkg"),
        pytest.param(text("lamps.geojson", b"\x89PNG\r\n\x1a\n..."), "it is not a .geojson file", id="png-as-geojson"),
        pytest.param(text("lamps.geojson", '{"name": "x"}'), "its type is not named", id="other-json"),
        pytest.param(text("x.geojson", '<?xml version="1.0"?><gpx/>'), "it is not a .geojson file", id="gpx"),
        pytest.param(text("x.gpkg", '<?xml version="1.0"?><kml/>'), "it is not a .gpkg file", id="kml"),
        pytest.param(pointing_elsewhere, "it is not a .geojson file", id="file-that-points-at-another"),
        pytest.param(lambda f: cut(shapes("lamps.gpkg", points("13"))(f)), "cannot be opened as .gpkg", id="cut-gpkg"),
        pytest.param(no_spatial_layer, "it holds no layer with shapes", id="no-spatial-layer"),
    ],
)
def test_files_that_cannot_be_used(tmp_path: Path, make: Any, cause: str) -> None:
    assert cause in refused(make(tmp_path))


def test_a_view_is_not_computed(tmp_path: Path) -> None:
    """A view over an endless query, registered as a layer."""
    file = layers_in_one(tmp_path)
    with sqlite3.connect(file) as store:
        store.execute(
            "CREATE VIEW trap AS WITH RECURSIVE n(i, geom) AS (SELECT 1, NULL UNION ALL SELECT i + 1, geom FROM n) "
            "SELECT i AS fid, geom FROM n"
        )
        store.execute("INSERT INTO gpkg_contents (table_name, data_type, srs_id) VALUES ('trap', 'features', 4544)")
        store.execute("INSERT INTO gpkg_geometry_columns VALUES ('trap', 'geom', 'POINT', 4544, 0, 0)")
        store.execute("CREATE TRIGGER t AFTER UPDATE ON lamps BEGIN DELETE FROM signs; END")
    store.close()
    found = looked(file)
    assert [layer.name for layer in found.layers] == ["lamps", "signs"]
    assert any("views over other tables were not read: trap" in note.en for note in found.notes)


def test_arcs_are_told_and_read_as_none(tmp_path: Path) -> None:
    wkb = struct.pack("<BII6d", 1, 8, 3, 0, 0, 1, 1, 2, 0)  # a CircularString
    pyogrio.raw.write(
        tmp_path / "x.gpkg", geometry=np.array([wkb], dtype=object), field_data=[np.array([1])], fields=["a"],
        geometry_type="Unknown", crs="EPSG:4544",
    )  # fmt: skip
    found = looked(tmp_path / "x.gpkg")
    assert found.layers[0].geometry_types == {"CircularString": 1}
    assert any("1 shapes have arcs or surfaces" in note.en for note in found.notes)
    assert rows(tmp_path / "x.gpkg")[0]["(geometry)"] is None


def test_a_geojson_in_a_zip_and_one_of_another_ending(tmp_path: Path) -> None:
    content = json.dumps({"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {"a": None}, "geometry": None},
        {"type": "Feature", "properties": {"a": "x"}, "geometry": place(104.5, 31.5)},
    ]}).encode()  # fmt: skip
    (layer,) = looked(packed(tmp_path / "x.zip", {"a/灯.json": content})).layers
    assert (layer.name, layer.path, layer.crs) == ("灯", "a/灯.json", "EPSG:4326")
    assert (layer.geometry_types, layer.bounds) == ({"none": 1, "Point": 1}, (104.5, 31.5, 104.5, 31.5))
    (tmp_path / "y.json").write_bytes(content)
    assert rows(tmp_path / "y.json")[0]["(geometry)"] is None


@pytest.mark.parametrize("name", ["x.geojson", "x.gpkg"])
def test_a_folder_with_a_colon_in_its_name(tmp_path: Path, name: str) -> None:
    (tmp_path / "a:b").mkdir()
    assert looked(write(tmp_path / "a:b" / name, points("12"))).layers[0].count == 2
