"""`/areas`: the grid desk, at which GIS staff look at areas and change them. Its scripts ask the API for all of it."""

from typing import Any

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse

from gridsvc.api.dependencies import Conn, TheCity, needs
from gridsvc.areas.roster_looking import templates
from gridsvc.domain.access import Right
from gridsvc.domain.rosters import Post
from gridsvc.store.city import City, departments, subclasses
from gridsvc.store.connection import Connection
from gridsvc.web.answers import Lang, TheVisitor, answer
from gridsvc.web.area_messages import AREA_NAMES, AREA_TEXTS
from gridsvc.web.ground import ground
from gridsvc.web.imports import as_data
from gridsvc.web.policy import SCRIPTED_POLICY
from gridsvc.web.render import Visitor, render_page

router = APIRouter(include_in_schema=False, dependencies=[Depends(needs(Right.CHANGE_AREAS))])


@router.get("/areas")
def areas_page(conn: Conn, city: TheCity, visitor: TheVisitor, lang: Lang) -> HTMLResponse:
    return answer(render_areas(visitor, given(conn, city, lang), lang=lang), SCRIPTED_POLICY)


def render_areas(visitor: Visitor, given: dict[str, Any], *, lang: str = "zh") -> str:
    """The page with what its scripts have to know: its texts, the city, and whether the visitor may apply."""
    data = {
        "lang": lang, "csrf": visitor.csrf, "texts": AREA_TEXTS[lang], "names": AREA_NAMES[lang],
        "applies": visitor.whole_city, "imports": Right.IMPORT_DATA in visitor.rights, **given,
    }  # fmt: skip
    return render_page("areas.html", "/areas", lang, visitor=visitor, data=as_data(data))


def given(conn: Connection, city: City, lang: str) -> dict[str, Any]:
    found = departments(conn)
    return {
        "city": {"zone": city.time_zone, "ground": ground(conn, city, lang)},
        "departments": {one.code: one.name_zh if lang == "zh" else one.name_en for one in found},
        "subjects": _subjects(conn, lang),
        "posts": _posts(conn, lang),
    }


def _subjects(conn: Connection, lang: str) -> dict[str, str]:
    """What duties are about: "kind code" of classes and subclasses to their names."""
    names: dict[str, str] = {}
    for one in subclasses(conn):
        names[f"{one.kind} {one.class_code}"] = one.class_zh if lang == "zh" else one.class_en
        names[f"{one.kind} {one.subclass_code}"] = one.subclass_zh if lang == "zh" else one.subclass_en
    return names


def _posts(conn: Connection, lang: str) -> dict[str, str]:
    """Names of posts by "post service", of all templates."""
    posts = [post for team in templates(conn)["templates"] for post in team.posts]
    return {f"{post.post} {post.service}": _post_name(post, lang) for post in posts}


def _post_name(post: Post, lang: str) -> str:
    if lang == "zh":
        return f"{post.name_zh}（{post.service_zh}）" if post.service else post.name_zh
    name = post.name_en[:1].upper() + post.name_en[1:]
    return f"{name} ({post.service_en})" if post.service else name
