"""Every route of the application, and how to ask it once."""

import io
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from PIL import Image

from tests import made
from tests.access.town import TOWN

LON, LAT = TOWN.lonlat("1")
PLACE = {"lon": LON, "lat": LAT}
REPORT = {
    "channel": "hotline",
    "reported_at": "2026-06-01T12:00:00Z",
    "kind": "event",
    "subclass_code": "0110",
    **PLACE,
}
PERSON = {"display_name": "Somebody", "roles": "analyst", "department": "", "areas": ""}

Route = tuple[str, str]
"""Method and path as declared."""


def _picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (2, 2)).save(out, "JPEG")
    return out.getvalue()


def routes_of(app: FastAPI) -> Iterator[Route]:
    """All of them, pages included; HEAD is answered as GET, and files of ours are no route."""
    for entry in app.routes:
        prefix = entry.include_context.prefix if hasattr(entry, "include_context") else ""
        inner = entry.original_router.routes if hasattr(entry, "original_router") else [entry]
        for route in inner:
            for method in sorted((getattr(route, "methods", None) or set()) - {"HEAD"}):
                yield method, prefix + route.path


def sample(route: Route, ids: dict[str, Any]) -> dict[str, Any]:
    """Arguments for httpx that a caller with every right would succeed with, or be told what is wrong with a form."""
    method, path = route
    url = path
    for name, value in ids.items():
        for sort in ("", ":int", ":uuid", ":path", ":component", ":department"):
            written = f"{{{name}{sort}}}"
            url = url.replace(written, str(value))
    return {"method": method, "url": url, **ASKED.get(route, {})}


PICTURE = {"content": _picture(), "headers": {"content-type": "image/jpeg"}}
ASKED: dict[Route, dict[str, Any]] = {
    ("GET", "/api/v1/areas/export"): {"params": {"kind": "grid", "form": "geojson"}},
    ("GET", "/api/v1/areas/check"): {"params": {"kind": "grid"}},
    ("GET", "/api/v1/areas/check/export"): {"params": {"kind": "grid", "form": "csv"}},
    ("GET", "/api/v1/areas/figures"): {"params": {"kind": "grid"}},
    ("GET", "/api/v1/areas/one"): {"params": {"kind": "grid", "code": "w"}},
    ("POST", "/api/v1/areas/drafts"): {"json": {"deed": "retire", "kind": "grid", "codes": ["w"]}},
    ("POST", "/api/v1/areas/drafts/{draft}/apply"): {"json": {}},
    ("GET", "/api/v1/areas/drafts/{draft}/preview/export"): {"params": {"part": "cases"}},
    ("POST", "/api/v1/rules"): {"json": {"kind": "event", "subclass_code": "0110", "lead": "nobody"}},
    ("PATCH", "/api/v1/rules/{rule_id:int}"): {"json": {"revision": 1}},
    ("DELETE", "/api/v1/rules/{rule_id:int}"): {"params": {"revision": 1}},
    ("POST", "/api/v1/rules/import"): {"files": {"file": ("rules.csv", b"kind,lead\nevent,nobody\n")}},
    ("GET", "/api/v1/rules/difference"): {"params": {"table": "duties.csv", "before": 0, "after": 1}},
    ("PUT", "/api/v1/departments/{code:department}"): {
        "json": {"name_zh": "x", "name_en": "x", "level": "city", "parent": "nobody", "on_platform": True}
    },
    ("POST", "/api/v1/departments/{code}/retire"): {"json": {"retired_on": None}},
    ("POST", "/api/v1/departments/import"): {"files": {"file": ("d.csv", b"code,name,level\nx,x,moon\n")}},
    ("PUT", "/api/v1/taxonomies/{channel}/{category:path}"): {"json": {"kind": "event", "subclass_code": "0110"}},
    ("POST", "/api/v1/taxonomies/route"): {"json": {"channel": "hotline"}},
    ("POST", "/api/v1/taxonomies/import"): {"files": {"file": ("t.csv", b"channel,category\nhotline,X\n")}},
    ("POST", "/api/v1/components/ownership"): {"json": {"component_code": "none", "owner": "west", "version": 1}},
    ("POST", "/api/v1/components/ownership/import"): {"files": {"file": ("o.csv", b"component_code,owner\nx,no\n")}},
    ("GET", "/api/v1/locate"): {"params": PLACE},
    ("GET", "/api/v1/due"): {
        "params": {"kind": "component", "subclass_code": "0101", "at": "2026-02-13T16:00:00+08:00"}
    },
    ("POST", "/api/v1/locate"): {"json": {"points": [[LON, LAT]]}},
    ("GET", "/api/v1/components/nearby"): {"params": PLACE},
    ("PUT", "/api/v1/visibility/{subclass_code}"): {"json": {"visibility": "staff"}},
    ("POST", "/api/v1/imports"): {"files": {"file": ("lamps.csv", b"lon,lat\n1,2\n")}},
    ("POST", "/api/v1/rosters"): {"files": {"file": ("roster.csv", b"area_code,post,person\nw,head,Li\n")}},
    ("PUT", "/api/v1/imports/{batch_id}/definition"): {"json": {"target": "components"}},
    ("POST", "/api/v1/rules/simulate"): {"json": {}},
    ("POST", "/api/v1/rules/simulate/export"): {"json": {}},
    ("POST", "/api/v1/reports"): {"json": {**REPORT, "external_id": "matrix"}},
    ("POST", "/api/v1/reports/bulk"): {"json": {"reports": [{**REPORT, "external_id": "matrix"}]}},
    ("POST", "/api/v1/reports/{report_id}/duplicate"): {
        "json": {"of": str(made.report("report-3").id), "verdict": "refuse"}
    },
    ("GET", "/api/v1/places"): {"params": {"q": "人民路12号"}},
    ("POST", "/api/v1/reports/{report_id}/place"): {"json": PLACE},
    ("POST", "/api/v1/reports/{report_id}/photos"): PICTURE,
    ("POST", "/api/v1/reports/{report_id}/moves"): {"json": {"move": "reply", "version": 999}},
    ("POST", "/api/v1/cases/{case_id}/moves"): {"json": {"move": "comment", "version": 999}},
    ("POST", "/api/v1/whistles"): {"json": {"departments": ["west"], "reason": "matrix", **PLACE}},
    ("POST", "/api/v1/whistles/{whistle_id}/answer"): {"json": {"department": "west"}},
    ("POST", "/api/v1/whistles/{whistle_id}/arrive"): {"json": {"department": "west", **PLACE}},
    ("POST", "/api/v1/whistles/{whistle_id}/report"): {"json": {"department": "west", "outcome": "matrix"}},
    ("POST", "/api/v1/whistles/{whistle_id}/close"): {"json": {"outcome": "matrix"}},
    ("POST", "/account/password"): {"data": {"present": "x", "new": "y", "again": "y"}},
    ("POST", "/account/totp/on"): {"data": {"code": "1"}},
    ("POST", "/account/totp/off"): {"data": {"code": "1"}},
    ("POST", "/account/tokens"): {"data": {"title": "", "days": "1"}},
    ("POST", "/account/tokens/{token_id}/revoke"): {"data": {}},
    ("POST", "/accounts/new"): {"data": {"name": "", **PERSON}},
    ("POST", "/accounts/{account_id:int}"): {"data": PERSON},
    ("POST", "/accounts/{account_id:int}/disable"): {"data": {}},
    ("POST", "/accounts/{account_id:int}/enable"): {"data": {}},
    ("POST", "/accounts/{account_id:int}/reset"): {"data": {}},
    ("POST", "/sign-out"): {"data": {}},
    ("POST", "/api/v1/components"): {"json": {"subclass_code": "0101", **PLACE}},
    ("PATCH", "/api/v1/components/{code:component}"): {"json": {"version": 1}},
    ("POST", "/api/v1/components/{code:path}/retire"): {"json": {"version": 9, "reason": "matrix"}},
    ("POST", "/components/new"): {"data": {"subclass": "", "lon": "1"}},
    ("POST", "/components/{code:path}"): {"data": {"version": "9"}},
    ("POST", "/components/{code:path}/retire"): {"data": {"version": "9", "reason": "matrix"}},
}
