"""Who may do what: every route of the application, every role, and the public."""

from collections.abc import Iterator
from math import asinh, pi, radians, tan
from typing import Any

import httpx
import pytest

from gridsvc.api.app import create_app
from gridsvc.config import Settings
from gridsvc.domain.access import PUBLIC
from gridsvc.store import accounts, batches
from gridsvc.store.connection import connect
from tests.access import town
from tests.access.journey import settings
from tests.access.provider import Provider
from tests.access.routes import Route, routes_of, sample
from tests.access.town import WHO
from tests.accounts import put_account, put_session
from tests.service import asking, running

STAFF = frozenset(name for name, who in WHO.items() if who.roles)
ANYBODY = frozenset(WHO)
EVERYBODY = ANYBODY | {PUBLIC}
ADMINISTRATORS = frozenset({"administrator"})
RULERS = frozenset({"administrator", "dispatcher"})
IMPORTERS = frozenset({"administrator", "gis_staff", "gis-west"})
INSPECTORS = frozenset({"inspector", "inspector-west", "inspector-east"})
HANDLERS = frozenset({"handler-west", "handler-head"})
CASE_WORKERS = INSPECTORS | {"intake_clerk", "shift_leader", "dispatcher", "grid_head", "grid_member"}
EXPORTERS = HANDLERS | {
    "administrator", "gis_staff", "gis-west", "shift_leader", "dispatcher", "analyst", "analyst-east",
}  # fmt: skip
WEST_WORKERS = (CASE_WORKERS | HANDLERS) - {"inspector-east"}
"""Those who work on the report in the west, which lies outside of what `inspector-east` sees."""
WEST_SEERS = STAFF - {"inspector-east", "analyst-east"}

ALLOWED: dict[Route, frozenset[str]] = {
    ("GET", "/openapi.json"): EVERYBODY,
    ("GET", "/health"): EVERYBODY,
    ("GET", "/ready"): EVERYBODY,
    ("GET", "/docs"): EVERYBODY,
    ("GET", "/sign-in"): EVERYBODY,
    ("GET", "/sign-in/oidc"): EVERYBODY,
    ("GET", "/sign-in/oidc/callback"): frozenset(),  # without what the provider says nobody: test_oidc.py
    ("POST", "/sign-in"): frozenset(),  # without the proof of its own form nobody; with it tests/web/test_sign_in.py
    ("POST", "/sign-out"): EVERYBODY,
    ("GET", "/api/v1/account"): ANYBODY,
    ("GET", "/account"): ANYBODY,
    ("POST", "/account/password"): ANYBODY,
    ("POST", "/account/totp/on"): ANYBODY,
    ("POST", "/account/totp/off"): ANYBODY,
    ("POST", "/account/tokens"): ANYBODY,
    ("POST", "/account/tokens/{token_id}/revoke"): ANYBODY,
    ("GET", "/api/v1/areas"): EVERYBODY,
    ("GET", "/api/v1/areas/export"): EXPORTERS,
    ("GET", "/api/v1/areas/check"): IMPORTERS,
    ("GET", "/api/v1/areas/check/export"): IMPORTERS,
    ("GET", "/api/v1/areas/kinds"): IMPORTERS,
    ("GET", "/api/v1/areas/figures"): IMPORTERS,
    ("GET", "/api/v1/areas/one"): IMPORTERS,
    ("GET", "/api/v1/areas/revisions"): IMPORTERS,
    ("DELETE", "/api/v1/areas/revisions/{revision}"): IMPORTERS - {"gis-west"},
    ("GET", "/api/v1/areas/drafts"): IMPORTERS,
    ("POST", "/api/v1/areas/drafts"): IMPORTERS,
    ("GET", "/api/v1/areas/drafts/{draft}"): IMPORTERS,
    ("DELETE", "/api/v1/areas/drafts/{draft}"): IMPORTERS,
    ("POST", "/api/v1/areas/drafts/{draft}/preview"): IMPORTERS,
    ("GET", "/api/v1/areas/drafts/{draft}/preview/export"): IMPORTERS - {"gis-west"},  # of people and cases
    ("POST", "/api/v1/areas/drafts/{draft}/apply"): IMPORTERS - {"gis-west"},
    ("GET", "/tiles/drafts/{draft}/{z}/{x}/{y}.mvt"): IMPORTERS,
    ("GET", "/api/v1/rosters"): STAFF,
    ("POST", "/api/v1/rosters"): IMPORTERS,
    ("GET", "/api/v1/rosters/check"): STAFF,
    ("GET", "/api/v1/rosters/templates"): STAFF,
    ("GET", "/api/v1/rosters/export"): EXPORTERS,
    ("GET", "/api/v1/rules"): STAFF,
    ("POST", "/api/v1/rules"): RULERS,
    ("PATCH", "/api/v1/rules/{rule_id:int}"): RULERS,
    ("DELETE", "/api/v1/rules/{rule_id:int}"): RULERS,
    ("POST", "/api/v1/rules/import"): RULERS,
    ("GET", "/api/v1/rules/check"): RULERS,
    ("GET", "/api/v1/rules/revisions"): STAFF,
    ("GET", "/api/v1/rules/difference"): STAFF,
    ("GET", "/api/v1/rules/export"): EXPORTERS,
    ("GET", "/api/v1/departments"): STAFF,
    ("PUT", "/api/v1/departments/{code:department}"): RULERS,
    ("POST", "/api/v1/departments/{code}/retire"): RULERS,
    ("POST", "/api/v1/departments/import"): RULERS,
    ("GET", "/api/v1/taxonomies"): STAFF,
    ("GET", "/api/v1/taxonomies/todo"): RULERS,
    ("PUT", "/api/v1/taxonomies/{channel}/{category:path}"): RULERS,
    ("POST", "/api/v1/taxonomies/route"): RULERS,
    ("POST", "/api/v1/taxonomies/import"): RULERS,
    ("GET", "/api/v1/components/ownership"): IMPORTERS,
    ("GET", "/api/v1/components/ownership/export"): IMPORTERS,
    ("POST", "/api/v1/components/ownership"): IMPORTERS,
    ("POST", "/api/v1/components/ownership/import"): IMPORTERS,
    ("GET", "/api/v1/locate"): EVERYBODY,
    ("GET", "/api/v1/due"): EVERYBODY,
    ("POST", "/api/v1/locate"): STAFF,
    ("GET", "/api/v1/components"): EVERYBODY,
    ("GET", "/api/v1/components/nearby"): EVERYBODY,
    ("GET", "/api/v1/components/export"): EXPORTERS,
    ("GET", "/tiles/components/{z}/{x}/{y}.mvt"): EVERYBODY,
    ("GET", "/api/v1/components/{code:component}"): EVERYBODY,  # of a subclass that the public sees
    ("GET", "/api/v1/component-photos/{component_photo_id}"): STAFF,
    ("GET", "/api/v1/components/{code:path}/history"): IMPORTERS,
    ("POST", "/api/v1/components"): IMPORTERS,
    ("PATCH", "/api/v1/components/{code:component}"): IMPORTERS,
    ("POST", "/api/v1/components/{code:path}/retire"): IMPORTERS,
    ("GET", "/tiles/areas/{kind}/{z}/{x}/{y}.mvt"): EVERYBODY,
    ("GET", "/api/v1/imports"): IMPORTERS,
    ("POST", "/api/v1/imports"): IMPORTERS,
    ("GET", "/api/v1/imports/{batch_id}"): IMPORTERS,
    ("GET", "/api/v1/imports/{batch_id}/suggestion"): IMPORTERS,
    ("PUT", "/api/v1/imports/{batch_id}/definition"): IMPORTERS,
    ("POST", "/api/v1/imports/{batch_id}/inspect"): IMPORTERS,
    ("POST", "/api/v1/imports/{batch_id}/check"): IMPORTERS,
    ("POST", "/api/v1/imports/{batch_id}/promote"): IMPORTERS,
    ("POST", "/api/v1/imports/{batch_id}/rollback"): IMPORTERS,
    ("POST", "/api/v1/imports/{batch_id}/cancel"): IMPORTERS,
    ("POST", "/api/v1/imports/{batch_id}/drop"): IMPORTERS,
    ("GET", "/api/v1/imports/{batch_id}/findings"): IMPORTERS,
    ("GET", "/api/v1/imports/{batch_id}/findings/file"): IMPORTERS,
    ("GET", "/api/v1/imports/{batch_id}/changes"): IMPORTERS,
    ("GET", "/api/v1/imports/{batch_id}/features"): IMPORTERS,
    ("GET", "/api/v1/imports/{batch_id}/rejected"): IMPORTERS,
    ("GET", "/api/v1/import-profiles"): IMPORTERS,
    ("DELETE", "/api/v1/import-profiles/{name}"): IMPORTERS,
    ("GET", "/areas"): IMPORTERS,
    ("GET", "/imports"): IMPORTERS,
    ("GET", "/imports/{batch_id:int}"): IMPORTERS,
    ("GET", "/components"): IMPORTERS,
    ("GET", "/components/new"): IMPORTERS,
    ("POST", "/components/new"): IMPORTERS,
    ("GET", "/components/{code:path}"): IMPORTERS,
    ("POST", "/components/{code:path}"): IMPORTERS,
    ("POST", "/components/{code:path}/retire"): IMPORTERS,
    ("GET", "/api/v1/visibility"): STAFF,
    ("PUT", "/api/v1/visibility/{subclass_code}"): ADMINISTRATORS,
    ("POST", "/api/v1/rules/simulate"): STAFF,
    ("POST", "/api/v1/rules/simulate/export"): EXPORTERS,
    ("POST", "/api/v1/reports"): CASE_WORKERS,  # by a channel that is not open to the public
    ("GET", "/api/v1/reports"): STAFF,
    ("GET", "/api/v1/reports/matches"): STAFF,
    ("GET", "/api/v1/reports/{report_id:uuid}"): WEST_SEERS,
    ("GET", "/api/v1/reports/{report_id}/replay"): WEST_SEERS,
    ("POST", "/api/v1/reports/bulk"): CASE_WORKERS,
    ("GET", "/api/v1/channels"): STAFF,
    ("GET", "/api/v1/places"): STAFF,
    ("GET", "/api/v1/places/layers"): STAFF,
    ("GET", "/api/v1/reports/{report_id}/places"): WEST_SEERS,
    ("POST", "/api/v1/reports/{report_id}/place"): CASE_WORKERS - {"inspector-east"},
    ("GET", "/api/v1/reports/{report_id}/duplicates"): WEST_SEERS,
    ("POST", "/api/v1/reports/{report_id}/duplicate"): CASE_WORKERS - {"inspector-east"},
    ("POST", "/api/v1/reports/{report_id}/photos"): WEST_WORKERS,
    ("GET", "/api/v1/reports/{report_id}/photos"): WEST_SEERS,
    ("GET", "/api/v1/photos/{photo_id}"): WEST_SEERS,
    ("POST", "/api/v1/reports/{report_id}/moves"): CASE_WORKERS - {"inspector-east"},
    ("GET", "/api/v1/confirmations"): STAFF,
    ("GET", "/api/v1/cases"): STAFF,
    ("GET", "/api/v1/cases/moves"): STAFF,
    ("GET", "/api/v1/cases/{case_id}"): WEST_SEERS,
    ("POST", "/api/v1/cases/{case_id}/moves"): WEST_WORKERS,
    ("GET", "/api/v1/statistics"): STAFF,
    ("GET", "/api/v1/figures"): STAFF,
    ("GET", "/api/v1/whistles"): STAFF,
    ("POST", "/api/v1/whistles"): CASE_WORKERS - {"inspector-east"},  # at a place in the west
    ("GET", "/api/v1/whistles/{whistle_id}"): WEST_SEERS,
    ("POST", "/api/v1/whistles/{whistle_id}/answer"): HANDLERS,
    ("POST", "/api/v1/whistles/{whistle_id}/arrive"): HANDLERS,
    ("POST", "/api/v1/whistles/{whistle_id}/report"): HANDLERS,
    ("POST", "/api/v1/whistles/{whistle_id}/close"): CASE_WORKERS - {"inspector-east"},
    ("GET", "/api/v1/audit"): ADMINISTRATORS,
    ("GET", "/api/v1/audit/export"): ADMINISTRATORS,
    ("GET", "/"): STAFF,
    ("GET", "/maps/heat"): STAFF,
    ("GET", "/maps/heat/frame"): STAFF,
    ("GET", "/maps/grid"): STAFF,
    ("GET", "/cases/{case_id}/orders"): WEST_SEERS,
    ("GET", "/audit"): ADMINISTRATORS,
    ("GET", "/accounts"): ADMINISTRATORS,
    ("GET", "/accounts/new"): ADMINISTRATORS,
    ("POST", "/accounts/new"): ADMINISTRATORS,
    ("GET", "/accounts/{account_id:int}"): ADMINISTRATORS,
    ("POST", "/accounts/{account_id:int}"): ADMINISTRATORS,
    ("POST", "/accounts/{account_id:int}/disable"): ADMINISTRATORS,
    ("POST", "/accounts/{account_id:int}/enable"): ADMINISTRATORS,
    ("POST", "/accounts/{account_id:int}/reset"): ADMINISTRATORS,
}
NOT_THEIRS = {
    ("GET", "/api/v1/reports/{report_id}/replay"),
    ("GET", "/api/v1/reports/{report_id:uuid}"), ("GET", "/api/v1/reports/{report_id}/photos"),
    ("GET", "/api/v1/photos/{photo_id}"), ("POST", "/api/v1/reports/{report_id}/photos"),
    ("POST", "/api/v1/reports/{report_id}/moves"), ("GET", "/api/v1/cases/{case_id}"),
    ("POST", "/api/v1/cases/{case_id}/moves"), ("GET", "/api/v1/whistles/{whistle_id}"),
    ("GET", "/cases/{case_id}/orders"),
    *(("POST", f"/api/v1/whistles/{{whistle_id}}/{move}") for move in ("answer", "arrive", "report", "close")),
    ("GET", "/api/v1/reports/{report_id}/duplicates"), ("POST", "/api/v1/reports/{report_id}/duplicate"),
    ("GET", "/api/v1/reports/{report_id}/places"), ("POST", "/api/v1/reports/{report_id}/place"),
}  # fmt: skip
"""Routes of one thing: whoever may ask, but not for this one, is told that it does not exist."""


def test_every_route_has_its_row() -> None:
    """A new route without a row here fails."""
    assert set(routes_of(create_app("postgresql://nowhere", Settings()))) == set(ALLOWED)


@pytest.fixture(scope="module")
def database_of_town(database: str) -> str:
    town.build(database)
    return database


@pytest.fixture(scope="module")
def host(database_of_town: str, provider_of_module: Provider) -> Iterator[str]:
    """With a sign-in service of the city's own."""
    own = settings(provider_of_module.issuer)
    with running(
        database_of_town, anonymous_reports_per_hour=1_000, anonymous_reports_per_device=1_000, **own
    ) as found:
        yield found


@pytest.fixture(scope="module")
def ids(database_of_town: str) -> dict[str, Any]:
    """Things in the west to ask for, and an account to be administered."""
    with connect(database_of_town) as conn:
        report = conn.execute("SELECT id FROM report WHERE external_id = 'report-1'").fetchone()
        assert report
        case = conn.execute("SELECT id FROM cases WHERE report_id = %s", report).fetchone()
        assert case
        photo = conn.execute(
            "INSERT INTO photo (report_id, shared_sha256, original_type) VALUES (%s, 'none', 'image/jpeg')"
            " RETURNING id",
            report,
        ).fetchone()
        assert photo
        batch = batches.add_batch(conn, layer="", target="", file_name="file.zip", sha256="0")
        component_photo = conn.execute(
            "INSERT INTO component_photo (component_id, batch_id, sha256)"
            " SELECT id, %s, 'none' FROM component WHERE component_code = '1-0301' RETURNING id",
            [batch],
        ).fetchone()
        assert component_photo
        whistle = conn.execute(
            "INSERT INTO whistle (id, reason, whistler, at, minutes, due_at, departments, area_ids, geom)"
            " SELECT gen_random_uuid(), 'matrix', 'nobody', now(), 30, now(), '{west}', current_area_ids, geom"
            " FROM report WHERE id = %s RETURNING id",
            report,
        ).fetchone()
        assert whistle
        conn.execute(
            "INSERT INTO whistle_call (whistle_id, department, answered_at, arrived_at)"
            " VALUES (%s, 'west', now(), now())",
            whistle,
        )
        victim = put_account(conn, "victim", "analyst", whole_city=True)
    x, y = tile_of(*town.TOWN.lonlat("1"))
    return {"whistle_id": whistle[0],
            "report_id": report[0], "case_id": case[0], "photo_id": photo[0], "component_photo_id": component_photo[0],
            "account_id": victim, "token_id": 1, "subclass_code": "0199",
            "code": "1-0301", "kind": "grid", "batch_id": batch, "draft": 999_999, "revision": 999_999,
            "rule_id": 999_999, "channel": "hotline", "category": "LITTER",
            "z": 14, "x": x, "y": y}  # fmt: skip


def tile_of(lon: float, lat: float, zoom: int = 14) -> tuple[int, int]:
    n = 2**zoom
    return int((lon + 180) / 360 * n), int((1 - asinh(tan(radians(lat))) / pi) / 2 * n)


def ask(database: str, host: str, name: str, asked: dict[str, Any]) -> httpx.Response:
    """As somebody with a fresh session, from our own page; as the public without one."""
    with asking(host) as client:
        if name != PUBLIC:
            with connect(database) as conn:
                account = accounts.account_by_name(conn, name)
                assert account is not None
                token, csrf = put_session(conn, account.id)
            client.cookies.set("gridsvc", token)
            client.headers["X-CSRF-Token"] = csrf
            if "data" in asked:
                asked = {**asked, "data": {**asked["data"], "csrf": csrf}}
        return client.request(**asked)


@pytest.mark.parametrize("route", ALLOWED, ids=lambda route: " ".join(route))
def test_who_may(database_of_town: str, host: str, ids: dict[str, Any], route: Route) -> None:
    for name in sorted(EVERYBODY):
        answer = ask(database_of_town, host, name, sample(route, ids))
        denied = (
            {404} if route in NOT_THEIRS and name in STAFF - ALLOWED[route] and name not in WEST_SEERS else {401, 403}
        )
        where = f"{name}: {answer.status_code} {answer.text[:200]}"
        assert answer.status_code < 500, where
        if name in ALLOWED[route]:
            assert answer.status_code not in (401, 403), where
            assert not answer.headers.get("location", "").startswith("/sign-in?next="), where
        else:
            assert answer.status_code in denied, where
            anonymous = (name == PUBLIC and route[1] != "/sign-in") or route[1] == "/sign-in/oidc/callback"
            assert (answer.status_code == 401) == anonymous, where


@pytest.mark.parametrize("route", [route for route in ALLOWED if route[0] != "GET"], ids=lambda route: " ".join(route))
@pytest.mark.parametrize("csrf", ["", "x", "00000000-0000-4000-8000-000000000000"])
def test_a_session_needs_the_proof_that_our_page_sent_it(
    database_of_town: str, host: str, ids: dict[str, Any], route: Route, csrf: str
) -> None:
    with connect(database_of_town) as conn:
        account = accounts.account_by_name(conn, "administrator")
        assert account is not None
        token, _ = put_session(conn, account.id)
    asked = sample(route, ids)
    with asking(host) as client:
        client.cookies.set("gridsvc", token)
        if "data" in asked:
            asked = {**asked, "data": {**asked["data"], "csrf": csrf}}
        answer = client.request(**{**asked, "headers": {**asked.get("headers", {}), "X-CSRF-Token": csrf}})
    assert answer.status_code == 403, answer.text
