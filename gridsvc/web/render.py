"""Pages as text. Plain values in, HTML out; every value is escaped. No page here needs a script but `/docs`."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined

from gridsvc.errors import GridsvcError
from gridsvc.web.messages import MESSAGES, TAGS, texts
from gridsvc.web.names import ACTIONS, RIGHTS, ROLES, SOURCES, STATUSES

_PAGES = Environment(
    loader=PackageLoader("gridsvc.web", "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_PAGES.filters["grouped"] = lambda number: f"{number:,}"


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """The city that this service is for, and who looks at it."""

    city_zh: str
    city_en: str
    synthetic: bool = False
    known: bool = True
    """Whether it was found out who looks; the page of an error may come before."""
    name: str | None = None
    """Of the account that is signed in; None: nobody is."""
    display_name: str | None = None
    rights: tuple[str, ...] = ()
    csrf: str = ""
    """What every form of a session brings back."""
    whole_city: bool = False
    """Whether the areas of duty are the whole city."""


@dataclass(frozen=True, kw_only=True)
class Summary:
    """The figures of the first page; `automatic` and `manual` are parts of `reports`."""

    areas: int
    components: int
    reports: int
    automatic: int
    manual: int


@dataclass(frozen=True, kw_only=True)
class Choice:
    """An option of a list; options with the same group stand together."""

    value: str
    zh: str
    en: str
    group_zh: str = ""
    group_en: str = ""


@dataclass(frozen=True, kw_only=True)
class HeatFilter:
    """What the heat map counts, as it was asked. `by`: cell or a kind of area; `kind`: component, event or all.

    The areas are those of the day `at` or of a `revision`.
    """

    by: str = "cell"
    kind: str = "all"
    subclass: str = ""
    start: str = ""
    end: str = ""
    at: str = ""
    revision: str = ""

    def query(self, lang: str) -> str:
        """The filter as the query of an address; what is not chosen is left out."""
        values = {
            "by": self.by, "kind": self.kind, "subclass": self.subclass, "from": self.start, "to": self.end,
            "at": self.at, "revision": self.revision,
        }  # fmt: skip
        return urlencode({**{name: value for name, value in values.items() if value}, "lang": lang})


@dataclass(frozen=True, kw_only=True)
class Paging:
    """A page of a list, and what the list was asked for."""

    page: int
    pages: int
    asked: dict[str, str]
    lang: str

    @property
    def previous(self) -> str:
        """The query of the page before; empty if there is none."""
        return self._query(self.page - 1) if self.page > 1 else ""

    @property
    def following(self) -> str:
        return self._query(self.page + 1) if self.page < self.pages else ""

    def _query(self, page: int) -> str:
        return language_queries(**self.asked, page=str(page))[self.lang]


def told(error: GridsvcError, lang: str) -> str:
    """What is wrong, in the language of a page."""
    return error.zh or str(error) if lang == "zh" else str(error)


def render_home(visitor: Visitor, summary: Summary, *, lang: str = "zh", drawn: bool = True) -> str:
    """`/`: figures, and the map of open reports by grid in a sandboxed frame; without areas there is none."""
    share = f"{summary.automatic / summary.reports:.1%}" if summary.reports else "–"
    frame = f"/maps/grid?{urlencode({'lang': lang})}"
    return render_page("home.html", "/", lang, visitor=visitor, summary=summary, share=share, frame=frame, drawn=drawn)


def render_heat(
    visitor: Visitor,
    chosen: HeatFilter,
    *,
    area_kinds: list[Choice],
    subclasses: list[Choice],
    total: int,
    lang: str = "zh",
    problem: str = "",
) -> str:
    """`/maps/heat`: a filter that works with no script, and the heat map in a sandboxed frame.

    `total` is what the filter counts. With a `problem` (a filter that cannot be used) it stands in place of the map.
    """
    values = {"area_kinds": area_kinds, "subclasses": subclasses, "total": total, "problem": problem}
    frame = f"/maps/heat/frame?{chosen.query(lang)}"
    queries = {code: chosen.query(code) for code in MESSAGES}
    return render_page(
        "heat.html", "/maps/heat", lang, visitor=visitor, chosen=chosen, frame=frame, queries=queries, **values
    )


def render_docs(visitor: Visitor, *, lang: str = "zh", openapi: str = "/openapi.json") -> str:
    """`/docs`: Swagger UI from the product's own files."""
    return render_page("docs.html", "/docs", lang, visitor=visitor, openapi=openapi)


def render_problem(
    status: int,
    detail: str,
    lang: str = "zh",
    *,
    visitor: Visitor | None = None,
    path: str = "",
    asked: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """The page for an error, for people; programs get problem+json.

    `path` and `asked`: the address, if it can be asked for in the other language.
    """
    kept = {name: text for name, text in asked.items() if name != "lang"}
    return render_page(
        "problem.html", path, lang, visitor=visitor, status=status, title=title_of(status, lang), detail=detail,
        queries=language_queries(**kept), signing_in=path.startswith("/sign-in"),
    )  # fmt: skip


def render_frame_problem(status: int, detail: str, lang: str = "zh") -> str:
    """What stands in place of a map within a page: no more than the words."""
    return render_page("frame_problem.html", "", lang, title=title_of(status, lang), detail=detail)


def title_of(status: int, lang: str) -> str:
    return STATUSES[lang].get(status) or HTTPStatus(status).phrase


def render_page(template: str, path: str, lang: str, **values: Any) -> str:
    """A page from its template; `queries` are those of the links to the same page in each language."""
    shared = {
        "t": texts(lang),
        "lang": lang,
        "tag": TAGS[lang],
        "path": path,
        "queries": language_queries(),
        "names": {"roles": ROLES[lang], "rights": RIGHTS[lang], "actions": ACTIONS[lang], "sources": SOURCES[lang]},
    }
    return _PAGES.get_template(template).render(**{**shared, **values})


def language_queries(**asked: str) -> dict[str, str]:
    """The query of the same page in each language; what is empty is left out."""
    kept = {name: text for name, text in asked.items() if text}
    return {code: urlencode({**kept, "lang": code}) for code in MESSAGES}
