"""`gridsvc init` and `gridsvc demo`."""

import re
import time
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import available_timezones

import typer

from gridsvc.access.accounts import FIRST, first_administrator
from gridsvc.access.demo import demo_accounts
from gridsvc.cli import server
from gridsvc.cli.city_folder import CityFolder, read_city_folder
from gridsvc.cli.context import act_as, addresses, embedded, here
from gridsvc.cli.files import write_text
from gridsvc.cli.load import initialise, load_city
from gridsvc.cli.output import Json, show, step
from gridsvc.cli.samples import sample_folder
from gridsvc.config import Settings
from gridsvc.domain.access import Right
from gridsvc.domain.crs import city_srid
from gridsvc.errors import InputError
from gridsvc.maps.reports import Chosen, draw_heat
from gridsvc.store.callers import name_origin
from gridsvc.store.city import City, the_city
from gridsvc.store.connection import Connection, connect

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
    to = addresses(settings)
    new = initialise(City(srid=srid, **{**UNNAMED, **said}), to, said)
    with connect(to.admin_url) as conn, conn.transaction():
        name_origin(conn, here())
        password = first_administrator(conn)
    verdict = "is ready" if new else "was there already; schema and catalogue are up to date"
    first = f"\nfirst administrator: {FIRST}, password (shown once, to be changed): {password}" if password else ""
    result = {"srid": srid, "new": new, "administrator": FIRST if password else None, "password": password}
    show(result, f"the city in EPSG:{srid} {verdict}{first}", as_json)


def demo(
    city: Annotated[
        str, typer.Argument(help="washington-dc, mianyang, or a folder with a city.toml.")
    ] = "washington-dc",
    stay: Annotated[bool, typer.Option("--serve/--no-serve", help="Serve when everything is loaded.")] = True,
) -> None:
    """Load a sample city, route its reports, write the heat map, and serve."""
    settings = Settings()
    server.check_loopback(settings)
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
            server.run(settings, demo=True)
    finally:
        if cluster and started:
            cluster.down()


def _demo_accounts(conn: Connection, settings: Settings) -> None:
    with conn.transaction():
        names, password = demo_accounts(conn, settings.data_folder)
    typer.echo(f"  Accounts    {', '.join(names)}")
    typer.echo(f"              sign in with the password {password} (only while this runs as a demo)")


def _load(folder: CityFolder, settings: Settings) -> None:
    begun = time.perf_counter()
    to = addresses(settings)
    new = initialise(folder.city, to)
    step("Catalogue", f"schema and catalogue {'loaded' if new else 'there'}", time.perf_counter() - begun)
    with connect(to.admin_url) as conn, conn.transaction():
        name_origin(conn, here())
        first_administrator(conn, password=False)
    with connect(to.database_url) as conn:
        act_as(conn, settings, Right.IMPORT_DATA, as_system=True)
        load_city(conn, folder, settings, step)
        _demo_accounts(conn, settings)
        begun = time.perf_counter()
        write_text(HEAT_MAP, draw_heat(conn, the_city(conn), Chosen()))
    step("Heat map", f"{HEAT_MAP} ({HEAT_MAP.stat().st_size / 1e6:.1f} MB)", time.perf_counter() - begun)
