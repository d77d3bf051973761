"""`gridsvc init` and `gridsvc demo`."""

import re
import time
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import available_timezones

import typer

from gridsvc.cli import server
from gridsvc.cli.city_folder import CityFolder, read_city_folder
from gridsvc.cli.context import addresses, embedded
from gridsvc.cli.load import initialise, load_city
from gridsvc.cli.output import Json, show, step
from gridsvc.cli.samples import sample_folder
from gridsvc.config import Settings
from gridsvc.domain.crs import city_srid
from gridsvc.errors import InputError, SetupError
from gridsvc.maps.reports import Chosen, draw_heat
from gridsvc.store.city import City, the_city
from gridsvc.store.connection import connect

HEAT_MAP = Path("out/heatmap.html")
UNNAMED: dict[str, Any] = {
    "name_zh": "城市",
    "name_en": "City",
    "district_code": "000000",
    "time_zone": "Asia/Shanghai",
    "heat_kind": None,
    "synthetic": False,
}
"""A new city of which nothing was said but its CRS."""


def init(
    crs: Annotated[str, typer.Option(help="The city's projected CRS in metres, as EPSG:n; it cannot change later.")],
    name_zh: Annotated[str | None, typer.Option(help="The city's Chinese name.")] = None,
    name_en: Annotated[str | None, typer.Option(help="The city's English name.")] = None,
    district_code: Annotated[str | None, typer.Option(help="Six digits for codes outside every district.")] = None,
    time_zone: Annotated[str | None, typer.Option(help="The city's time zone; Asia/Shanghai if never said.")] = None,
    as_json: Json = False,
) -> None:
    """Make the database of a city: schema, CRS, catalogue. Safe to repeat: only what is given changes."""
    if district_code is not None and not re.fullmatch("[0-9]{6}", district_code):
        raise InputError(f"district code {district_code!r} is not six digits")
    if time_zone is not None and time_zone not in available_timezones():
        raise InputError(f"time zone {time_zone!r} is not known; give one such as Asia/Shanghai")
    settings, srid = Settings(), city_srid(crs)
    given = {"name_zh": name_zh, "name_en": name_en, "district_code": district_code, "time_zone": time_zone}
    if cluster := embedded(settings):
        cluster.up()
    said = {name: text for name, text in given.items() if text is not None}
    new = initialise(City(srid=srid, **{**UNNAMED, **said}), addresses(settings), said)
    verdict = "is ready" if new else "was there already; schema and catalogue are up to date"
    show({"srid": srid, "new": new}, f"the city in EPSG:{srid} {verdict}", as_json)


def demo(
    city: Annotated[
        str, typer.Argument(help="washington-dc, mianyang, or a folder with a city.toml.")
    ] = "washington-dc",
    stay: Annotated[bool, typer.Option("--serve/--no-serve", help="Serve when everything is loaded.")] = True,
) -> None:
    """Load a sample city, route its reports, write the heat map, and serve."""
    settings = Settings()
    server.check_port_free(settings) if stay else None
    begun = time.perf_counter()
    folder = read_city_folder(sample_folder(city, settings.data_folder, step))
    typer.echo(f"gridsvc: {folder.city.name_en} {folder.city.name_zh}{' (synthetic)' if folder.city.synthetic else ''}")
    cluster = embedded(settings)
    started = cluster.up() if cluster else False
    try:
        step("Database", "embedded PostgreSQL" if cluster else "the server you named", time.perf_counter() - begun)
        _load(folder, settings)
        step("Ready", "in all", time.perf_counter() - begun)
        if stay:
            server.run(settings)
    finally:
        if cluster and started:
            cluster.down()


def _load(folder: CityFolder, settings: Settings) -> None:
    begun = time.perf_counter()
    to = addresses(settings)
    new = initialise(folder.city, to)
    step("Catalogue", f"schema and catalogue {'loaded' if new else 'there'}", time.perf_counter() - begun)
    with connect(to.database_url) as conn:
        load_city(conn, folder, settings, step)
        begun = time.perf_counter()
        write_map(HEAT_MAP, draw_heat(conn, the_city(conn), Chosen()))
    step("Heat map", f"{HEAT_MAP} ({HEAT_MAP.stat().st_size / 1e6:.1f} MB)", time.perf_counter() - begun)


def write_map(file: Path, html: str) -> None:
    """Whole or not at all, and never in place of something that is not a file."""
    target = file.resolve()
    if target.exists() and not target.is_file():
        raise InputError(f"{file} is not a file that a map could be written to")
    unfinished = target.with_name(f".{target.name}.new")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_text(html, encoding="utf-8")
        unfinished.replace(target)
    except OSError as error:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
        raise SetupError(f"{file} cannot be written: {error.strerror}") from error
