"""`/imports`: the desk at which GIS staff bring files in. Its steps are asked of the API by scripts of the product."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from gridsvc.api.dependencies import Conn, TheCity, TheService, needs
from gridsvc.domain.access import Right
from gridsvc.domain.components import STATES
from gridsvc.errors import NotFoundError
from gridsvc.ingest.layers import AREA_FIELDS, COMPONENT_FIELDS, COMPONENTS
from gridsvc.ingest.rules import RULES
from gridsvc.store import areas, batches
from gridsvc.store.city import City, departments, subclasses
from gridsvc.store.connection import Connection
from gridsvc.web.answers import Lang, TheVisitor, answer
from gridsvc.web.ground import ground
from gridsvc.web.import_messages import TEXTS
from gridsvc.web.import_names import NAMES
from gridsvc.web.policy import SCRIPTED_POLICY
from gridsvc.web.render import Visitor, render_page

router = APIRouter(include_in_schema=False, dependencies=[Depends(needs(Right.IMPORT_DATA))])


@router.get("/imports")
def imports_page(conn: Conn, city: TheCity, service: TheService, visitor: TheVisitor, lang: Lang) -> HTMLResponse:
    given = {"batch": None, "megabytes": service.settings.upload_megabytes}
    return answer(render_imports(visitor, {**given, **_city(conn, city, lang)}, lang=lang), SCRIPTED_POLICY)


@router.get("/imports/{batch_id:int}")
def import_page(
    request: Request,
    conn: Conn,
    city: TheCity,
    visitor: TheVisitor,
    lang: Lang,
    batch_id: Annotated[int, Path(ge=1, lt=2**63)],
) -> HTMLResponse:
    if batches.batch(conn, batch_id) is None:
        raise NotFoundError(f"batch {batch_id} does not exist", zh=f"没有批次 {batch_id}")
    given = {"batch": batch_id, **_city(conn, city, lang), **_choices(conn, lang)}
    return answer(render_imports(visitor, given, lang=lang, path=request.url.path), SCRIPTED_POLICY)


def render_imports(visitor: Visitor, given: dict[str, Any], *, lang: str = "zh", path: str = "/imports") -> str:
    """The page with what its scripts have to know: its texts, and what a file may be mapped to."""
    data = {"lang": lang, "csrf": visitor.csrf, "texts": TEXTS[lang], "names": NAMES[lang], **given}
    return render_page("imports.html", path, lang, visitor=visitor, data=as_data(data))


def as_data(data: dict[str, Any]) -> Markup:
    """JSON that may stand in a `<script type="application/json">`: no text in it can end the element."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))


def _city(conn: Connection, city: City, lang: str) -> dict[str, Any]:
    kinds = areas.kinds(conn)
    return {
        "city": {"zone": city.time_zone, "ground": ground(conn, city, lang)},
        "kinds": [
            {"kind": kind.kind, "name": kind.name_zh if lang == "zh" else kind.name_en, "parent": kind.parent}
            for kind in kinds
        ],
        "subclasses": [
            {
                "code": one.subclass_code,
                "name": one.subclass_zh if lang == "zh" else one.subclass_en,
                "name_zh": one.subclass_zh,
            }
            for one in subclasses(conn)
            if one.kind == "component"
        ],
    }


def _choices(conn: Connection, lang: str) -> dict[str, Any]:
    """What may be chosen in the steps of a batch."""
    return {
        "fields": {"areas": AREA_FIELDS, COMPONENTS: COMPONENT_FIELDS},
        "departments": [
            {"code": one.code, "name": one.name_zh if lang == "zh" else one.name_en} for one in departments(conn)
        ],
        "states": list(STATES.values()),
        "rules": [
            {
                "rule": rule.name,
                "title": rule.title_zh if lang == "zh" else rule.title,
                "severity": rule.severity,
                "targets": rule.targets,
            }
            for rule in RULES
        ],
    }
