"""Heat maps and grid maps as one HTML file each, which opens with no network. Colours are safe for the colour-blind."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gridsvc.errors import InputError
from gridsvc.maps import texts
from gridsvc.maps.elements import LegendPanel, Note, OfflineMap, Page, Shapes, TitlePanel, View
from gridsvc.maps.features import AreaCounts, Caption, HeatCells
from gridsvc.maps.layers import OUTLINES_BUDGET, Layer, area_layer, cell_layer, near_city
from gridsvc.maps.texts import Both

MAX_BYTES = 2_000_000
NONE_COLOUR = "#f6f7f8"
WARM = ("#f9dcb8", "#f2b391", "#e58779", "#c95f6d", "#9a3d63", "#5f1f4c")
COOL = ("#c6e5df", "#95cdc6", "#62aeb4", "#3d8ca0", "#2a6685", "#1d3f63")


@dataclass(frozen=True)
class _Look:
    """How counts are drawn and what they are called."""

    palette: tuple[str, ...]
    head: Both
    shapes: Both
    remark: Both | None
    edge: str
    weight: float
    labels: bool
    lost: Callable[[int], Both]
    """What is said of reports that have a place and are not drawn."""


def heat_map(heat: HeatCells | AreaCounts, caption: Caption, *, outlines: AreaCounts | None, lang: str = "zh") -> str:
    """A heat map by cell or by area, starting in `lang` (zh or en), of at most 2 MB.

    Raises SetupError when Leaflet is not set up, InputError when there is more than a file can hold.
    """
    if isinstance(heat, HeatCells):
        look = _Look(
            WARM, texts.REPORTS, texts.CELLS, texts.hexagon(heat.size), "#ffffff", 0.6, False, texts.far_outside
        )
        return _document(cell_layer(near_city(heat, outlines)), caption, look, outlines, lang)
    look = _Look(WARM, texts.REPORTS, texts.AREAS, None, "#ffffff", 1, True, texts.elsewhere)
    return _document(area_layer(heat), caption, look, outlines, lang)


def grid_map(
    areas: AreaCounts,
    caption: Caption,
    *,
    outlines: AreaCounts | None = None,
    lang: str = "zh",
    value_zh: str = "未结",
    value_en: str = "open",
) -> str:
    """Areas coloured by a count that `value_zh` and `value_en` name; otherwise as `heat_map`."""
    value = Both(value_zh, value_en[:1].upper() + value_en[1:])
    look = _Look(COOL, value, texts.AREAS, None, "#ffffff", 1, True, texts.elsewhere)
    return _document(area_layer(areas), caption, look, outlines, lang)


def _document(layer: Layer, caption: Caption, look: _Look, outlines: AreaCounts | None, lang: str) -> str:
    page = Page(
        Both(f"{caption.title_zh} · {caption.city_zh}", f"{caption.title_en} · {caption.city_en}"), texts.tag(lang)
    )
    colours = [NONE_COLOUR, *_spread(look.palette, len(layer.classes.lower))]
    city = OfflineMap("".join(f".k{i}{{background:{colour}}}" for i, colour in enumerate(colours)))
    page.add_child(city)
    bounds = _add_shapes(city, layer, look, colours, outlines)
    city.add_child(_title(layer, caption, look))
    if layer.bounds:
        city.add_child(_legend(layer, caption, look))
    if note := _note(layer, caption):
        city.add_child(note)
    city.add_child(View("view", bounds=bounds))
    return _within_limit(page.render())


def _add_shapes(
    city: OfflineMap, layer: Layer, look: _Look, colours: list[str], outlines: AreaCounts | None
) -> list[list[float]] | None:
    around = area_layer(outlines, OUTLINES_BUDGET) if outlines is not None and len(outlines.code) else None
    if around:
        city.add_child(Shapes("outlines", "outlines", around.data, labels=True))
    city.add_child(
        Shapes(
            "counts", "counts", layer.data, colours=colours, edge=look.edge, weight=look.weight,
            labels=look.labels, what=look.head,
        )
    )  # fmt: skip
    return around.bounds if around else layer.bounds


def _spread(palette: tuple[str, ...], classes: int) -> list[str]:
    """Colours for some classes: the ends of the palette and evenly between; a single class gets the middle."""
    if classes == 1:
        return [palette[len(palette) // 2]]
    return [palette[round(i * (len(palette) - 1) / (classes - 1))] for i in range(classes)]


def _title(layer: Layer, caption: Caption, look: _Look) -> TitlePanel:
    lost = caption.total - caption.unplaced - layer.drawn
    remarks = [texts.unplaced(caption.unplaced)] if caption.unplaced else []
    remarks += [look.lost(lost)] if lost > 0 else []
    return TitlePanel(
        "title",
        city=Both(caption.city_zh, caption.city_en),
        title=Both(caption.title_zh, caption.title_en),
        filter=Both(caption.filter_zh, caption.filter_en),
        total=caption.total,
        what=look.head,
        remarks=remarks,
        synthetic=texts.SYNTHETIC if caption.synthetic else None,
    )


def _legend(layer: Layer, caption: Caption, look: _Look) -> LegendPanel:
    names = [_range(*bounds) for bounds in zip(layer.classes.lower, layer.classes.upper, strict=True)]
    rows: list[dict[str, Any]] = [
        {"index": i, "range": name, "members": members}
        for i, (name, members) in enumerate(zip(["0", *names], layer.members, strict=True))
    ]
    shown = rows if layer.members[0] or len(rows) == 1 else rows[1:]
    return LegendPanel(
        "legend",
        head=look.head,
        shapes=look.shapes,
        rows=shown,
        remark=look.remark,
        revision=Both(caption.revision_zh, caption.revision_en),
    )


def _range(lower: int, upper: int) -> str:
    return f"{lower:,}" if lower == upper else f"{lower:,}–{upper:,}"


def _note(layer: Layer, caption: Caption) -> Note | None:
    if layer.drawn:
        return None
    if caption.total:
        return Note("note", head=texts.NOT_DRAWABLE, hint=texts.NOT_DRAWABLE_HINT)
    return Note("note", head=texts.NOTHING, hint=texts.NOTHING_HINT)


def _within_limit(html: str) -> str:
    size = len(html.encode())
    if size > MAX_BYTES:
        raise InputError(
            f"the map would take {size:,} bytes (at most {MAX_BYTES:,}); draw fewer or larger areas",
            zh=f"地图将达 {size:,} 字节（上限 {MAX_BYTES:,}），请选择更少或更大的区域",
        )
    return html
