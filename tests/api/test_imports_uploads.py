"""Files on their way in: too large, cut off, damaged, with strange names; steps that are cancelled."""

import os
import socket
import time
from collections.abc import Iterator

import httpx
import pytest

from tests.api.imports import IMPORTS, Desk, desk

MEGABYTE = 1 << 20


@pytest.fixture(scope="module")
def at(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Without a worker: what is asked for waits."""
    with desk(database, tmp_path_factory.mktemp("data"), work=False, upload_megabytes=2) as found:
        yield found


@pytest.fixture
def wang(at: Desk) -> Iterator[httpx.Client]:
    with at.of("wang") as client:
        yield client


def _chunks(name: str, size: int) -> Iterator[bytes]:
    """A form with one file, of which nobody knows beforehand how long it is."""
    yield f'--b\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
    for _ in range(size // 65_536):
        yield bytes(65_536)
    yield b"\r\n--b--\r\n"


FORM = {"content-type": "multipart/form-data; boundary=b"}


@pytest.mark.parametrize("announced", [True, False])
def test_a_file_that_is_too_large_is_refused_in_both_languages(at: Desk, wang: httpx.Client, announced: bool) -> None:
    if announced:
        answer = wang.post(IMPORTS, files={"file": ("x.zip", bytes(3 * MEGABYTE))})
    else:
        answer = wang.post(IMPORTS, content=_chunks("x.zip", 3 * MEGABYTE), headers=FORM)
    assert answer.status_code == 413
    assert "the body takes more than 2 MB" in answer.json()["detail"]
    assert "超过上限（2 MB）" in answer.json()["detail_zh"]
    assert at.leftovers() == []


def test_a_file_of_unknown_length_comes_in_whole(at: Desk, wang: httpx.Client) -> None:
    answer = wang.post(IMPORTS, content=_chunks("x.csv", MEGABYTE), headers=FORM)
    assert answer.status_code == 201, answer.text
    with_size = [file for file in (at.data / "uploads").rglob("*.csv") if file.stat().st_size == MEGABYTE]
    assert len(with_size) == 1
    assert at.leftovers() == []


def test_whoever_leaves_in_the_middle_leaves_nothing_behind(at: Desk, wang: httpx.Client) -> None:
    before = wang.get(IMPORTS).json()["total"]
    host, port = at.host.split(":")
    with socket.create_connection((host, int(port))) as line:
        head = (
            f"POST {IMPORTS} HTTP/1.1\r\nHost: {at.host}\r\nAuthorization: Bearer {at.tokens['wang']}\r\n"
            f"Content-Type: {FORM['content-type']}\r\nContent-Length: {MEGABYTE}\r\n\r\n"
        )
        line.sendall(head.encode() + next(_chunks("x.zip", 0)) + bytes(500_000))
        until = time.monotonic() + 10
        while not at.leftovers() and time.monotonic() < until:
            time.sleep(0.05)
        assert at.leftovers(), "it was not being received"
    while at.leftovers() and time.monotonic() < until + 10:
        time.sleep(0.05)
    assert at.leftovers() == []
    assert wang.get(IMPORTS).json()["total"] == before


def test_what_a_killed_service_left_is_cleared_away_a_day_later(at: Desk, wang: httpx.Client) -> None:
    left = at.data / "uploads" / ".incoming-old"
    left.mkdir(parents=True)
    (left / "0").write_bytes(b"half a file")
    os.utime(left, (0, 0))
    assert wang.post(IMPORTS, files={"file": ("x.csv", b"a,b\n1,2\n")}).status_code == 201
    assert not left.exists()


@pytest.mark.parametrize(
    ("body", "kind", "said"),
    [
        (b"", "multipart/form-data; boundary=b", "the body is damaged, or was cut off"),
        (b"--b\r\nContent-Disposition: form-data; na", "multipart/form-data; boundary=b", "damaged, or was cut off"),
        (b"nonsense", "multipart/form-data; boundary=b", "damaged, or was cut off"),
        (b"--b--\r\n", "multipart/form-data; boundary=b", "send at least one file"),
        (b"x", "multipart/form-data", "send files as multipart/form-data"),
        (b"x", f"multipart/form-data; boundary={'b' * 400}", "boundary is too long"),
        (b"{}", "application/json", "send files as multipart/form-data"),
        (
            b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\ntext\r\n--b--\r\n',
            "multipart/form-data; boundary=b",
            "only files are taken",
        ),
        (
            b'--b\r\nContent-Disposition: form-data; name="file"; filename=""\r\n\r\ntext\r\n--b--\r\n',
            "multipart/form-data; boundary=b",
            "a file has no name",
        ),
        (
            b'--b\r\nContent-Disposition: form-data; name="other"; filename="x.zip"\r\n\r\ntext\r\n--b--\r\n',
            "multipart/form-data; boundary=b",
            "only files are taken",
        ),
    ],
)
def test_what_is_no_upload_is_refused(at: Desk, wang: httpx.Client, body: bytes, kind: str, said: str) -> None:
    answer = wang.post(IMPORTS, content=body, headers={"content-type": kind})
    assert answer.status_code == 422, answer.text
    assert said in answer.json()["detail"]
    assert answer.json()["detail_zh"]
    assert at.leftovers() == []


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("../../etc/passwd.csv", "passwd.csv"),
        ("C:\\survey\\lamps.csv", "lamps.csv"),
        ("路灯 杆.csv", "路灯 杆.csv"),
        ("a\u202eb\u2028.csv", "a_b_.csv"),
    ],
)
def test_of_a_name_only_the_name_counts(at: Desk, wang: httpx.Client, sent: str, name: str) -> None:
    answer = wang.post(IMPORTS, files={"file": (sent, b"a,b\n1,2\n")})
    assert answer.status_code == 201, answer.text
    assert answer.json()["file_name"] == name
    assert not (at.data.parent / "etc").exists()


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["a.zip", "b.zip"], "several files at once can only be the parts of shapefiles"),
        (["a.dbf", "a.shx"], "several files at once can only be the parts of shapefiles"),
        (["a.csv", "x/a.csv"], "two files are called a.csv"),
        ([f"{n}.shp" for n in range(21)], "no more than 20 files"),
        ([f"{'x' * 300}.csv"], "is too long"),
    ],
)
def test_files_that_do_not_belong_together_are_refused(
    at: Desk, wang: httpx.Client, names: list[str], said: str
) -> None:
    answer = wang.post(IMPORTS, files=[("file", (name, b"content")) for name in names])
    assert answer.status_code == 422, answer.text
    assert said in answer.json()["detail"]
    assert at.leftovers() == []


def test_an_empty_file_is_refused(wang: httpx.Client) -> None:
    answer = wang.post(IMPORTS, files={"file": ("x.csv", b"")})
    assert answer.status_code == 422
    assert "empty" in answer.json()["detail"]


def test_what_waits_is_cancelled_and_asked_for_again(at: Desk, wang: httpx.Client) -> None:
    batch = wang.post(IMPORTS, files={"file": ("x.csv", b"a,b\n1,2\n")}).json()["id"]
    path = f"{IMPORTS}/{batch}"
    assert wang.get(path).json()["work"]["state"] == "waiting"
    assert wang.post(f"{path}/inspect").status_code == 409
    assert wang.post(f"{path}/drop").status_code == 409
    with at.of("li") as li:
        assert li.post(f"{path}/cancel").json()["work"]["state"] == "cancelled"
    assert wang.post(f"{path}/cancel").status_code == 409
    assert wang.post(f"{path}/inspect").json()["work"]["state"] == "waiting"


def test_a_suggestion_needs_a_look_at_the_file_first(wang: httpx.Client) -> None:
    batch = wang.post(IMPORTS, files={"file": ("x.csv", b"a,b\n1,2\n")}).json()["id"]
    answer = wang.get(f"{IMPORTS}/{batch}/suggestion")
    assert answer.status_code == 409
    assert "尚未完成文件识别" in answer.json()["detail_zh"]


def test_nobody_without_the_right_has_a_file_received(at: Desk) -> None:
    with at.of("analyst") as client:
        assert client.post(IMPORTS, files={"file": ("x.csv", b"a,b\n")}).status_code == 403
    with httpx.Client(base_url=f"http://{at.host}", trust_env=False, verify=False) as public:
        assert public.post(IMPORTS, files={"file": ("x.csv", b"a,b\n")}).status_code == 401


@pytest.mark.parametrize("name", ["路灯.csv", "路灯.zip"])
def test_an_empty_file_is_called_as_its_sender_calls_it(wang: httpx.Client, name: str) -> None:
    answer = wang.post(IMPORTS, files={"file": (name, b"")})
    assert answer.status_code == 422, answer.text
    assert answer.json()["detail"].startswith(f"{name}: the file is empty")
    assert answer.json()["detail_zh"].startswith(f"{name}：文件为空")
