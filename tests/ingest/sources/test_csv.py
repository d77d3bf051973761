"""CSV: delimiters and encodings are found out, every value stays the text that it is."""

from pathlib import Path

import pytest
import shapely

from gridsvc.errors import FileError, InputError
from tests.ingest.sources.made import looked, packed, read, rows


def table(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    (folder / "lamps.csv").write_bytes(text.encode(encoding))
    return folder / "lamps.csv"


def refused(file: Path) -> str:
    with pytest.raises(FileError) as caught:
        looked(file)
    assert "\n" not in str(caught.value)
    assert caught.value.zh.startswith(file.name)
    return str(caught.value)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_delimiters_and_encodings(tmp_path: Path, delimiter: str, encoding: str) -> None:
    lines = ["编号,名称,经度,纬度", '0101,"路灯, 东街",104.7,31.4', "0102,垃圾箱在人民公园,104.8,31.5"]
    text = "\r\n".join(line.replace(",", delimiter).replace(f"{delimiter} ", ", ") for line in lines)
    file = table(tmp_path, text, encoding)
    found = looked(file)
    (layer,) = found.layers
    assert (found.kind, layer.name, layer.count, layer.coordinate_columns) == ("csv", "lamps", 2, ("经度", "纬度"))
    assert (layer.geometry_types, layer.bounds, layer.crs) == ({"Point": 2}, (104.7, 31.4, 104.8, 31.5), None)
    first = rows(file)[0]
    assert (first["编号"], first["名称"], first["(feature)"]) == ("0101", "路灯, 东街", 1)
    assert shapely.from_wkb(first["(geometry)"]) == shapely.Point(104.7, 31.4)


def test_a_bar_inside_a_chinese_character_parts_nothing(tmp_path: Path) -> None:
    assert b"|" in "纜".encode("gbk")
    file = table(tmp_path, "名称|x|y\n電纜井|1|2\n人民路|1|2\n", "gbk")
    assert rows(file, encoding="gbk")[0]["名称"] == "電纜井"


def test_values_with_line_ends_and_empty_ones(tmp_path: Path) -> None:
    file = table(tmp_path, 'code,note,x,y\n1,"two\nlines",1,2\n\n2,"",,\n,,,\n')
    found, notes = read(file)
    assert [(row["code"], row["note"], row["(geometry)"] is None) for row in found] == [
        ("1", "two\nlines", False), ("2", None, True),
    ]  # fmt: skip
    assert "lamps: 1 rows have no readable place in x / y" in notes


def test_what_excel_says_of_the_delimiter(tmp_path: Path) -> None:
    assert rows(table(tmp_path, "sep=;\na;x;y\n1,5;2;3\n"))[0]["a"] == "1,5"


@pytest.mark.parametrize(
    ("header", "places", "columns", "noted"),
    [
        ("x,y", "104.7,31.4", ("x", "y"), False),
        ("X,Y", "3482115.6,477916.3", ("Y", "X"), True),
        ("X坐标,Y坐标", "3482115.6,35477916.3", ("Y坐标", "X坐标"), True),
        ("X,Y", "477916.3,3482115.6", ("X", "Y"), False),
        ("X,Y", "31.4,104.7", ("Y", "X"), True),
        ("北坐标,东坐标", "3482115.6,477916.3", ("东坐标", "北坐标"), False),
        ("纵坐标(m),横坐标(m)", "3482115.6,477916.3", ("横坐标(m)", "纵坐标(m)"), False),
        ("LAT,LON", "31.4,104.7", ("LON", "LAT"), False),
        ("POINT_X,POINT_Y", "477916.3,3482115.6", ("POINT_X", "POINT_Y"), False),
    ],
)
def test_which_column_is_east(tmp_path: Path, header: str, places: str, columns: tuple[str, str], noted: bool) -> None:
    found = looked(table(tmp_path, f"{header}\n{places}\n"))
    assert found.layers[0].coordinate_columns == columns
    assert any("holds northings" in note.en for note in found.notes) == noted


def test_coordinate_columns_that_a_person_names(tmp_path: Path) -> None:
    file = table(tmp_path, "a,b\n104.7,31.4\n")
    found = looked(file)
    assert found.layers[0].geometry_types == {"none": 1}
    assert any("say which they are" in note.en for note in found.notes)
    with pytest.raises(FileError, match=r"no geometry column, and no columns that are called .* columns are: a, b"):
        rows(file)
    assert shapely.from_wkb(rows(file, coordinate_columns=("a", "b"))[0]["(geometry)"]).x == 104.7
    with pytest.raises(FileError, match="it has no column 'c' for coordinates"):
        rows(file, coordinate_columns=("a", "c"))


def test_shapes_as_wkt(tmp_path: Path) -> None:
    file = table(tmp_path, 'code,WKT\nA,"SRID=4490;LINESTRING (1 2, 3 4)"\nB,POINT Z (1 2 3)\nC,nonsense\n')
    (layer,) = looked(file).layers
    assert (layer.geometry_types, layer.crs) == ({"LineString": 1, "Point": 1, "none": 1}, "EPSG:4490")
    assert [field.name for field in layer.fields] == ["code"]
    assert shapely.from_wkb(rows(file)[1]["(geometry)"]).z == 3


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("code,x,y\n5.10703E+15,1,2\n", "column 'code', line 2 holds 5.10703E+15"),
        ("code,x,y\nA,1,2\n3.2E+15,1,2\n", "column 'code', line 3 holds 3.2E+15"),
        ("code,x,y\n510703010100001000,1,2\n510703010100002000,1,2\n", "line 2 holds 510703010100001000"),
        ("code,x,y\n" + "".join(f"510703010100{n}0,1,2\n" for n in range(100, 104)), "line 2 holds 5107030101001000"),
        ("a,a,x,y\n1,2,3,4\n", "more than one column 'a'"),
        ("a,x,y\n1,2,3\n1,2\n", "line 3 has 2 values where the header has 3"),
        ("a,x,y\n", "it holds no features"),
        ("\n\n", "it holds no header and no rows"),
        ("a,x,y\n\0,2,3\n", "byte 7 is NUL"),
        ('a,x,y\n"never closed,1,2\n3,4,5\n', "lamps.csv: "),
        (",".join(f"c{n}" for n in range(2001)), "more than 2000"),
    ],
)
def test_tables_that_cannot_be_used(tmp_path: Path, text: str, cause: str) -> None:
    assert cause in refused(table(tmp_path, text))


def test_a_row_without_end(tmp_path: Path) -> None:
    assert "a row of it is longer than 8 MB" in refused(table(tmp_path, f"a,x,y\nb,1,2\n{'c' * (20 << 20)},1,2\n"))


def test_codes_that_end_in_zero_by_themselves(tmp_path: Path) -> None:
    codes = ["5107030101000010", "5107030101000011", "5107030101000020"]
    file = table(tmp_path, "code,x,y\n" + "".join(f"{code},1,2\n" for code in codes))
    assert [row["code"] for row in rows(file)] == codes


def test_bytes_that_are_no_character_stay_visible(tmp_path: Path) -> None:
    (tmp_path / "lamps.csv").write_bytes(b"name,x,y\n" + "东街".encode() * 40 + b"\xff,1,2\n")
    assert rows(tmp_path / "lamps.csv", encoding="utf-8")[0]["name"].endswith("街\ufffd")
    with pytest.raises(InputError, match="'klingon' is not the name of a text encoding"):
        rows(tmp_path / "lamps.csv", encoding="klingon")


def test_zipped(tmp_path: Path) -> None:
    file = packed(tmp_path / "x.zip", {"普查/灯杆.csv": b"code,x,y\nA,1,2\n"})
    (layer,) = looked(file).layers
    assert (layer.name, layer.path) == ("灯杆", "普查/灯杆.csv")


def test_more_rows_than_a_batch_has(tmp_path: Path) -> None:
    file = table(tmp_path, "code,x,y\n" + "".join(f"{n},1,2\n" for n in range(70_000)))
    assert [row["(feature)"] for row in rows(file)] == list(range(1, 70_001))


@pytest.mark.parametrize("delimiter", [",", ";"])
@pytest.mark.parametrize("titles", ["普查成果表,,,\n填表单位：城管局,,,\n", "普查成果表\n\n", ""])
def test_titles_before_the_header(tmp_path: Path, titles: str, delimiter: str) -> None:
    text = (titles + "编号,名称,经度,纬度\n0101,路灯,104.7,31.4\n").replace(",", delimiter)
    found = rows(table(tmp_path, text))
    assert [(row["编号"], row["(geometry)"] is None) for row in found] == [("0101", False)]
    noted = [note.en for note in looked(tmp_path / "lamps.csv").notes if "taken for the header" in note.en]
    assert len(noted) == bool(titles)


@pytest.mark.parametrize(
    ("lon", "lat", "place"),
    [
        ("104°42′00″", "31°24′00″", (104.7, 31.4)),
        ("104°42'0.0\"E", "31°24'0.0\"N", (104.7, 31.4)),
        ("东经104度42分0秒", "北纬31度24分", (104.7, 31.4)),
        ("104.7°", " 31.4° ", (104.7, 31.4)),
        ("77°2'24\"W", "38°54'S", (-77.04, -38.9)),
        ("477,916.30", "3,482,115.60", (477916.3, 3482115.6)),
    ],
)
def test_coordinates_as_people_write_them(tmp_path: Path, lon: str, lat: str, place: tuple[float, float]) -> None:
    quoted = [f'"{text}"' for text in (lon.replace('"', '""'), lat.replace('"', '""'))]
    found, notes = read(table(tmp_path, f"编号,经度,纬度\nA,{','.join(quoted)}\n"))
    there = shapely.from_wkb(found[0]["(geometry)"])
    assert (there.x, there.y) == pytest.approx(place)
    assert any("were read as decimal numbers" in said for said in notes)


@pytest.mark.parametrize("wrong", ["104,7", "104°61′", "约104.7", "1,04,7"])
def test_what_is_no_coordinate_is_shown(tmp_path: Path, wrong: str) -> None:
    _, notes = read(table(tmp_path, f"编号;经度;纬度\nA;104.7;31.4\nB;{wrong};31.4\n"))
    assert any(f"1 rows have no readable place in 经度 / 纬度, such as {wrong};" in said for said in notes)
