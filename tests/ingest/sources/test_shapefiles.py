"""Shapefiles: text as it is written, numbers that are numbers, and parts that belong together."""

from pathlib import Path

import pytest
import shapely

from gridsvc.errors import FileError
from tests.ingest.damage import Make, column_twice, cut_part, lamp_files, named_in_gbk, other_table
from tests.ingest.layers import points as town_points
from tests.ingest.layers import without, write
from tests.ingest.sources.made import lamps, looked, read, rows, shapefile, zipped
from tests.sketch import ORIGIN


def refused(file: Path) -> FileError:
    with pytest.raises(FileError) as caught:
        looked(file)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith(file.name)
    assert file.name in caught.value.zh
    return caught.value


@pytest.mark.parametrize(
    ("make", "cause"),
    [
        pytest.param(lambda f: without(lamp_files("lamps.zip")(f), ".shx"), "lamps.shx is missing", id="no-shx-zip"),
        pytest.param(lambda f: without(lamp_files("lamps.shp")(f), ".shx"), "lamps.shx is missing", id="no-shx"),
        pytest.param(lambda f: without(lamp_files("lamps.zip")(f), ".dbf"), "lamps.dbf is missing", id="no-dbf"),
        pytest.param(lambda f: without(lamp_files("lamps.zip")(f), ".shp"), "lamps.shp is missing", id="no-shp"),
        pytest.param(named_in_gbk, "路灯.shx is missing", id="names-in-gbk"),
        pytest.param(column_twice, "it has more than one column 'NAMEA'", id="column-twice"),
        pytest.param(cut_part(".shp"), "of 324 bytes: it was cut off", id="cut-shp"),
        pytest.param(cut_part(".shx"), "of 164 bytes: it was cut off", id="cut-shx"),
        pytest.param(cut_part(".dbf"), "lamps.dbf has", id="cut-dbf"),
        pytest.param(other_table, "2 shapes and lamps.dbf 3 rows: these parts do not belong", id="other-dbf"),
        pytest.param(lambda f: zipped(f / "x.zip", lamps()), "it holds no features", id="no-features"),
        pytest.param(lambda f: zipped(f / "x.zip", {**lamps("a"), ".shp": b"%PDF"}), "is not a .shp file", id="pdf"),
        pytest.param(lambda f: zipped(f / "x.zip", {**lamps("a"), ".shx": b""}), "lamps.shx has 0 of", id="no-bytes"),
        pytest.param(lambda f: zipped(f / "x.zip", {**lamps("a"), ".dbf": b"x" * 80}), "lamps.dbf", id="other-table"),
    ],
)
def test_what_is_wrong_with_its_parts_is_said(tmp_path: Path, make: Make, cause: str) -> None:
    assert cause in str(refused(make(tmp_path)))


def test_an_index_that_points_beyond_the_shapes_is_told(tmp_path: Path) -> None:
    parts = lamps("a", "b")
    parts[".shx"] = parts[".shx"][:-8] + b"\x00\xff\xff\xff\x00\x00\x00\x0a"
    assert "points to places that its .shp does not have" in str(refused(zipped(tmp_path / "x.zip", parts)))


def test_gbk_text_and_cut_names_of_columns(tmp_path: Path) -> None:
    named = "主管部门名称".encode("gbk")[:9] + b"\xc3"  # the last character is cut in two
    fields = [(named, "C", 12, 0), ("名称".encode("gbk"), "C", 20, 0)]
    file = zipped(tmp_path / "x.zip", shapefile(fields, [["市水利局".encode("gbk"), "路灯".encode("gbk")]]))
    (layer,) = looked(file).layers
    assert [field.name for field in layer.fields][1:] == ["名称"]
    assert layer.fields[0].name.startswith("主管部门")
    assert layer.fields[1].examples == ("路灯",)
    assert [row["名称"] for row in rows(file)] == ["路灯"]


def test_the_encoding_can_be_chosen(tmp_path: Path) -> None:
    file = zipped(tmp_path / "x.zip", lamps("路燈", encoding="big5"))
    assert rows(file, encoding="big5")[0]["NAME"] == "路燈"


FIELDS = [
    (b"N18", "N", 18, 0), (b"N19", "N", 19, 0), (b"N20", "N", 20, 0), (b"REAL", "N", 24, 15), (b"F", "F", 13, 11),
    (b"DAY", "D", 8, 0), (b"YES", "L", 1, 0), (b"INT", "N", 9, 0),
]  # fmt: skip


def test_no_digit_of_a_number_is_lost(tmp_path: Path) -> None:
    record = [
        b"510703010100000123",
        b"5107030101000001239",
        b"51070301010000012399",
        b"1.5",
        b"2.5",
        b"20200102",
        b"T",
        b"7",
    ]
    file = zipped(tmp_path / "x.zip", shapefile(FIELDS, [record]))
    (row,) = rows(file)
    assert list(row.values())[:8] == [
        510703010100000123, "5107030101000001239", "51070301010000012399", 1.5, 2.5, "2020-01-02", "true", 7,
    ]  # fmt: skip
    (layer,) = looked(file).layers
    assert [field.type for field in layer.fields] == [
        "integer",
        "text",
        "text",
        "real",
        "real",
        "date",
        "bool",
        "integer",
    ]


def test_what_is_no_value_does_not_become_one(tmp_path: Path) -> None:
    record = [b"x", b"*" * 19, b"", b"1.#QNAN", b"nan", b"2020", b"?", b"1.5"]
    found, notes = read(zipped(tmp_path / "x.zip", shapefile(FIELDS, [record])))
    values = list(found[0].values())[:8]
    assert values[:4] == [None, None, None, None]
    assert values[4] != values[4]  # NaN is a number of its own kind, not the absence of one
    assert values[5:] == ["2020", None, None]
    assert {f"lamps: 1 values of the number column {name!r} are no numbers and were left empty" for name in
            ("N18", "N19", "REAL", "INT")} <= set(notes)  # fmt: skip


def test_number_columns_as_wide_as_codes_are_remarked_upon(tmp_path: Path) -> None:
    fields = [(b"OBJID", "N", 16, 0), (b"LENGTH", "F", 19, 11)]
    file = zipped(tmp_path / "x.zip", shapefile(fields, [[b"5107030101000001", b"5.107030101e+15"]]))
    notes = [note.en for note in looked(file).notes]
    assert any("(OBJID): all digits are kept, but zeros at the beginning" in note for note in notes)
    assert any("'LENGTH' holds floating-point numbers of 16 and more digits" in note for note in notes)
    assert rows(file)[0]["OBJID"] == 5107030101000001


def test_rows_marked_as_deleted_are_passed_over_and_counted(tmp_path: Path) -> None:
    records = [[b"A"], [b"B"], [b"C"]]
    file = zipped(tmp_path / "x.zip", shapefile([(b"NAME", "C", 3, 0)], records, deleted=[1]))
    found = looked(file)
    assert found.layers[0].count == 2
    assert found.layers[0].geometry_types == {"Point": 2}
    assert "lamps: 1 rows of the table are marked as deleted and were passed over" in [note.en for note in found.notes]
    assert [(row["NAME"], row["(feature)"]) for row in rows(file)] == [("A", 1), ("C", 3)]


def test_all_rows_deleted_is_no_features(tmp_path: Path) -> None:
    file = zipped(tmp_path / "x.zip", shapefile([(b"NAME", "C", 3, 0)], [[b"A"]], deleted=[0]))
    assert "it holds no features" in str(refused(file))


@pytest.mark.parametrize("make", [lambda f: without(lamp_files("lamps.zip")(f), ".prj"), lambda f: _empty_prj(f)])
def test_without_a_prj_nothing_is_assumed(tmp_path: Path, make: Make) -> None:
    found = looked(make(tmp_path))
    assert found.layers[0].crs is None
    assert any("says no coordinate system" in note.en for note in found.notes)


def _empty_prj(folder: Path) -> Path:
    file = lamp_files("lamps.shp")(folder)
    file.with_suffix(".prj").write_text("")
    return file


def test_what_is_seen_of_a_layer(tmp_path: Path) -> None:
    file = write(tmp_path / "lamps.zip", [*town_points("13"), None], CODE=["L1", None, "L3"], SIZE=[1.5, 2.0, None])
    found = looked(file)
    (layer,) = found.layers
    assert (found.kind, layer.name, layer.path, layer.count) == ("shapefile", "lamps", "lamps.shp", 3)
    assert layer.geometry_types == {"Point": 2, "none": 1}
    assert layer.crs is not None
    assert "CGCS2000" in layer.crs
    fields = {field.name: field for field in layer.fields}
    assert (fields["CODE"].examples, fields["CODE"].empty) == (("L1", "L3"), 1)
    assert layer.bounds is not None
    assert layer.bounds[:2] == (ORIGIN[0] + 100, ORIGIN[1] - 100)
    assert len(layer.sample) == 2
    read_back = rows(file)
    assert [row["(feature)"] for row in read_back] == [1, 2, 3]
    assert shapely.from_wkb(read_back[0]["(geometry)"]) == town_points("1")[0]
    assert read_back[2]["(geometry)"] is None


def test_the_sample_comes_from_all_over_a_long_layer(tmp_path: Path) -> None:
    file = zipped(tmp_path / "x.zip", lamps(*(f"L{n}" for n in range(20_000))))
    (layer,) = looked(file).layers
    assert (layer.count, len(layer.sample)) == (20_000, 2000)
    assert layer.sample[0][0] == 470_000
    assert layer.sample[-1][0] == 470_000 + 19_999
    assert layer.bounds == (470_000, 3_480_000, 489_999, 3_499_999)
    assert len(rows(file)) == 20_000


def test_types_of_lines_and_measured_shapes(tmp_path: Path) -> None:
    lines = [shapely.LineString([(0, 0), (1, 1)]), shapely.MultiLineString([[(0, 0), (1, 1)], [(5, 5), (6, 7)]])]
    (layer,) = looked(write(tmp_path / "x.zip", lines)).layers
    assert (layer.geometry_types, layer.bounds) == ({"LineString": 1, "MultiLineString": 1}, (0, 0, 6, 7))
    high = [shapely.Point(1, 2, 3), shapely.Point(4, 5, 6)]
    (layer,) = looked(write(tmp_path / "z.zip", high)).layers
    assert (layer.geometry_types, layer.bounds) == ({"Point": 2}, (1, 2, 4, 5))
    assert shapely.from_wkb(rows(tmp_path / "z.zip")[1]["(geometry)"]).z == 6
