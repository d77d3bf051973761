"""Tables of points by POST: as many rows come back as were sent, in their order, whatever is odd about them."""

import io
import math
from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

import httpx
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gridsvc.store.city import the_city
from gridsvc.store.connection import connect
from tests import made
from tests.accounts import put_account, put_token
from tests.api import town
from tests.api.town import TOWN
from tests.service import asking, client

ARROW, PARQUET = "application/vnd.apache.arrow.stream", "application/vnd.apache.parquet"
INSIDE, OUTSIDE = TOWN.lonlat("1"), TOWN.lonlat("9")
Cloned = Callable[[str], "contextmanager[str]"]


def as_arrow(table: pa.Table, lot: int | None = None) -> bytes:
    out = io.BytesIO()
    with pa.ipc.new_stream(out, table.schema) as writer:
        writer.write_table(table, max_chunksize=lot)
    return out.getvalue()


def as_parquet(table: pa.Table) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out)
    return out.getvalue()


WRITE = {ARROW: as_arrow, PARQUET: as_parquet}
READ = {ARROW: lambda body: pa.ipc.open_stream(body).read_all(), PARQUET: lambda body: pq.read_table(io.BytesIO(body))}
EITHER = pytest.mark.parametrize("form", [ARROW, PARQUET])


def table_of(*places: tuple[Any, Any]) -> pa.Table:
    lon, lat = zip(*places, strict=True)
    columns = [pa.array(range(len(places))), pa.array(lon, pa.float64()), pa.array(lat, pa.float64())]
    return pa.table(columns, names=["number", "lon", "lat"])


def sent(service: httpx.Client, body: bytes, form: str, **params: Any) -> httpx.Response:
    return service.post("/api/v1/locate", content=body, headers={"content-type": form}, params=params)


def located(service: httpx.Client, table: pa.Table, form: str, **params: Any) -> pa.Table:
    answer = sent(service, WRITE[form](table), form, **params)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == form
    return READ[form](answer.content)


def refused(answer: httpx.Response, status: int = 422) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    return problem


@EITHER
def test_every_row_comes_back_in_its_order_with_what_is_odd(service: httpx.Client, form: str) -> None:
    _, lat = INSIDE
    odd = [(math.nan, lat), (math.inf, -math.inf), (None, lat), (1e300, 1e300), OUTSIDE]
    found = located(service, table_of(INSIDE, *odd, TOWN.lonlat("2"), TOWN.lonlat("e")), form)
    assert found.schema.names == ["number", "lon", "lat", "grid", "grid_on_boundary", "grid_overlap", "location_note"]
    assert found["number"].to_pylist() == list(range(8))
    assert found["grid"].to_pylist() == ["w", None, None, None, None, None, "e", "e"]
    assert found["grid_on_boundary"].to_pylist() == [False] * 7 + [True]
    assert found["location_note"].to_pylist() == [
        None, *["no place"] * 4, "outside every area", None, None
    ]  # fmt: skip


@EITHER
def test_distances_and_kinds_are_asked_for(service: httpx.Client, form: str) -> None:
    found = located(service, table_of(INSIDE, OUTSIDE), form, distances=True, kind="grid", x="lon", y="lat")
    assert found["grid_edge_m"].to_pylist() == [pytest.approx(100, abs=0.01), None]
    wrong = sent(service, as_arrow(table_of(INSIDE)), ARROW, kind="park")
    assert "area kind in use 'park' is not known; choose one of: grid" in refused(wrong)["detail"]


@EITHER
def test_none_and_very_many(service: httpx.Client, form: str) -> None:
    assert located(service, table_of(INSIDE).slice(0, 0), form).num_rows == 0
    places = np.array([INSIDE, TOWN.lonlat("2"), OUTSIDE])[np.arange(300_000) % 3]
    table = pa.table({"lon": places[:, 0], "lat": places[:, 1]})
    found = located(service, table, form)
    assert found["grid"].to_pylist() == ["w", "e", None] * 100_000


def test_a_stream_of_many_batches(service: httpx.Client) -> None:
    answer = sent(service, as_arrow(table_of(*[INSIDE, OUTSIDE] * 50), lot=7), ARROW)
    assert READ[ARROW](answer.content)["grid"].to_pylist() == ["w", None] * 50


def test_of_another_datum_and_crs(service: httpx.Client) -> None:
    x, y = TOWN.xy("1")
    table = pa.table({"x": [x], "y": [y]})
    assert located(service, table, PARQUET, crs="EPSG:4544")["grid"].to_pylist() == ["w"]
    assert "say --crs" in refused(sent(service, as_parquet(table), PARQUET))["detail"]


@pytest.mark.parametrize(("body", "form", "detail"), [
    (b"", ARROW, "body.arrows: cannot be read"),
    (b"", PARQUET, "body.parquet: cannot be read"),
    (b"PAR1 but no more", PARQUET, "body.parquet: cannot be read"),
    (b"\xff" * 500, ARROW, "body.arrows: cannot be read"),
    (as_arrow(table_of(INSIDE))[:-60], ARROW, "body.arrows: cannot be read"),
    (as_parquet(table_of(INSIDE))[:-60], PARQUET, "body.parquet: cannot be read"),
    (as_arrow(pa.table({"a": [1]})), ARROW, "which columns hold the coordinates"),
    (as_arrow(pa.table({"lon": [[1.0]], "lat": [1.0]})), ARROW, "a column of coordinates holds list<"),
    (as_arrow(pa.table([[1.0], [1.0], [1.0]], names=["lon", "lat", "lat"])), ARROW, "two columns are called 'lat'"),
    (as_parquet(table_of(INSIDE)), ARROW, "body.arrows: cannot be read"),
    (b"lon,lat\n1,2\n", "text/csv", "its type is text/csv; send one of: application/json, "),
])  # fmt: skip
def test_what_cannot_be_read_is_told_in_both_languages(
    service: httpx.Client, body: bytes, form: str, detail: str
) -> None:
    problem = refused(sent(service, body, form))
    assert detail in problem["detail"]
    assert problem["detail_zh"]


def test_bytes_of_a_stream_that_were_changed_break_nothing(service: httpx.Client) -> None:
    """Whatever it says of lengths and offsets: an answer, or a problem, and the service lives."""
    table = table_of(*[INSIDE] * 40).append_column("name", pa.array([f"n{n}" for n in range(40)]))
    whole, chance = as_arrow(table), np.random.default_rng(5)
    for _ in range(60):
        body = bytearray(whole)
        for place in chance.integers(len(body), size=3):
            body[place] = chance.integers(256)
        assert sent(service, bytes(body), ARROW).status_code in (200, 422)
    assert service.get("/health").status_code == 200


def test_more_than_is_taken(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gridsvc.api.routes.locate_many.MOST_ROWS", 10)
    with client(database, upload_megabytes=1) as service:
        problem = refused(sent(service, as_arrow(table_of(*[OUTSIDE] * 11)), ARROW))
        assert "more than 10 points" in problem["detail"]
        assert "the body takes more than 1 MB" in refused(sent(service, b"0" * 2_000_000, ARROW), 413)["detail"]


def test_who_may_not_is_told_before_the_body_is_read(service: httpx.Client, database: str) -> None:
    """Nothing but the announcement is sent: whoever waited for the body would not answer."""
    with connect(database) as conn:
        scoped = put_token(conn, put_account(conn, "chief"), "see_reports")
    assert service.base_url.port is not None
    for token, status in ((None, 401), (scoped, 403)):
        with asking(f"{service.base_url.host}:{service.base_url.port}", token) as other:
            answer = sent(other, as_arrow(table_of(INSIDE)), ARROW)
            assert refused(answer, status)["detail"]
            assert refused(other.post("/api/v1/locate", json={"points": "no list"}), status)["detail"]


# Another time


@pytest.fixture(scope="module")
def redrawn(cloned: Cloned) -> Any:
    """Revision 1 has w and e, revision 2 one area since NOON."""
    with cloned("locate_redrawn") as url:
        town.build(url)
        with connect(url) as conn, conn.transaction():
            made.put_areas(conn, the_city(conn), made.kind("grid"), {"all": TOWN.polygon("acfd")}, valid_from=made.NOON)
        with client(url) as found:
            yield found


TIMES = pytest.mark.parametrize(("when", "code"), [
    ({}, "all"), ({"revision": 1}, "w"), ({"revision": 2}, "all"), ({"at": "2026-05-31T00:00:00Z"}, "w"),
    ({"at": "2026-06-01T12:00:00+08:00"}, "all"), ({"at": "2199-01-01T00:00:00Z"}, "all"),
])  # fmt: skip


@TIMES
def test_a_point_at_another_time(redrawn: httpx.Client, when: dict[str, Any], code: str) -> None:
    lon, lat = INSIDE
    found = redrawn.get("/api/v1/locate", params={"lon": lon, "lat": lat, **when}).json()
    assert [area["code"] for area in found["areas"]] == [code]
    many = redrawn.post("/api/v1/locate", json={"points": [INSIDE, INSIDE], **when}).json()
    assert [area["code"] for result in many["results"] for area in result["areas"]] == [code, code]


@TIMES
@EITHER
def test_a_table_at_another_time(redrawn: httpx.Client, when: dict[str, Any], code: str, form: str) -> None:
    assert located(redrawn, table_of(INSIDE), form, **when)["grid"].to_pylist() == [code]


@TIMES
def test_the_areas_of_another_time(redrawn: httpx.Client, when: dict[str, Any], code: str) -> None:
    found = redrawn.get("/api/v1/areas", params={"kind": "grid", **when}).json()
    codes = {"w": ["e", "w"], "all": ["all"]}[code]
    assert (found["total"], [area["code"] for area in found["areas"]]) == (len(codes), codes)
    tile = redrawn.get("/tiles/areas/grid/8/201/105.mvt", params=when)
    assert tile.status_code == 200


@pytest.mark.parametrize("path", ["/api/v1/locate", "/api/v1/areas", "/tiles/areas/grid/8/201/105.mvt"])
def test_no_such_time(redrawn: httpx.Client, path: str) -> None:
    lon, lat = INSIDE
    place = {"lon": lon, "lat": lat, "kind": "grid"} if path == "/api/v1/areas" else {"lon": lon, "lat": lat}

    def asked(**when: Any) -> httpx.Response:
        return redrawn.get(path, params={**place, **when})

    assert "areas have no revision 3; the newest is 2" in refused(asked(revision=3), 404)["detail"]
    both = refused(asked(revision=1, at="2026-05-31T00:00:00Z"))
    assert ("a revision or a moment, not both" in both["detail"], both["detail_zh"]) == (
        True,
        "版本号与时间只能指定一项",
    )


def test_no_such_time_for_many(redrawn: httpx.Client) -> None:
    wrong = sent(redrawn, as_arrow(table_of(INSIDE)), ARROW, revision=3)
    assert "areas have no revision 3" in refused(wrong, 404)["detail"]
    body = {"points": [INSIDE], "revision": 1, "at": "2026-05-31T00:00:00Z"}
    assert "not both" in refused(redrawn.post("/api/v1/locate", json=body))["detail"]
    beside = redrawn.post("/api/v1/locate", json={"points": [INSIDE]}, params={"revision": 1})
    assert "stand in the body" in refused(beside)["detail"]
