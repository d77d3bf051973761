"""Pages as text. Plain values in, HTML out; every value is escaped. No page here needs a script but `/docs`."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined

from gridsvc.web.messages import MESSAGES, TAGS, texts

_PAGES = Environment(
    loader=PackageLoader("gridsvc.web", "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_PAGES.filters["grouped"] = lambda number: f"{number:,}"


@dataclass(frozen=True, kw_only=True)
class Site:
    """The city that this service is for."""

    city_zh: str
    city_en: str
    synthetic: bool = False


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
    """What the heat map counts. `by`: cell or a kind of area; `kind`: component, event or all."""

    by: str = "cell"
    kind: str = "all"
    subclass: str = ""
    start: date | None = None
    end: date | None = None

    def query(self, lang: str) -> str:
        """The filter as the query of an address; what is not chosen is left out."""
        dates = {"from": self.start, "to": self.end}
        values = {"by": self.by, "kind": self.kind, "subclass": self.subclass}
        values |= {name: day.isoformat() for name, day in dates.items() if day}
        return urlencode({**{name: value for name, value in values.items() if value}, "lang": lang})


def render_home(site: Site, summary: Summary, *, lang: str = "zh") -> str:
    """`/`: figures, and the map of open reports by grid in a sandboxed frame."""
    share = f"{summary.automatic / summary.reports:.1%}" if summary.reports else "–"
    frame = f"/maps/grid?{urlencode({'lang': lang})}"
    return _page("home.html", "/", lang, site=site, summary=summary, share=share, frame=frame)


def render_heat(
    site: Site,
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
    return _page("heat.html", "/maps/heat", lang, site=site, chosen=chosen, frame=frame, queries=queries, **values)


def render_docs(site: Site, *, lang: str = "zh", openapi: str = "/openapi.json") -> str:
    """`/docs`: Swagger UI from the product's own files."""
    return _page("docs.html", "/docs", lang, site=site, openapi=openapi)


def render_problem(status: int, title: str, detail: str, lang: str = "zh", *, site: Site | None = None) -> str:
    """The page for an error, for people; programs get problem+json."""
    return _page("problem.html", "", lang, site=site, status=status, title=title, detail=detail)


def _page(template: str, path: str, lang: str, **values: Any) -> str:
    shared = {
        "t": texts(lang),
        "lang": lang,
        "tag": TAGS[lang],
        "path": path,
        "queries": {code: urlencode({"lang": code}) for code in MESSAGES},
    }
    return _PAGES.get_template(template).render(**{**shared, **values})
