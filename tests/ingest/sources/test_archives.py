"""Archives: whatever stands in them, nothing lands outside of its folder, and nothing more than may be."""

import stat
import struct
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridsvc.errors import FileError
from gridsvc.ingest.sources import Limits
from gridsvc.ingest.sources.archives import opened
from tests.ingest.damage import GbkInfo, docx, locked, scratched
from tests.ingest.layers import cut
from tests.ingest.sources.made import lamps, looked, packed, rows, zipped

BOTH = (b"PK\x03\x04", b"PK\x01\x02")


def refused(file: Path, limits: Limits | None = None) -> str:
    with pytest.raises(FileError) as caught:
        looked(file, limits or Limits())
    assert "\n" not in str(caught.value)
    assert caught.value.zh
    return str(caught.value)


def changed(file: Path, marks: tuple[bytes, ...], at: int, value: bytes) -> Path:
    """Bytes at a distance from every header of a member; those of the directory stand two bytes later."""
    content = bytearray(file.read_bytes())
    for mark in marks:
        start = -1
        while (start := content.find(mark, start + 1)) >= 0:
            where = start + at + (2 if mark == BOTH[1] else 0)
            content[where : where + len(value)] = value
    file.write_bytes(content)
    return file


@pytest.mark.parametrize(
    "name",
    ["../a.shp", "a/../../a.shp", "/etc/a.shp", "C:\\a.shp", "c:/a.shp", "\\\\host\\share\\a.shp", "..\\a.shp"],
)
def test_names_that_point_elsewhere_refuse_the_archive(tmp_path: Path, name: str) -> None:
    file = packed(tmp_path / "x.zip", {"a.csv": b"x,y\n1,2\n", name: b"x"})
    assert "points outside of its folder" in refused(file)


def test_links_and_devices_are_not_followed(tmp_path: Path) -> None:
    for kind in (stat.S_IFLNK, stat.S_IFIFO, stat.S_IFBLK):
        info = zipfile.ZipInfo("lamps.prj")
        info.external_attr = (kind | 0o777) << 16
        file = zipped(tmp_path / "x.zip", lamps("a"))
        with zipfile.ZipFile(file, "a") as archive:
            archive.writestr(info, "/etc/passwd")
        assert "is not a file but a link or a device: lamps.prj" in refused(file)


def test_a_name_with_a_nul_or_without_end(tmp_path: Path) -> None:
    file = packed(tmp_path / "x.zip", {f"{'x' * 1001}.shp": b""})
    assert "a name that no file can have" in refused(file)
    file = zipped(tmp_path / "y.zip", lamps("a"), stem="lampsX")
    file.write_bytes(file.read_bytes().replace(b"lampsX", b"lamps\0"))
    assert "a name that no file can have" in refused(file)


def test_too_many_entries(tmp_path: Path) -> None:
    file = packed(tmp_path / "x.zip", {f"{n}.jpg": b"" for n in range(12)})
    assert "more than 11 entries" in refused(file, Limits(files=11))


def test_the_list_of_entries_is_not_read_when_it_is_too_long(tmp_path: Path) -> None:
    file = zipped(tmp_path / "x.zip", lamps("a"))
    content = bytearray(file.read_bytes())
    end = content.rfind(b"PK\x05\x06")
    content[end + 12 : end + 16] = struct.pack("<I", 0xFFFFFFF0)
    file.write_bytes(content)
    assert "more than 20000 entries" in refused(file)


def test_an_archive_that_unpacks_to_too_much(tmp_path: Path) -> None:
    file = zipped(tmp_path / "x.zip", lamps("a"))
    assert "unpacks to more than 9.31e-08 GiB" in refused(file, Limits(bytes_unpacked=100))


def test_a_bomb_is_told_by_its_ratio(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("lamps.dbf", bytes(80 << 20))
    assert "times its size, more than 500 times" in refused(tmp_path / "x.zip")


def test_bytes_are_counted_whatever_the_archive_declares(tmp_path: Path) -> None:
    file = packed(tmp_path / "x.zip", {"a.csv": b"x,y\n" + b"1,2\n" * 1000})
    with opened(file, "x.zip", Limits()) as archive:
        archive.limits = Limits(bytes_unpacked=2000)
        with pytest.raises(FileError, match="unpacks to more than"):
            archive.unpack(archive.members[0], tmp_path / "a")


def test_a_member_that_says_it_is_smaller_than_it_is(tmp_path: Path) -> None:
    file = packed(tmp_path / "x.zip", {"a.csv": b"x,y\n" + b"1,2\n" * 100_000})
    assert "damaged" in refused(changed(file, BOTH, 22, struct.pack("<I", 40)))


def test_an_archive_in_an_archive(tmp_path: Path) -> None:
    inner = zipped(tmp_path / "inner.zip", lamps("a"))
    file = packed(tmp_path / "x.zip", {"survey/inner.zip": inner.read_bytes()})
    assert "holds another archive (survey/inner.zip): unpack that first" in refused(file)


def test_archives_that_are_locked_cut_or_scratched(tmp_path: Path) -> None:
    for n, (make, cause) in enumerate(
        [(locked, "locked with a password"), (scratched, "the zip archive is damaged"),
         (lambda f: cut(zipped(f / "x.zip", lamps("a"))), "not a complete zip archive"),
         (docx, "holds 0 shapefiles (.shp) and no GeoPackage")]
    ):  # fmt: skip
        (tmp_path / str(n)).mkdir()
        assert cause in refused(make(tmp_path / str(n)))
    (tmp_path / "text.zip").write_text("not a zip at all")
    assert "not a complete zip archive" in refused(tmp_path / "text.zip")


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2, zipfile.ZIP_DEFLATED])
def test_damaged_data_however_it_is_packed(tmp_path: Path, method: int) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w", method) as archive:
        for suffix, content in lamps(*(f"L{n}" for n in range(200))).items():
            archive.writestr(f"lamps{suffix}", content)
    file = changed(tmp_path / "x.zip", BOTH[:1], 30 + len("lamps.dbf") + 8, b"\xff" * 20)
    assert refused(file).startswith("x.zip: the zip archive is damaged")


@pytest.mark.parametrize(("at", "value"), [(4, b"\xc8\x00"), (8, b"\x63\x00")], ids=["version-20.0", "method-99"])
def test_zips_of_other_kinds(tmp_path: Path, at: int, value: bytes) -> None:
    assert refused(changed(zipped(tmp_path / "x.zip", lamps("a")), BOTH, at, value)).startswith("x.zip: ")


def test_a_name_that_is_not_the_utf8_that_it_says(tmp_path: Path) -> None:
    file = zipped(tmp_path / "x.zip", lamps("a"), stem="灯")
    file.write_bytes(file.read_bytes().replace("灯".encode(), b"\xff\xfe\xfd"))
    assert refused(file).startswith("x.zip: ")


def test_names_in_gbk_and_names_longer_than_a_file_may_have(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "gbk.zip", "w") as archive:
        for suffix, content in lamps("a").items():
            archive.writestr(GbkInfo(f"涪城区/路灯{suffix}"), content)
    (layer,) = looked(tmp_path / "gbk.zip").layers
    assert (layer.name, layer.path) == ("路灯", "涪城区/路灯.shp")
    long = zipped(tmp_path / "long.zip", lamps("a"), stem="路灯" * 100)
    assert looked(long).layers[0].count == 1


def test_a_survey_with_layers_in_folders_and_photos(tmp_path: Path) -> None:
    others = ("普查/说明.txt", "普查/photos/5107030101000001_2.jpg", "普查/photos/5107030102000003/1.JPG")
    entries = dict.fromkeys((*others, "__MACOSX/._0101.shp", "普查/汇总.xlsx"), b"")
    for stem, names in {
        "普查/0101": "ab",
        "普查/0102上水井盖": "c",
        "a/管线": "d",
        "b/管线": "e",
        "普查/空": "",
    }.items():
        entries |= {f"{stem}{suffix}": content for suffix, content in lamps(*names).items()}
    file = packed(tmp_path / "survey.zip", entries)
    found = looked(file)
    assert found.kind == "survey"
    assert {layer.name: layer.count for layer in found.layers} == {
        "a/管线": 1, "b/管线": 1, "0101": 2, "0102上水井盖": 1, "空": 0,
    }  # fmt: skip
    assert [photo.key for photo in found.photos] == ["5107030101000001", "5107030102000003"]
    said = " ".join(note.en for note in found.notes)
    assert "files that were not read: 普查/汇总.xlsx" in said
    assert "layer '空' holds no features" in said
    assert [(row["(layer)"], row["(feature)"], row["NAME"]) for row in rows(file, layers=("0101", "b/管线"))] == [
        ("b/管线", 1, "e"), ("0101", 1, "a"), ("0101", 2, "b"),
    ]  # fmt: skip
    with pytest.raises(FileError, match=r"it has no layer 'trees'; it holds: a/管线, b/管线, 0101"):
        rows(file, layers=("trees",))


def test_more_than_one_file_to_choose_from(tmp_path: Path) -> None:
    file = packed(tmp_path / "x.zip", {"a.csv": b"x,y\n1,2\n", "b.csv": b"x,y\n1,2\n"})
    assert "holds 2 files to choose from; zip one of them: a.csv, b.csv" in refused(file)


def test_a_part_twice(tmp_path: Path) -> None:
    file = packed(tmp_path / "x.zip", {f"{stem}{k}": v for stem in ("lamps", "LAMPS") for k, v in lamps("a").items()})
    assert "twice" in refused(file)


@settings(max_examples=60, deadline=None)
@given(noise=st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), min_size=1, max_size=12))
def test_a_scratched_zip_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, noise: list[tuple[int, int]]
) -> None:
    folder = tmp_path_factory.mktemp("noise")
    content = bytearray(zipped(folder / "x.zip", lamps("a", "b")).read_bytes())
    for at, value in noise:
        content[at % len(content)] = value
    (folder / "x.zip").write_bytes(content)
    with suppress(FileError), opened(folder / "x.zip", "x.zip", Limits()) as archive:
        for member in archive.members:
            archive.unpack(member, folder / "part")
    assert {path.name for path in folder.iterdir()} <= {"x.zip", "part"}
