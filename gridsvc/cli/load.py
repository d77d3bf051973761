"""Loading a city folder: each step says what it did, and does nothing when its work is done already."""

import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace

from gridsvc import resources
from gridsvc.access.retention import FIRST_RULES
from gridsvc.areas.apply import apply_draft
from gridsvc.areas.drafting.splitting import split_areas
from gridsvc.areas.roster_words import COLUMNS, NEEDED
from gridsvc.areas.rosters import replace_rosters
from gridsvc.casework.files import import_reports
from gridsvc.casework.intake import Taken
from gridsvc.cli.city_clocks import keep_clocks
from gridsvc.cli.city_folder import CityFolder
from gridsvc.cli.context import here
from gridsvc.config import Settings
from gridsvc.errors import ConflictError, one_of
from gridsvc.ingest import tables
from gridsvc.ingest.calendar import load_calendar
from gridsvc.ingest.duplicates import load_duplicate_rules
from gridsvc.ingest.guides import load_guides
from gridsvc.ingest.headed import read_headed
from gridsvc.ingest.pipeline import already_imported, import_file
from gridsvc.ingest.place_layers import load_places
from gridsvc.ingest.promote import Promoted
from gridsvc.ingest.teams import load_teams, use_teams
from gridsvc.jobs.desk import desk_of
from gridsvc.localdb import Addresses
from gridsvc.store import areas, audit, batches, channels, city, drafts, duties, retention, setup
from gridsvc.store.callers import name_origin
from gridsvc.store.channels import Channel
from gridsvc.store.city import City
from gridsvc.store.connection import Connection, connect

PUBLIC_CHANNEL = Channel(
    channel="public", name_zh="公众上报", name_en="Public report", confirmed=False, open_to_public=True
)
"""What a new city begins with."""

Say = Callable[[str, str, float], None]
"""Takes what was done, the figures of it, and the seconds it took."""


def initialise(found: City, to: Addresses, said: Collection[str] | None = None) -> bool:
    """Database, schema, city and catalogue; whether the city is new.

    Of a city that is there already only the fields that are `said` change; None: all of them.
    """
    setup.prepare(to.admin_url, to.database_url, found.srid)
    with connect(to.admin_url) as conn, setup.one_at_a_time(conn), conn.transaction():
        name_origin(conn, here())
        known = city.find_city(conn)
        if known is None:
            city.add_city(conn, found)
            audit.record(conn, "city.init", "the city", after=asdict(found))
        else:
            _update_city(conn, known, found, said)
        tables.load_catalogue(conn, resources.folder("geodata/catalogue"))
        load_teams(conn, resources.folder("geodata/catalogue") / "teams.csv", first=True)
        if known is None:
            retention.add_rules(conn, FIRST_RULES)
        if PUBLIC_CHANNEL.channel not in channels.channels(conn):
            channels.declare_channels(conn, [PUBLIC_CHANNEL])
    return known is None


def _update_city(conn: Connection, known: City, found: City, said: Collection[str] | None) -> None:
    changes = {name: text for name, text in asdict(found).items() if said is None or name in said}
    changed = replace(known, **changes)
    if changed != known:
        city.update_city(conn, changed)
        audit.record(conn, "city.init", "the city", before=asdict(known), after=asdict(changed))


def load_city(conn: Connection, folder: CityFolder, settings: Settings, say: Say) -> None:
    """Everything that the folder declares; a second run finds it all done."""
    with _timed(say, "Tables") as done:
        done.append(load_tables(conn, folder))
    with _timed(say, "Areas") as done:
        done.append(_load_areas(conn, folder, settings))
    if folder.tables.get("rosters"):
        with _timed(say, "Rosters") as done:
            done.append(_load_rosters(conn, folder))
    if folder.places:
        with _timed(say, "Places") as done:
            done.append(_load_places(conn, folder))
    with _timed(say, "Components") as done:
        done.append(_load_components(conn, folder, settings))
    with _timed(say, "Reports") as done:
        done.append(_load_reports(conn, folder, settings))
    audit.record(conn, "city.load", "the city", after={"folder": folder.folder.name})


@contextmanager
def _timed(say: Say, what: str) -> Iterator[list[str]]:
    begun, figures = time.perf_counter(), list[str]()
    yield figures
    say(what, figures[0], time.perf_counter() - begun)


def load_tables(conn: Connection, folder: CityFolder) -> str:
    with setup.one_at_a_time(conn), conn.transaction():
        areas.declare_kinds(conn, folder.kinds)
        for layer, _ in (*folder.areas, *folder.components):
            batches.declare_layer(conn, layer.layer, layer.definition())
        batches.declare_near(conn, folder.near)
        channels.declare_channels(conn, folder.channels)
        figures = [f"{len(folder.kinds)} kinds of area"]
        for file in folder.tables.get("subclasses", []):
            tables.load_own_subclasses(conn, file)
        figures += [f"{tables.load_departments(conn, f)} departments" for f in folder.tables.get("departments", [])]
        figures += [f"{tables.load_taxonomy(conn, f)} categories" for f in folder.tables.get("taxonomy", [])]
        figures += [f"{load_teams(conn, f)} team templates" for f in folder.tables.get("teams", [])]
        figures += [f"{load_duplicate_rules(conn, f)} rules of duplicates" for f in folder.tables.get("duplicates", [])]
        use_teams(conn, folder.teams)
        keep_clocks(conn, folder.clocks)
        figures += [f"{load_guides(conn, file)} guides" for file in folder.tables.get("guides", [])]
        figures += _load_calendars(conn, folder)
        _check_fallback(conn, folder)
        rules = [tables.load_duties(conn, file)[0] for file in folder.tables.get("duties", [])]
        lanes = [tables.load_lanes(conn, file)[0] for file in folder.tables.get("lanes", [])]
        _retire_rules(conn, folder)
    figures += [f"{sum(rules)} duty rules"]
    return ", ".join([*figures, f"{sum(lanes)} lane rules"] if lanes else figures)


def _load_calendars(conn: Connection, folder: CityFolder) -> list[str]:
    files = folder.tables.get("calendar", [])
    return [f"{load_calendar(conn, file, folder.clocks.whole_years).total()} own days" for file in files]


def _check_fallback(conn: Connection, folder: CityFolder) -> None:
    fallback, known = folder.city.fallback_department, sorted(d.code for d in city.departments(conn))
    if fallback is not None and fallback not in known:
        raise one_of("fallback_department", fallback, known)


def _retire_rules(conn: Connection, folder: CityFolder) -> None:
    """A table of duties or lanes that the folder no longer names gives no rules any more; its history stays."""
    named = {table: {file.name for file in folder.tables.get(table, [])} for table in ("duties", "lanes")}
    for origin in {rule.origin for rule in duties.duty_rules(conn)} - named["duties"]:
        duties.add_duty_rules(conn, origin, [])
    for origin in {rule.origin for rule in duties.lane_rules(conn)} - named["lanes"]:
        duties.add_lane_rules(conn, origin, [])


def _load_areas(conn: Connection, folder: CityFolder, settings: Settings) -> str:
    made = []
    for layer, file in folder.areas:
        batch = already_imported(conn, file, layer, settings.uploads)
        if batch is None:
            batch = import_file(conn, desk_of(settings, folder.city), file, layer).batch_id
        draft = _waiting(conn, batch)
        if draft is not None:
            made.append(apply_draft(conn, draft))
    for parent, into, parts in folder.splits:
        if areas.last_change_of_kind(conn, into) < areas.last_change_of_kind(conn, parent):
            made.append(apply_draft(conn, split_areas(conn, folder.city, parent, into=into, parts=parts)))
    return ", ".join(f"{applied.areas} {applied.kind}" for applied in made) or "all there"


def _waiting(conn: Connection, batch: int) -> int | None:
    """The draft of a batch, if it is not in force and nothing overtook it: a run may have been cut short before."""
    for draft in drafts.drafts(conn):
        if draft.batch_id == batch and draft.applied_revision is None:
            return draft.id if areas.last_change_of_kind(conn, draft.kind) <= draft.base_revision else None
    return None


def _load_rosters(conn: Connection, folder: CityFolder) -> str:
    """Each file is the rosters of the areas that it names."""
    made = [
        replace_rosters(conn, folder.city, file.name, read_headed(file, file.name, COLUMNS, NEEDED))
        for file in folder.tables["rosters"]
    ]
    if not any(one.added or one.ended for one in made):
        return "all there"
    return f"{sum(one.added for one in made):,} people in {sum(one.areas for one in made):,} areas"


def _load_places(conn: Connection, folder: CityFolder) -> str:
    made = [load_places(conn, folder.city, file, given) for given, file in folder.places]
    return ", ".join(f"{layer.places:,} of {layer.layer}" for layer, new in made if new) or "all there"


def _load_components(conn: Connection, folder: CityFolder, settings: Settings) -> str:
    done: list[Promoted] = []
    desk = desk_of(settings, folder.city)
    for layer, file in folder.components:
        if already_imported(conn, file, layer, settings.uploads) is None:
            done.append(import_file(conn, desk, file, layer))
    if not done:
        return "all there"
    set_aside = sum(imported.set_aside for imported in done)
    return f"{sum(imported.added for imported in done):,} in {len(done)} layers" + (
        f", {set_aside} set aside" if set_aside else ""
    )


def _load_reports(conn: Connection, folder: CityFolder, settings: Settings) -> str:
    total = Taken()
    for columns, file in folder.reports:
        try:
            _, taken = import_reports(conn, folder.city, file, columns, settings.uploads)
        except ConflictError:
            continue
        total.read, total.new = total.read + taken.read, total.new + taken.new
        total.repeated, total.manual = total.repeated + taken.repeated, total.manual + taken.manual
        total.unknown_conditions += taken.unknown_conditions
    if not total.read:
        return "all there"
    manual = sum(total.manual.values())
    return (
        f"{total.new:,} new, {total.repeated:,} repeated; {total.new - manual:,} routed automatically, "
        f"{manual:,} at the manual desk"
        + (f", {total.unknown_conditions:,} with an unknown condition" if total.unknown_conditions else "")
    )
