"""Files over HTTP: whole, of every form, of what the caller sees, and gone from the server when they are sent."""

import tempfile
from pathlib import Path

import httpx
import pyogrio
import pytest

from gridsvc.files import ENDINGS, MEDIA_TYPES
from gridsvc.store.city import the_city
from gridsvc.store.connection import connect
from tests import made
from tests.accounts import put_account, put_token
from tests.api.town import TOWN


@pytest.fixture(scope="module")
def staff(service: httpx.Client, database: str) -> dict[str, str]:
    """Headers of somebody who may export what lies in the west, where one of two lamps stands."""
    with connect(database) as conn, conn.transaction():
        city = the_city(conn)
        made.put_component(conn, city, "W1", "0599", TOWN.point("1"))
        made.put_component(conn, city, "E1", "0599", TOWN.point("2"))
        account = put_account(conn, "gis-of-the-west", "gis_staff", areas=("grid:w",))
        token = put_token(conn, account)
    assert service.get("/health").status_code == 200
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the service makes its files."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("form", list(ENDINGS))
def test_components_in_every_form(
    service: httpx.Client, staff: dict[str, str], folder: Path, tmp_path_factory: pytest.TempPathFactory, form: str
) -> None:
    answer = service.get("/api/v1/components/export", params={"form": form}, headers=staff)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == MEDIA_TYPES[form]
    assert answer.headers["content-disposition"] == f"attachment; filename*=UTF-8''components{ENDINGS[form]}"
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert list(folder.iterdir()) == []
    file = tmp_path_factory.mktemp("got") / f"x{ENDINGS[form]}"
    file.write_bytes(answer.content)
    assert pyogrio.read_dataframe(file)["ObjID"].tolist() == ["W1"]


def test_without_a_form_it_is_the_plain_table(service: httpx.Client, staff: dict[str, str]) -> None:
    answer = service.get("/api/v1/components/export", headers=staff)
    assert answer.content.startswith(b"\xef\xbb\xbfcomponent_code,")
    wrong = service.get("/api/v1/components/export", params={"retired": True}, headers=staff)
    assert (wrong.status_code, "say the form of the file" in wrong.json()["detail"]) == (422, True)


def test_areas(service: httpx.Client, staff: dict[str, str], folder: Path) -> None:
    answer = service.get("/api/v1/areas/export", params={"kind": "grid", "form": "geojson"}, headers=staff)
    assert [feature["properties"]["code"] for feature in answer.json()["features"]] == ["e", "w"]
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(("path", "status", "detail"), [
    ("components/export?form=dwg", 422, "query.form"),
    ("components/export?form=gpkg&area=grid:none", 404, "no area none of kind grid is in force"),
    ("components/export?form=gpkg&crs=EPSG:1", 422, "CRS 'EPSG:1' is not known"),
    ("components/export?form=shapefile&encoding=big5", 422, "query.encoding"),
    ("components/export?form=gpkg" + "&area=grid:w" * 201, 422, "query.area"),
    ("areas/export?kind=park", 422, "area kind 'park' is not known"),
    ("areas/export?kind=grid&revision=9", 404, "areas have no revision 9"),
    ("areas/export?kind=grid&at=2026-01-01T00:00:00Z&revision=1", 422, "not both"),
    ("areas/export?kind=grid&at=2026-01-01T00:00:00", 422, "query.at"),
])  # fmt: skip
def test_what_is_refused(
    service: httpx.Client, staff: dict[str, str], folder: Path, path: str, status: int, detail: str
) -> None:
    answer = service.get(f"/api/v1/{path}", headers=staff)
    assert (answer.status_code, detail in answer.json()["detail"]) == (status, True), answer.text
    assert list(folder.iterdir()) == []


def test_the_public_gets_no_files(service: httpx.Client) -> None:
    for path in ("components/export?form=gpkg", "areas/export?kind=grid"):
        assert service.get(f"/api/v1/{path}", headers={"Authorization": ""}).status_code == 401
