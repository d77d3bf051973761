"""`gridsvc init` and `gridsvc demo`."""

import re
import time
from pathlib import Path
from typing import Annotated
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
from gridsvc.errors import InputError
from gridsvc.maps.reports import Chosen, draw_heat
from gridsvc.store.city import City, the_city
from gridsvc.store.connection import connect

HEAT_MAP = Path("out/heatmap.html")


def init(
    crs: Annotated[str, typer.Option(help="The city's projected CRS in metres, as EPSG:n; it cannot change later.")],
    name_zh: Annotated[str, typer.Option(help="The city's Chinese name.")] = "城市",
    name_en: Annotated[str, typer.Option(help="The city's English name.")] = "City",
    district_code: Annotated[str, typer.Option(help="Six digits for codes outside every district.")] = "000000",
    time_zone: Annotated[str, typer.Option(help="The city's time zone.")] = "Asia/Shanghai",
    as_json: Json = False,
) -> None:
    """Make the database of a city: schema, CRS, catalogue. Safe to repeat."""
    if not re.fullmatch("[0-9]{6}", district_code):
        raise InputError(f"district code {district_code!r} is not six digits")
    if time_zone not in available_timezones():
        raise InputError(f"time zone {time_zone!r} is not known; give one such as Asia/Shanghai")
    settings = Settings()
    found = City(
        name_zh=name_zh, name_en=name_en, srid=city_srid(crs), district_code=district_code, time_zone=time_zone,
        heat_kind=None, synthetic=False,
    )  # fmt: skip
    if cluster := embedded(settings):
        cluster.up()
    new = initialise(found, addresses(settings))
    line = f"{name_en} is ready in EPSG:{found.srid}" if new else f"{name_en} was there already; schema is up to date"
    show({"srid": found.srid, "new": new}, line, as_json)


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
    typer.echo(f"gridsvc: {folder.city.name_en} {folder.city.name_zh}{' (synthetic)' * folder.city.synthetic}")
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
    """Whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f".{file.name}.new")
    unfinished.write_text(html, encoding="utf-8")
    unfinished.replace(file)
