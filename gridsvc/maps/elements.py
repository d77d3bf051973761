"""Folium's elements, made to need no network and to take no text from data for code.

Branca compiles whatever an element has rendered as a template once more, so that a name such as `{{ 7 * 7 }}` would
run on the server. Every element here therefore puts its text into the page as it is (`Verbatim`), and every text
from data is escaped: HTML by the templates, JSON by `script_json`.
"""

import json
from typing import Any

import folium
from branca.element import Element, Figure, MacroElement
from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from gridsvc.maps import assets
from gridsvc.maps.texts import Both

_PAGES = Environment(
    loader=PackageLoader("gridsvc.maps", "client"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_UNSAFE = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def script_json(value: Any) -> str:
    """Compact JSON that is safe inside a `<script>` element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character, escaped in _UNSAFE.items():
        text = text.replace(character, escaped)
    return text


class Verbatim(Element):  # type: ignore[misc]
    """Text that goes into the page as it is."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def render(self, **_: Any) -> str:
        return self.text


class Part(MacroElement):  # type: ignore[misc]
    """An element of ours: `html` comes from an escaping template, `script` is one line of code."""

    page: str | None = None

    def __init__(self, name: str, **values: Any) -> None:
        super().__init__()
        self._name, self._id = name, "city"
        self.values = values

    def render(self, **_: Any) -> None:
        figure = self.get_root()
        if self.page:
            text = _PAGES.get_template(self.page).render(**self.values)
            figure.html.add_child(Verbatim(text), name=self.get_name())
        if code := self.code():
            figure.script.add_child(Verbatim(code), name=self.get_name())

    def code(self) -> str:
        """The element's line of script, if it has one."""
        return ""


class Page(Figure):  # type: ignore[misc]
    """The document around the map: its language, and no resource but what it holds itself."""

    _template = Template(assets.own("page.html"))

    def __init__(self, title: Both, tag: str) -> None:
        super().__init__()
        self.title, self.tag = title, tag


class OfflineMap(folium.Map):  # type: ignore[misc]
    """A Leaflet map whose scripts and styles stand in the file; no tiles, jQuery, Bootstrap or icon fonts.

    The title comes before the map in the page, so that the keyboard reaches its button first.
    """

    default_js: list[tuple[str, str]] = []  # noqa: RUF012
    default_css: list[tuple[str, str]] = []  # noqa: RUF012

    def __init__(self, swatches: str) -> None:
        super().__init__(location=[0, 0], tiles=None)
        self._id, self.swatches = "city", swatches

    def render(self, **kwargs: Any) -> None:
        figure = self.get_root()
        figure.header.add_child(Verbatim(f"<style>{assets.style()}{self.swatches}</style>"), name="style")
        for child in self._children.values():
            if isinstance(child, TitlePanel):
                child.render(**kwargs)
        figure.html.add_child(Verbatim(f'<div id="{self.get_name()}" class="map"></div>'), name="map")
        figure.html.add_child(Verbatim(f"<script>{assets.script()}</script>"), name="library")
        figure.script.add_child(Verbatim(f'const {self.get_name()} = gridsvc.create("{self.get_name()}");'), name="map")
        for child in self._children.values():
            if not isinstance(child, TitlePanel):
                child.render(**kwargs)


class Shapes(folium.GeoJson):  # type: ignore[misc]
    """A GeoJSON layer whose features carry the number of their class; the styles stand once, beside the data."""

    def __init__(self, name: str, maker: str, data: dict[str, Any], **settings: Any) -> None:
        super().__init__(data)
        self._name, self._id = name, "city"
        self.maker, self.settings = maker, settings

    def render(self, **_: Any) -> None:
        arguments = f"{self._parent.get_name()}, {script_json(self.data)}, {script_json(self.settings)}"
        code = f"const {self.get_name()} = gridsvc.{self.maker}({arguments});"
        self.get_root().script.add_child(Verbatim(code), name=self.get_name())


class TitlePanel(Part):
    """City, title, filter, totals, notes, and the button that changes the language."""

    page = "title.html"


class LegendPanel(Part):
    """The classes with their colours, and how many shapes each holds."""

    page = "legend.html"


class Note(Part):
    """A friendly word where there is nothing to see."""

    page = "note.html"


class View(Part):
    """What the map shows first: the city, or all that is drawn if it has no outlines. Wakes the language button too."""

    def code(self) -> str:
        city = self._parent.get_name()
        return f"gridsvc.language({city}); gridsvc.view({city}, {script_json(self.values['bounds'])});"
