"""The process that reads can be made to crash, eat and loop: it harms nobody but itself, and the cause is named."""

import ast
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import ipc

from gridsvc.errors import FileError, InputError
from gridsvc.ingest.sources import Choice, Limits, inspect, reader, reading, tasks
from gridsvc.ingest.sources.cage import DRIVERS, ENVIRONMENT
from gridsvc.ingest.sources.reader import Child
from tests.ingest.layers import points, write
from tests.ingest.sources.made import LIMITS, lamps, looked, packed, workbook, zipped
from tests.ingest.sources.test_vectors import geodatabase

SMALL = Limits(memory_mb=600, seconds=60, bytes_unpacked=8 << 20)


@pytest.fixture
def bad(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "CHILD", "tests.ingest.sources.bad_child")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return zipped(tmp_path / "x.zip", lamps("路灯", "灯杆"))


def asked(what: str, name: str, file: Path, limits: Limits = SMALL) -> str:
    with Child(what, file, name, Choice(), limits) as child:
        found = child.output.read().decode()
        child.finish()
        return found


@pytest.mark.usefixtures("bad")
@pytest.mark.parametrize(
    ("what", "cause"),
    [
        ("eat", "reading needed more than 600 MB of memory and was stopped"),
        ("spin", "reading took longer than 2 s and was stopped"),
        ("sleep", "reading took longer than 2 s and was stopped"),
        ("crash", "the reader crashed on it (SIGABRT)"),
        ("leave", "the reader crashed on it (exit code 0)"),
        ("bug", "it cannot be read; damaged? (KeyError: 'absent')"),
        ("write", "it cannot be read; damaged? (OSError: [Errno 27] File too large"),
    ],
)
def test_what_a_file_makes_of_its_reader_is_named(file: Path, what: str, cause: str) -> None:
    with pytest.raises(FileError) as caught:
        asked("hash", what, file, replace(SMALL, seconds=2) if "longer than 2 s" in cause else SMALL)
    assert caught.value.file == what
    assert caught.value.zh.startswith(f"{what}：")
    assert cause in caught.value.cause


@pytest.mark.usefixtures("bad")
def test_the_memory_of_whoever_asks_is_not_taken_for_its_own(file: Path) -> None:
    """A process begins with the peak of its parent, which may be beyond what the reader is allowed."""
    large = bytearray(b"x" * (SMALL.memory_mb << 20))
    with pytest.raises(FileError, match="the reader crashed on it"):
        asked("hash", "crash", file)
    assert large


@pytest.mark.usefixtures("bad")
def test_it_inherits_nothing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRIDSVC_ADMIN_URL", "postgresql://secret")
    found = ast.literal_eval(asked("hash", "tell", file))
    assert set(found) - set(ENVIRONMENT) <= {"PYTHONPATH", "TMPDIR", "LC_CTYPE"}


def test_only_our_drivers_are_there() -> None:
    code = "import pyogrio; print(sorted(pyogrio.list_drivers()))"
    said = subprocess.run([sys.executable, "-c", code], env=ENVIRONMENT, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == str(sorted(DRIVERS))


def test_rows_come_through_the_pipe(file: Path) -> None:
    assert inspect(file, "灯.zip", Limits()) == replaced_name(file)
    with reading(file, "灯.zip", Choice(), Limits()) as stream:
        assert stream.schema.names == ["NAME", "(layer)", "(feature)", "(geometry)"]
        assert pa.Table.from_batches(stream).column("NAME").to_pylist() == ["路灯", "灯杆"]
    assert stream.notes


def replaced_name(file: Path) -> object:
    named = file.with_name("灯.zip")
    named.write_bytes(file.read_bytes())
    return looked(named)


def refused(file: Path, **choice: Any) -> InputError:
    with pytest.raises(InputError) as caught, reading(file, "x.zip", Choice(**choice), Limits()):
        pass
    return caught.value


def test_errors_come_through_unchanged(tmp_path: Path, file: Path) -> None:
    error = refused(file, layers=("trees",))
    assert str(error) == "x.zip: it has no layer 'trees'; it holds: lamps"
    assert error.zh == "x.zip：没有图层“trees”；文件中有：lamps"
    error = refused(file, encoding="klingon")
    assert (type(error), str(error)) == (InputError, "'klingon' is not the name of a text encoding")
    text = {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"a": "\0"}, "geometry": None}]}
    (tmp_path / "x.geojson").write_text(json.dumps(text))
    with pytest.raises(FileError, match="a text of it holds a NUL") as caught:
        inspect(tmp_path / "x.geojson", "x.geojson", Limits())
    assert caught.value.feature == 1


def test_the_process_ends_with_the_block_and_leaves_nothing(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    with reading(file, "x.zip", Choice(), Limits()) as stream:
        child = stream._child._process
    assert child.returncode is not None
    with pytest.raises(ZeroDivisionError), reading(file, "x.zip", Choice(), Limits()):
        raise ZeroDivisionError
    assert list(tmp_path.glob("gridsvc-*")) == []


@pytest.mark.usefixtures("bad")
def test_it_does_not_outlive_its_parent(file: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from gridsvc.ingest.sources import reader, Choice, Limits\n"
        "reader.CHILD = 'tests.ingest.sources.bad_child'\n"
        "with reader.Child('hash', Path(sys.argv[1]), 'sleep', Choice(), Limits()) as child:\n"
        "    child.output.read(1)\n"
        "    print(child._process.pid, child._folder.name, flush=True)\n"
        "    child.output.read(1000)\n"
    )
    root = str(Path(reader.__file__).parents[3])
    with subprocess.Popen(
        [sys.executable, "-c", code, str(file)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": root},
    ) as parent:
        assert parent.stdout is not None
        pid, folder = parent.stdout.readline().split()
        parent.kill()
    until = time.monotonic() + 10
    while Path(f"/proc/{pid}").exists() and time.monotonic() < until:
        time.sleep(0.02)
    assert not Path(f"/proc/{pid}").exists()
    assert not Path(folder).exists()


def test_a_child_that_somebody_kills(file: Path) -> None:
    with Child("inspect", file, "x.zip", Choice(), Limits()) as child:
        os.kill(child._process.pid, signal.SIGKILL)
        child.output.read()
        with pytest.raises(FileError, match=r"the reader crashed on it \(SIGKILL\)"):
            child.finish()


def test_every_kind_is_read_within_the_limits(tmp_path: Path) -> None:
    """With no driver but its own, and nothing of the environment."""
    write(tmp_path / "x.gpkg", points("12"), CODE=["A", "B"])
    write(tmp_path / "x.geojson", points("12"), CODE=["A", "B"])
    (tmp_path / "x.csv").write_text("CODE,x,y\nA,1,2\nB,3,4\n")
    workbook(tmp_path / "x.xlsx", s=[["CODE", "x", "y"], ["A", 1, 2], ["B", 3, 4]])
    geodatabase(tmp_path)
    for name in ("x.gpkg", "x.geojson", "x.csv", "x.xlsx", "town.gdb.zip"):
        found = inspect(tmp_path / name, name, Limits())
        assert found == looked(tmp_path / name)
        layer = found.layers[0].name
        with reading(tmp_path / name, name, Choice(layers=(layer,)), Limits()) as stream:
            assert pa.Table.from_batches(stream).column("CODE").to_pylist() == ["A", "B"]


def streamed(file: Path, limits: Limits = LIMITS) -> bytes:
    target = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder:
        tasks.streamed(file, file.name, Choice(), limits, Path(folder), target)
    return target.getvalue()


def test_a_small_workbook_does_not_unpack_to_rows_without_end(tmp_path: Path) -> None:
    """Its cells may all name one long text."""
    file = workbook(tmp_path / "x.xlsx", S=[["编号", "经度", "纬度"], *([["long", 104.7, 31.4]] * 400)])
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet, kinds = "xl/worksheets/sheet1.xml", "[Content_Types].xml"
    parts[sheet] = parts[sheet].replace(b't="inlineStr"><is><t>long</t></is>', b't="s"><v>0</v>')
    kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    override = b'<Override PartName="/xl/sharedStrings.xml" ContentType="%s"/></Types>' % kind
    parts[kinds] = parts[kinds].replace(b"</Types>", override)
    space = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    parts["xl/sharedStrings.xml"] = b'<sst xmlns="%s"><si><t>%s</t></si></sst>' % (space, b"x" * 30_000)
    packed(file, parts)
    with pytest.raises(FileError, match=r"x\.xlsx: its rows take more than 0\.00781 GiB") as caught:
        streamed(file, replace(LIMITS, bytes_unpacked=8 << 20))
    assert "数据行展开后超过" in caught.value.zh


def test_what_is_handed_over_at_once_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "MOST_BYTES", 5_000)
    file = tmp_path / "x.csv"
    file.write_text("code,x,y\n" + "".join(f"{n:01000},1,2\n" for n in range(9)))
    lots = list(ipc.open_stream(streamed(file)))
    assert [number for lot in lots for number in lot["(feature)"].to_pylist()] == list(range(1, 10))
    assert max(lot.nbytes for lot in lots) <= 5_000
    file.write_text("code,x,y\nA,1,2\n" + "0" * 6_000 + ",1,2\n")
    with pytest.raises(FileError, match="feature 2: it takes more than 0 MB"):
        streamed(file)
