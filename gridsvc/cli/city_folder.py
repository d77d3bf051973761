"""A folder with a city.toml: what it declares, checked before anything is loaded."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from gridsvc.casework.files import Columns
from gridsvc.cli.city_clocks import KEYS as CLOCK_KEYS
from gridsvc.cli.city_clocks import CityClocks, city_clocks
from gridsvc.domain.areas import AreaKind
from gridsvc.domain.catalogue import CODE
from gridsvc.domain.crs import city_srid
from gridsvc.errors import FileError, InputError, one_of
from gridsvc.ingest.layers import Layer, declared
from gridsvc.ingest.place_layers import PlaceFile
from gridsvc.ingest.rules import RULES
from gridsvc.store.channels import Channel
from gridsvc.store.city import City

MOST_NEAR = 100
"""Metres; farther apart than that nothing is near."""
KEYS = {
    "": (
        "city",
        "routing",
        "area_kinds",
        "areas",
        "roads",
        "places",
        "splits",
        "components",
        "tables",
        "channels",
        "reports",
        "near",
        "teams",
        *CLOCK_KEYS,
    ),
    "city": ("name_zh", "name_en", "crs", "district_code", "time_zone", "synthetic", "heat_kind"),
    "routing": ("fallback_department",),
    "splits": ("parent", "into", "parts"),
    "tables": (
        "departments",
        "subclasses",
        "taxonomy",
        "duties",
        "lanes",
        "truth",
        "teams",
        "rosters",
        "calendar",
        "guides",
        "duplicates",
    ),
    **CLOCK_KEYS,
    "reports": ("file", "channel", "fields", "recorded", "empty"),
    "roads": ("layer", "file", "fields", "crs", "turn", "encoding"),
    "places": ("layer", "file", "kind", "fields", "crs", "turn", "encoding"),
}
"""What may stand in each section; "" is the whole file. Some sections are read by later releases."""


@dataclass(frozen=True, kw_only=True)
class CityFolder:
    folder: Path
    city: City
    kinds: list[AreaKind]
    areas: list[tuple[Layer, Path]]
    splits: list[tuple[str, str, int]]
    components: list[tuple[Layer, Path]]
    tables: Mapping[str, list[Path]]
    channels: list[Channel]
    reports: list[tuple[Columns, Path]]
    places: list[tuple[PlaceFile, Path]]
    """Addresses, names of places and roads."""
    near: Mapping[str, float]
    """Metres within which two components of a subclass are remarked upon, where not the usual ones; 0: never."""
    teams: Mapping[str, str]
    """Team template of kinds of area, where not the usual one."""
    clocks: CityClocks


def read_city_folder(folder: Path) -> CityFolder:
    file = folder / "city.toml"
    try:
        given = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise FileError(str(file), "there is no such file; a city is a folder with a city.toml") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FileError(str(file), f"it is not TOML in UTF-8: {error}") from error
    try:
        _check_keys(given)
        found = _city_folder(folder, given)
        _check_names(found)
        return found
    except (KeyError, TypeError, AttributeError) as error:
        raise FileError(
            str(file), f"a key is missing or not known, or its value is of the wrong type: {error}"
        ) from error
    except InputError as error:
        raise FileError(str(file), str(error)) from error


def _city_folder(folder: Path, given: Mapping[str, Any]) -> CityFolder:
    found = CityFolder(
        folder=folder,
        city=_city(given["city"], given.get("routing", {})),
        kinds=[AreaKind(**kind) for kind in given["area_kinds"]],
        areas=[(declared(entry), folder / entry["file"]) for entry in given.get("areas", [])],
        splits=[(entry["parent"], entry["into"], entry["parts"]) for entry in given.get("splits", [])],
        components=[(declared(entry), folder / entry["file"]) for entry in given.get("components", [])],
        tables={name: _files(folder, files) for name, files in given.get("tables", {}).items()},
        channels=[Channel(**channel) for channel in given.get("channels", [])],
        reports=[(_columns(entry), folder / entry["file"]) for entry in given.get("reports", [])],
        places=[
            *((_places(entry, "road"), folder / entry["file"]) for entry in given.get("roads", [])),
            *((_places(entry, entry["kind"]), folder / entry["file"]) for entry in given.get("places", [])),
        ],
        near={code: _metres(code, metres) for code, metres in given.get("near", {}).items()},
        teams={kind: str(template) for kind, template in given.get("teams", {}).items()},
        clocks=city_clocks(given),
    )
    for file in _all_files(found):
        if not file.is_file():
            raise InputError(f"the file {file.name} is named but not there")
    return found


def _check_keys(given: Mapping[str, Any]) -> None:
    """A misspelt key would else be passed over in silence. Keys of layers and kinds are checked where they are read."""
    for section, allowed in KEYS.items():
        entries = given.get(section, {}) if section else given
        for entry in entries if isinstance(entries, list) else [entries]:
            for key in entry:
                if key not in allowed:
                    raise one_of(f"key of [{section}]" if section else "section", key, list(allowed))


def _check_names(found: CityFolder) -> None:
    """Whatever names a kind of area or a rule names one that there is."""
    kinds = [kind.kind for kind in found.kinds]
    named = [layer.target for layer, _ in found.areas]
    named += [name for parent, into, _ in found.splits for name in (parent, into)]
    named += [name for kind in found.kinds for name in (kind.parent, kind.made_of) if name]
    named += found.teams
    for name in [*named, *([found.city.heat_kind] if found.city.heat_kind else [])]:
        if name not in kinds:
            raise one_of("area kind", name, kinds)
    if len(found.tables.get("calendar", [])) != bool(found.clocks.whole_years or "calendar" in found.tables):
        raise InputError("the city's calendar is one file, named in [tables]; years of [work] stand whole in it")
    rules = [rule.name for rule in RULES]
    for layer, _ in (*found.areas, *found.components):
        for name in layer.set_aside:
            if name not in rules:
                raise one_of(f"set_aside of layer {layer.layer}: rule", name, rules)


def _city(given: Mapping[str, Any], routing: Mapping[str, Any]) -> City:
    if not re.fullmatch("[0-9]{6}", given["district_code"]):
        raise InputError(f"district_code {given['district_code']!r} is not six digits")
    if given["time_zone"] not in available_timezones():
        raise InputError(f"time_zone {given['time_zone']!r} is not known; write one such as Asia/Shanghai")
    return City(
        name_zh=given["name_zh"],
        name_en=given["name_en"],
        srid=city_srid(given["crs"]),
        district_code=given["district_code"],
        time_zone=given["time_zone"],
        heat_kind=given.get("heat_kind"),
        synthetic=given.get("synthetic", False),
        fallback_department=routing.get("fallback_department"),
    )


def _metres(code: str, metres: object) -> float:
    if not CODE.fullmatch(code):
        raise InputError(f"near: {code!r} is not the four digits of a component subclass")
    if isinstance(metres, bool) or not isinstance(metres, (int, float)) or not 0 <= metres <= MOST_NEAR:
        raise InputError(f"near: {metres!r} of subclass {code} is not a distance of 0 to {MOST_NEAR} metres")
    return float(metres)


def _places(entry: Mapping[str, Any], kind: str) -> PlaceFile:
    return PlaceFile(
        layer=entry["layer"], kind=kind, columns=entry["fields"], crs=entry.get("crs"), turn=entry.get("turn", ""),
        encoding=entry.get("encoding"),
    )  # fmt: skip


def _columns(entry: Mapping[str, Any]) -> Columns:
    return Columns(
        channel=entry.get("channel"),
        fields=entry["fields"],
        recorded=entry.get("recorded", {}),
        empty=frozenset({"", *entry.get("empty", [])}),
    )


def _files(folder: Path, files: str | list[str]) -> list[Path]:
    return [folder / file for file in ([files] if isinstance(files, str) else files)]


def _all_files(found: CityFolder) -> list[Path]:
    layers = [file for _, file in (*found.areas, *found.components)]
    tables = [file for files in found.tables.values() for file in files]
    return [*layers, *tables, *(file for _, file in (*found.reports, *found.places))]
