"""A folder with a city.toml: what it declares, checked before anything is loaded."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gridsvc.casework.files import Columns
from gridsvc.domain.areas import AreaKind
from gridsvc.domain.crs import city_srid
from gridsvc.errors import FileError, InputError
from gridsvc.ingest.layers import Layer, declared
from gridsvc.store.casework import Channel
from gridsvc.store.city import City


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


def read_city_folder(folder: Path) -> CityFolder:
    file = folder / "city.toml"
    try:
        given = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise FileError(str(file), "there is no such file; a city is a folder with a city.toml") from error
    except tomllib.TOMLDecodeError as error:
        raise FileError(str(file), f"it is not TOML: {error}") from error
    try:
        return _city_folder(folder, given)
    except (KeyError, TypeError) as error:
        raise FileError(str(file), f"a key is missing or not known: {error}") from error
    except InputError as error:
        raise FileError(str(file), str(error)) from error


def _city_folder(folder: Path, given: Mapping[str, Any]) -> CityFolder:
    found = CityFolder(
        folder=folder,
        city=_city(given["city"]),
        kinds=[AreaKind(**kind) for kind in given["area_kinds"]],
        areas=[(declared(entry), folder / entry["file"]) for entry in given.get("areas", [])],
        splits=[(entry["parent"], entry["into"], entry["parts"]) for entry in given.get("splits", [])],
        components=[(declared(entry), folder / entry["file"]) for entry in given.get("components", [])],
        tables={name: _files(folder, files) for name, files in given.get("tables", {}).items()},
        channels=[Channel(**channel) for channel in given.get("channels", [])],
        reports=[(_columns(entry), folder / entry["file"]) for entry in given.get("reports", [])],
    )
    for file in _all_files(found):
        if not file.is_file():
            raise InputError(f"the file {file.name} is named but not there")
    return found


def _city(given: Mapping[str, Any]) -> City:
    return City(
        name_zh=given["name_zh"],
        name_en=given["name_en"],
        srid=city_srid(given["crs"]),
        district_code=given["district_code"],
        time_zone=given["time_zone"],
        heat_kind=given.get("heat_kind"),
        synthetic=given.get("synthetic", False),
    )


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
    return [*layers, *tables, *(file for _, file in found.reports)]
