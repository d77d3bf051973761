"""Uploads are known by their content, however they were packed and whatever they were called."""

from pathlib import Path

import pytest

from gridsvc.errors import FileError
from gridsvc.ingest.sources.hashing import hash_of
from gridsvc.ingest.uploads import keep, keep_parts
from tests.ingest.sources.made import LIMITS, lamps, looked, packed, shapefile, zipped
from tests.ingest.sources.test_vectors import geodatabase


def digest(file: Path) -> str:
    return hash_of(file, file.name, LIMITS)


def test_the_same_parts_under_other_names_and_in_folders(tmp_path: Path) -> None:
    one = zipped(tmp_path / "a.zip", lamps("a"))
    other = packed(tmp_path / "b.zip", {f"2026/x{k.upper()}": v for k, v in reversed(lamps("a").items())})
    assert digest(one) == digest(other)
    assert digest(one) != digest(zipped(tmp_path / "c.zip", lamps("b")))


def test_layers_and_photos_of_a_survey_count(tmp_path: Path) -> None:
    def survey(name: str, *photos: str, **layers: str) -> str:
        entries = {f"{k}{suffix}": v for k, names in layers.items() for suffix, v in lamps(*names).items()}
        return digest(packed(tmp_path / name, {**entries, **{f"photos/{photo}.jpg": b"" for photo in photos}}))

    whole = survey("a.zip", "5107030101000001", l0101="ab", l0102="c")
    assert whole == survey("b.zip", "5107030101000001", l0102="c", l0101="ab")
    assert whole != survey("c.zip", l0101="ab", l0102="c")
    assert whole != survey("d.zip", "5107030101000001", l0101="c", l0102="ab")
    assert whole != survey("e.zip", "5107030101000002", l0101="ab", l0102="c")


def test_one_file_in_a_zip_is_that_file(tmp_path: Path) -> None:
    (tmp_path / "lamps.csv").write_bytes(b"code,x,y\nA,1,2\n")
    file = packed(tmp_path / "lamps.zip", {"a/b.csv": b"code,x,y\nA,1,2\n"})
    assert keep(file, tmp_path / "up")[0] == keep(tmp_path / "lamps.csv", tmp_path / "up")[0]


def test_a_geodatabase_in_another_folder(tmp_path: Path) -> None:
    file = geodatabase(tmp_path)
    inside = {f"x.gdb/{one.name}": one.read_bytes() for one in (tmp_path / "town.gdb").iterdir()}
    assert digest(file) == digest(packed(tmp_path / "other.zip", inside))


def test_a_loose_shapefile_is_packed_with_the_parts_beside_it(tmp_path: Path) -> None:
    for suffix, content in lamps("a").items():
        (tmp_path / f"Lamps{suffix.upper()}").write_bytes(content)
    (tmp_path / "lamps.txt").write_text("not a part")
    found, kept = keep(tmp_path / "Lamps.SHP", tmp_path / "up")
    assert kept.suffix == ".zip"
    assert found == digest(zipped(tmp_path / "z.zip", lamps("a")))
    assert looked(kept).layers[0].name == "Lamps"


def test_parts_given_one_by_one_under_names_of_the_system(tmp_path: Path) -> None:
    parts = {}
    for n, (suffix, content) in enumerate(shapefile([(b"A", "C", 1, 0)], [[b"a"]], prj="X").items()):
        (tmp_path / f"part{n}").write_bytes(content)
        parts[f"灯杆{suffix}"] = tmp_path / f"part{n}"
    name, found, kept = keep_parts(parts, tmp_path / "up")
    assert (name, kept.stem, kept.suffix) == ("灯杆.zip", found, ".zip")
    assert looked(kept).layers[0].name == "灯杆"
    with pytest.raises(FileError, match="can only be the parts of shapefiles"):
        keep_parts({**parts, "x.gpkg": tmp_path / "part0"}, tmp_path / "up")
    with pytest.raises(FileError, match="can only be the parts of shapefiles"):
        keep_parts({"a.dbf": tmp_path / "part0", "a.shx": tmp_path / "part0"}, tmp_path / "up")


def test_the_senders_name_says_the_kind(tmp_path: Path) -> None:
    (tmp_path / "upload-17").write_bytes(b"code,x,y\nA,1,2\n")
    _, kept = keep(tmp_path / "upload-17", tmp_path / "up", "灯.CSV")
    assert kept.suffix == ".csv"
    assert keep_parts({"灯.CSV": tmp_path / "upload-17"}, tmp_path / "up")[2] == kept


def test_what_cannot_be_read_is_known_by_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_text("no zip")
    assert len(keep(tmp_path / "x.zip", tmp_path / "up")[0]) == 64
    for name, cause in {"none.shp": "there is no such file", "x." + "y" * 40: "its name is too long"}.items():
        with pytest.raises(FileError, match=cause):
            keep(tmp_path / name, tmp_path / "up")
