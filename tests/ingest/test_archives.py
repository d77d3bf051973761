"""Zips and names that are damaged where the library that reads them says so in its own ways."""

import zipfile
from pathlib import Path

import pytest

from gridsvc.errors import FileError
from gridsvc.ingest import shapefiles
from gridsvc.ingest.pipeline import import_file
from gridsvc.ingest.shapefiles import encoding
from gridsvc.store.city import City
from gridsvc.store.connection import Connection
from tests.ingest.damage import lamp_files
from tests.ingest.layers import lamps, points, write


def packed(folder: Path, method: int, stem: str = "lamps") -> Path:
    write(folder / "lamps.shp", points("12345678"))
    with zipfile.ZipFile(folder / "lamps.zip", "w", method) as archive:
        for suffix in (".dbf", ".prj", ".shp", ".shx"):
            archive.write(folder / f"lamps{suffix}", f"{stem}{suffix}")
    return folder / "lamps.zip"


def changed(file: Path, marks: tuple[bytes, ...], at: int, value: bytes) -> Path:
    """Bytes at a distance from every header of a member."""
    content = bytearray(file.read_bytes())
    for mark in marks:
        start = -1
        while (start := content.find(mark, start + 1)) >= 0:
            where = start + at + (2 if mark == b"PK\x01\x02" and at < 26 else 0)
            content[where : where + len(value)] = value
    file.write_bytes(content)
    return file


BOTH = (b"PK\x03\x04", b"PK\x01\x02")


def refused(conn: Connection, city: City, file: Path) -> str:
    with pytest.raises(FileError) as caught:
        import_file(conn, city, file, lamps(), file.parent / "uploads")
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2, zipfile.ZIP_DEFLATED])
def test_damaged_data(ready: Connection, town: City, tmp_path: Path, method: int) -> None:
    file = changed(packed(tmp_path, method), BOTH[:1], 30 + len("lamps.dbf") + 8, b"\xff" * 20)
    assert refused(ready, town, file).startswith("lamps.zip: the zip archive is damaged")


@pytest.mark.parametrize(("at", "value"), [(4, b"\xc8\x00"), (8, b"\x63\x00")], ids=["version-20.0", "method-99"])
def test_zips_of_other_kinds(ready: Connection, town: City, tmp_path: Path, at: int, value: bytes) -> None:
    file = changed(packed(tmp_path, zipfile.ZIP_DEFLATED), BOTH, at, value)
    assert refused(ready, town, file).startswith("lamps.zip: ")


def test_a_name_that_is_not_the_utf8_that_it_says(ready: Connection, town: City, tmp_path: Path) -> None:
    file = packed(tmp_path, zipfile.ZIP_DEFLATED, stem="灯")
    file.write_bytes(file.read_bytes().replace("灯".encode(), b"\xff\xfe\xfd"))
    assert refused(ready, town, file).startswith("lamps.zip: ")


def test_a_name_in_a_zip_longer_than_a_files_may_be(ready: Connection, town: City, tmp_path: Path) -> None:
    file = packed(tmp_path, zipfile.ZIP_DEFLATED, stem="路灯" * 100)
    assert import_file(ready, town, file, lamps(), tmp_path / "uploads").promoted == 8
    with zipfile.ZipFile(file, "w") as archive:
        archive.write(tmp_path / "lamps.shp", f"{'路灯' * 100}.shp")
    assert "路灯" in refused(ready, town, file)  # what is missing has the name that its sender gave it


def test_an_ending_longer_than_the_kept_copy_may_have(ready: Connection, town: City, tmp_path: Path) -> None:
    file = tmp_path / f"x.{'y' * 240}"
    file.write_text("x")
    assert "its name is too long" in refused(ready, town, file)


@pytest.mark.parametrize("block", [1, 3, 1 << 20])
def test_the_encoding_is_told_by_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr(shapefiles, "BLOCK", block)
    found = []
    for text, codec in (("abc", "utf-8"), ("路灯", "utf-8"), ("路灯", "gbk")):
        table = lamp_files("lamps.shp")(tmp_path).with_suffix(".dbf")
        table.write_bytes(table.read_bytes() + text.encode(codec))
        table.with_suffix(".cpg").unlink()
        declared, note = encoding(table.with_suffix(".shp"))
        found.append((declared, note is not None))
    assert found == [("utf-8", False), ("utf-8", True), ("gb18030", True)]
