"""Zipped shapefiles: encodings said truly, names and texts cut between characters, nothing lost without a word."""

import csv
import io
import zipfile
from pathlib import Path
from typing import Any

import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridsvc.errors import InputError
from gridsvc.files import OutLayer, Written, write
from gridsvc.files.dbf import LONGEST_NAME, LONGEST_TEXT, cut, encodable, full_names, short_names
from tests.files.made import TOWN, layer, named, points


def part(written: Written, ending: str) -> bytes:
    """The one file of the archive that ends so."""
    with zipfile.ZipFile(written.path) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(ending))
        return archive.read(name)


def field_widths(dbf: bytes) -> dict[bytes, int]:
    heads = dbf[32 : int.from_bytes(dbf[8:10], "little") - 1]
    return {heads[n : n + 11].rstrip(b"\0"): heads[n + 16] for n in range(0, len(heads), 32)}


def read(written: Written, **given: Any) -> Any:
    return pyogrio.read_dataframe(written.path, **given)


def texts_of(written: Written, column: str) -> list[str | None]:
    found: list[str | None] = pyogrio.read_arrow(written.path)[1].column(column).to_pylist()
    return found


def shapefile(of: OutLayer, folder: Path, encoding: str = "utf-8", **given: Any) -> Written:
    return write(of, folder / "out.zip", "shapefile", encoding=encoding, **given)


@pytest.mark.parametrize(("encoding", "page", "ldid"), [("gbk", b"GBK", 0x4D), ("utf-8", b"UTF-8", 0)])
def test_the_encoding_is_what_is_said(tmp_path: Path, encoding: str, page: bytes, ldid: int) -> None:
    written = shapefile(layer(points("1"), ObjName=["完好的井盖"], 名称=["人民路"]), tmp_path, encoding)
    dbf = part(written, ".dbf")
    assert part(written, ".cpg") == page
    assert dbf[29] == ldid
    assert "完好的井盖".encode(encoding) in dbf
    assert set(field_widths(dbf)) == {b"ObjName", "名称".encode(encoding)}
    assert read(written)["名称"].tolist() == ["人民路"]
    assert written.notes == ()


def test_the_crs_is_said_as_esri_says_it(tmp_path: Path) -> None:
    of = layer(points("12"), a=["x", "y"])
    own = part(shapefile(of, tmp_path), ".prj")
    assert own.startswith(b'PROJCS["CGCS2000_3_Degree_GK_CM_105E",GEOGCS["GCS_China_Geodetic_Coordinate_System_2000"')
    assert b"PROJECTION[" in own
    degrees = shapefile(of, tmp_path, crs="EPSG:4490")
    assert part(degrees, ".prj").startswith(b'GEOGCS["GCS_China_Geodetic_Coordinate_System_2000"')
    assert shapely.get_coordinates(read(degrees).geometry)[0] == pytest.approx(TOWN.lonlat("1"), abs=1e-9)


def test_places_stay_to_the_last_bit_in_the_own_crs(tmp_path: Path) -> None:
    shapes = [shapely.Point(470_000.123456789012, 3_480_000.987654321), TOWN.point("1")]
    found = read(shapefile(layer(shapes, a=["x", "y"]), tmp_path)).geometry
    assert shapely.to_wkb(found.to_numpy()).tolist() == shapely.to_wkb(shapes).tolist()


def test_codes_stay_text(tmp_path: Path) -> None:
    written = shapefile(layer(points("12"), ObjID=["0001030100000001", None]), tmp_path)
    assert texts_of(written, "ObjID") == ["0001030100000001", None]


def test_characters_that_gbk_has_not_are_replaced_and_named(tmp_path: Path) -> None:
    texts = ["㙍䶮𠮷镇", "龙华", None, "㙍䶮𠮷镇"]
    gbk = shapefile(layer(points("1231"), ObjPos=texts), tmp_path, "gbk")
    assert texts_of(gbk, "ObjPos") == ["〓〓〓镇", "龙华", None, "〓〓〓镇"]
    (note,) = gbk.notes
    assert note.column == "ObjPos"
    assert note.zh == "2 处含 GBK 中没有的字，已写为“〓”：㙍䶮𠮷"
    assert note.en.endswith("〓 stands for them: 㙍䶮𠮷")
    assert "㙍䶮𠮷" in part(gbk, "fields.csv").decode("utf-8-sig")
    utf8 = shapefile(layer(points("1231"), ObjPos=texts), tmp_path)
    assert (texts_of(utf8, "ObjPos"), utf8.notes) == (texts, ())


@pytest.mark.parametrize(("encoding", "letters"), [("gbk", 127), ("utf-8", 84)])
def test_texts_are_cut_between_characters_and_named(tmp_path: Path, encoding: str, letters: int) -> None:
    written = shapefile(layer(points("12"), Note=["长" * 200, "短"]), tmp_path, encoding)
    assert read(written)["Note"].tolist() == ["长" * letters, "短"]
    assert [note.zh for note in written.notes] == ["1 处超过 254 字节，已按整字截断"]


def test_a_field_is_as_wide_as_its_longest_text_in_bytes(tmp_path: Path) -> None:
    texts = {"a": ["一二三", "x"], "b": ["", None], "c": ["z" * 254, "z"]}
    assert field_widths(part(shapefile(layer(points("12"), **texts), tmp_path), ".dbf")) == {
        b"a": 9,
        b"b": 1,
        b"c": 254,
    }
    gbk = shapefile(layer(points("12"), **texts), tmp_path, "gbk")
    assert field_widths(part(gbk, ".dbf")) == {b"a": 6, b"b": 1, b"c": 254}


def test_long_names_are_cut_made_unique_and_can_be_restored(tmp_path: Path) -> None:
    names = ["权属单位联系电话", "权属单位联系人", "MAINTENANCE_AGENCY", "maintenance_date", "ObjID", "DataSource"]
    written = shapefile(layer(points("1"), **{name: [name] for name in names}), tmp_path, "gbk")
    found = read(written).drop(columns="geometry")
    assert list(found.columns) == ["权属单位联", "权属单位1", "MAINTENANC", "maintenan1", "ObjID", "DataSource"]
    restored = full_names(part(written, "fields.csv"))["部件"]
    assert {restored[field]: text for field, text in found.iloc[0].items()} == {name: name for name in names}


def test_mixed_geometry_becomes_a_shapefile_for_each(tmp_path: Path) -> None:
    shapes = [TOWN.point("1"), TOWN.line("12"), TOWN.polygon("abed"), None, TOWN.line("23")]
    written = shapefile(layer(shapes, n=[1, 2, 3, 4, 5]), tmp_path)
    names = ["部件_point", "部件_line", "部件_polygon"]
    assert sorted(layer_name for layer_name, _ in pyogrio.list_layers(written.path)) == sorted(names)
    found = {name: read(written, layer=name) for name in names}
    assert [found[name]["n"].tolist() for name in names] == [[1, 4], [2, 5], [3]]
    assert found["部件_point"].geometry.isna().tolist() == [False, True]
    assert set(full_names(part(written, "fields.csv"))) == set(names)


def test_multipoints_beside_points(tmp_path: Path) -> None:
    shapes = [TOWN.point("1"), shapely.MultiPoint([TOWN.point("2"), TOWN.point("3")])]
    found = read(shapefile(layer(shapes, n=[1, 2]), tmp_path))
    assert shapely.get_num_geometries(found.geometry).tolist() == [1, 2]


def test_numbers_that_dbase_cannot_hold_are_text(tmp_path: Path) -> None:
    written = shapefile(
        layer(points("12"), whole=[1, -5], long=[2**62, 1], broken=[0.5, 12.25], fine=[1e-20, 1.0], yes=[True, False]),
        tmp_path,
    )
    found = read(written)
    assert found["whole"].tolist() == [1, -5]
    assert found["long"].tolist() == [str(2**62), "1"]
    assert found["broken"].tolist() == [0.5, 12.25]
    assert [float(text) for text in found["fine"]] == [1e-20, 1.0]
    assert found["yes"].tolist() == [True, False]
    assert [note.column for note in written.notes] == ["long", "fine"]


def test_what_a_shapefile_cannot_hold_is_refused(tmp_path: Path) -> None:
    many = {f"c{n}": ["x"] for n in range(256)}
    with pytest.raises(InputError, match="holds 255 columns, and layer 部件 has 256"):
        shapefile(layer(points("1"), **many), tmp_path)
    collection = shapely.GeometryCollection([TOWN.point("1"), TOWN.line("12")])
    with pytest.raises(InputError, match="row 2 is a collection"):
        shapefile(layer([TOWN.point("1"), collection], a=["x", "y"]), tmp_path)
    with pytest.raises(InputError, match="encoding of a shapefile 'latin-1' is not known"):
        shapefile(layer(points("1"), a=["x"]), tmp_path, "latin-1")
    assert list(tmp_path.iterdir()) == []


def test_a_layer_without_rows_and_a_name_that_no_file_can_have(tmp_path: Path) -> None:
    empty = layer([], a=[])
    empty = OutLayer(
        name=empty.name, columns={"a": empty.columns["a"].cast("string")}, geometry=empty.geometry, srid=4544
    )
    assert len(read(shapefile(empty, tmp_path))) == 0
    written = shapefile(named("../a:b", points("1"), {"a": ["x"]}), tmp_path)
    with zipfile.ZipFile(written.path) as archive:
        assert {Path(name).stem for name in archive.namelist()} == {"___a_b", "fields"}


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@settings(max_examples=200, deadline=None)
@given(st.lists(TEXTS, unique=True, max_size=30), st.sampled_from(["utf-8", "gbk"]))
def test_short_names_fit_and_differ(names: list[str], encoding: str) -> None:
    short = short_names(names, encoding)
    assert list(short) == names
    assert all(0 < len(name.encode(encoding)) <= LONGEST_NAME for name in short.values())
    assert len({name.casefold() for name in short.values()}) == len(names)


@settings(max_examples=200, deadline=None)
@given(TEXTS.map(lambda text: text * 9), st.sampled_from(["utf-8", "gbk"]))
def test_cut_texts_are_whole_characters(text: str, encoding: str) -> None:
    able, lost = encodable(text, encoding)
    short = cut(able, LONGEST_TEXT, encoding)
    assert able.startswith(short)
    assert len(short.encode(encoding)) <= LONGEST_TEXT
    assert not lost or encoding == "gbk"
    assert len(able) == len(text)


def test_the_list_of_fields_is_a_table(tmp_path: Path) -> None:
    written = shapefile(layer(points("1"), ObjID=["1"]), tmp_path)
    rows = list(csv.DictReader(io.StringIO(part(written, "fields.csv").decode("utf-8-sig"))))
    assert rows == [{"layer": "部件", "field": "ObjID", "name": "ObjID", "note_zh": "", "note_en": ""}]
    with pytest.raises(ValueError, match="its head is not"):
        full_names(b"a,b\n1,2\n")
