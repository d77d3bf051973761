"""The form of a component: from a component to what is filled in, and from there to what changes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Annotated, Any

import shapely
from fastapi import Depends, Form

from gridsvc.errors import InputError
from gridsvc.ingest.by_hand import EDITED, EXTRAS, Changes, Place
from gridsvc.ingest.by_hand_check import WGS84
from gridsvc.ingest.written_shapes import shape_from_text
from gridsvc.store.city import City

LONGEST_NAME, LONGEST_TEXT, LONGEST_SHAPE = 200, 4_000, 100_000
SYSTEMS = ("wgs84", "city", "gcj02", "bd09")
MOST_ATTRIBUTES = 200

Short = Annotated[str, Form(max_length=LONGEST_NAME)]
Long = Annotated[str, Form(max_length=LONGEST_TEXT)]


@dataclass(frozen=True, kw_only=True)
class Filled:
    """All texts as they were typed."""

    subclass: str = ""
    state: str = "intact"
    authority: str = ""
    owner: str = ""
    maintainer: str = ""
    position: str = ""
    unit_grid: str = ""
    surveyed_at: str = ""
    changed_at: str = ""
    data_source: str = ""
    note: str = ""
    pairs: tuple[tuple[str, str], ...] = ()
    """Keys and values of the other attributes."""
    lon: str = ""
    lat: str = ""
    system: str = "wgs84"
    shape: str = ""
    reason: str = ""
    accept_warnings: bool = False

    def changes(self, city: City, found: Mapping[str, Any] | None) -> Changes:
        """`found`: the component as it is, if there is one."""
        said = {name: getattr(self, name) or None for name in EDITED}
        said["subclass"] = (self.subclass.split() or [""])[0] or None
        return Changes(fields=said, attributes=self._attributes(found), place=self._place(city))

    def _attributes(self, found: Mapping[str, Any] | None) -> dict[str, Any]:
        """What differs; None for those whose row is gone."""
        stored = _others(found["attributes"]) if found else {}
        given = {key.strip(): value for key, value in self.pairs if key.strip()}
        changed = {key: typed(text, stored.get(key)) for key, text in given.items() if text.strip() or key in stored}
        differing = {key: value for key, value in changed.items() if key not in stored or value != stored[key]}
        return {**dict.fromkeys(stored.keys() - given.keys()), **differing}

    def _place(self, city: City) -> Place | None:
        if self.system not in SYSTEMS:
            raise InputError(f"coordinate system {self.system!r} is none of the list", zh="请从列表中选择坐标系")
        turn = self.system if self.system in ("gcj02", "bd09") else ""
        crs = f"EPSG:{city.srid}" if self.system == "city" else WGS84
        if self.shape.strip():
            return Place(shape=shape_from_text(self.shape), crs=crs, turn=turn)
        if not (self.lon.strip() or self.lat.strip()):
            return None
        return Place(shape=shapely.Point(_number(self.lon), _number(self.lat)), crs=crs, turn=turn)


def filled_from(found: Mapping[str, Any]) -> Filled:
    attributes = found["attributes"] or {}
    geometry = found["geometry"]
    point = geometry["type"] == "Point"
    lon, lat = geometry["coordinates"] if point else ("", "")
    texts: dict[str, Any] = {name: found[name] or "" for name in EDITED if name in found}
    extras: dict[str, Any] = {name: shown(attributes.get(name)) for name in EXTRAS}
    return Filled(
        **texts, **extras, subclass=found["subclass_code"],
        pairs=tuple((key, shown(value)) for key, value in sorted(_others(attributes).items())),
        lon=_degrees(lon), lat=_degrees(lat), shape="" if point else json.dumps(geometry),
    )  # fmt: skip


def shown(value: Any) -> str:
    """An attribute as it stands in a form."""
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, ensure_ascii=False)


def typed(text: str, stored: Any) -> Any:
    """What was typed, as the kind of thing that the attribute was, where it can be that."""
    if text == shown(stored):
        return stored
    text = text.strip()
    if isinstance(stored, (bool, int, float)):
        try:
            value = json.loads(text)
        except ValueError:
            return text
        same = isinstance(value, bool) == isinstance(stored, bool) and isinstance(value, (bool, int, float))
        return value if same else text
    return text or None


def _others(attributes: Mapping[str, Any] | None) -> dict[str, Any]:
    """Without those that are fields of their own."""
    return {key: value for key, value in (attributes or {}).items() if key not in EXTRAS}


def _degrees(value: Any) -> str:
    return value if isinstance(value, str) else f"{value:.9f}".rstrip("0")


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise InputError(
            f"coordinate {text[:40]!r} is not a number such as 105.123456",
            zh=f"坐标“{text[:40]}”不是数字，请写成 105.123456",
        ) from error


def _filled(
    subclass: Short = "",
    state: Short = "",
    authority: Short = "",
    owner: Short = "",
    maintainer: Short = "",
    position: Long = "",
    unit_grid: Short = "",
    surveyed_at: Short = "",
    changed_at: Short = "",
    data_source: Short = "",
    note: Long = "",
    key: Annotated[list[Short], Form(max_length=MOST_ATTRIBUTES)] = [],  # noqa: B006  FastAPI copies it
    value: Annotated[list[Long], Form(max_length=MOST_ATTRIBUTES)] = [],  # noqa: B006
    lon: Short = "",
    lat: Short = "",
    system: Short = "wgs84",
    shape: Annotated[str, Form(max_length=LONGEST_SHAPE)] = "",
    reason: Long = "",
    accept_warnings: Short = "",
) -> Filled:
    given = {name: text for name, text in locals().items() if name in _TEXTS}
    if len(key) != len(value):
        raise InputError("every attribute needs a name and a value", zh="每个属性都要有名称和值")
    pairs = tuple(zip(key, value, strict=True))
    return Filled(**given, pairs=pairs, accept_warnings=bool(accept_warnings))


_TEXTS = frozenset(field.name for field in fields(Filled)) - {"pairs", "accept_warnings"}
TheForm = Annotated[Filled, Depends(_filled)]
