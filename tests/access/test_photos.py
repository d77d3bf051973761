"""Pictures of reports: what a camera wrote into them is for those who work on the report."""

import io
from typing import Any

import httpx
import pytest
from PIL import Image

PLACE, CAMERA = "31.4 N, 104.6 E", "Camera of Li Lei"
GPS, MAKE, ORIENTATION = 0x8825, 0x010F, 0x0112


def photo(kind: str = "JPEG", size: tuple[int, int] = (60, 40), **given: Any) -> bytes:
    """A picture, red on its left half, with a place and a camera in its EXIF."""
    image = Image.new("RGB", size, "blue")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    exif = Image.Exif()
    exif[MAKE] = CAMERA
    exif[GPS] = {1: "N", 2: (31.0, 24.0, 0.0), 3: "E", 4: (104.0, 36.0, 0.0), 29: PLACE}
    exif[ORIENTATION] = given.get("orientation", 1)
    out = io.BytesIO()
    image.save(out, kind, exif=exif, comment=CAMERA.encode() if kind == "JPEG" else None)
    return out.getvalue()


@pytest.fixture(scope="module")
def report(asked: dict[str, httpx.Client]) -> str:
    """A report in the west."""
    found = asked["dispatcher"].get("/api/v1/reports").json()["reports"]
    return str(next(row["id"] for row in found if row["external_id"] == "report-1"))


def send(client: httpx.Client, report: str, content: bytes) -> httpx.Response:
    return client.post(f"/api/v1/reports/{report}/photos", content=content, headers={"content-type": "image/jpeg"})


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_only_those_who_work_on_it_get_what_the_camera_wrote(
    asked: dict[str, httpx.Client], report: str, kind: str
) -> None:
    content = photo(kind)
    sent = send(asked["inspector-west"], report, content)
    assert (sent.status_code, sent.json()["new"]) == (201, True)
    path = f"/api/v1/photos/{sent.json()['id']}"
    for name in ("inspector-west", "dispatcher", "handler-west", "handler-head"):
        got = asked[name].get(path)
        assert (got.status_code, got.content) == (200, content), name
        assert got.headers["content-type"] == f"image/{kind.lower()}"
    for name in ("analyst", "administrator", "gis_staff", "gis-west"):
        got = asked[name].get(path)
        assert (got.status_code, got.headers["content-type"]) == (200, "image/jpeg"), name
        shared = Image.open(io.BytesIO(got.content))
        assert (dict(shared.getexif()), shared.size) == ({}, (60, 40))
        assert CAMERA.encode() not in got.content
        assert PLACE.encode() not in got.content
        left = shared.convert("RGB").getpixel((10, 20))
        assert isinstance(left, tuple)
        assert left[0] > 200 > 60 > left[2]
    for name in ("inspector-east", "analyst-east"):
        assert asked[name].get(path).status_code == 404
        assert asked[name].get(f"/api/v1/reports/{report}/photos").status_code == 404
        assert send(asked["inspector-east"], report, content).status_code == 404
    assert asked["public"].get(path).status_code == 401


def test_the_same_picture_is_one(asked: dict[str, httpx.Client], report: str) -> None:
    content = photo(size=(61, 40))
    first, again = (send(asked["dispatcher"], report, content) for _ in range(2))
    assert (first.status_code, again.status_code, again.json()) == (201, 200, {"id": None, "new": False})
    listed = asked["analyst"].get(f"/api/v1/reports/{report}/photos").json()["photos"]
    assert first.json()["id"] in {row["id"] for row in listed}


def test_a_picture_is_shared_upright_and_not_too_large(asked: dict[str, httpx.Client], report: str) -> None:
    sent = send(asked["dispatcher"], report, photo(size=(5_000, 2_000), orientation=6))
    shared = Image.open(io.BytesIO(asked["analyst"].get(f"/api/v1/photos/{sent.json()['id']}").content))
    assert shared.size == (1_024, 2_560)


@pytest.mark.parametrize("content", [b"", b"GIF89a" + bytes(100), b"<svg/>", photo()[:200], b"\xff\xd8\xff" + bytes(9)])
def test_what_is_no_picture_is_refused(asked: dict[str, httpx.Client], report: str, content: bytes) -> None:
    before = asked["dispatcher"].get(f"/api/v1/reports/{report}/photos").json()
    answer = send(asked["dispatcher"], report, content)
    assert answer.status_code == 422
    assert "picture" in answer.json()["detail"]
    assert asked["dispatcher"].get(f"/api/v1/reports/{report}/photos").json() == before


def test_a_bomb_is_refused(asked: dict[str, httpx.Client], report: str) -> None:
    out = io.BytesIO()
    Image.new("1", (9_000, 9_000)).save(out, "PNG")
    answer = send(asked["dispatcher"], report, out.getvalue())
    assert (answer.status_code, "60,000,000 pixels" in answer.json()["detail"]) == (422, True)


def test_a_picture_of_too_many_bytes_is_refused(asked: dict[str, httpx.Client], report: str) -> None:
    answer = send(asked["dispatcher"], report, bytes(17_000_000))
    assert (answer.status_code, "16,000,000 bytes" in answer.json()["detail"]) == (413, True)


@pytest.mark.parametrize("name", ["analyst", "administrator", "gis_staff", "gis-west", "public"])
def test_not_everybody_adds_pictures(asked: dict[str, httpx.Client], report: str, name: str) -> None:
    assert send(asked[name], report, photo()).status_code == (401 if name == "public" else 403)


def test_the_department_that_disposes_of_it_does(asked: dict[str, httpx.Client], report: str) -> None:
    assert send(asked["handler-west"], report, photo(size=(62, 40))).status_code == 201
