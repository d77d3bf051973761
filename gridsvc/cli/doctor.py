"""`gridsvc doctor`: whether the installation is what it should be."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import typer

from gridsvc.access.sealing import HEAD_FILE, faults, kept_head
from gridsvc.cli.context import act_as, addresses
from gridsvc.cli.output import Json, show
from gridsvc.config import Settings
from gridsvc.domain.access import Right
from gridsvc.errors import GridsvcError
from gridsvc.store import accounts, audit, permissions, plans
from gridsvc.store.city import City, the_city
from gridsvc.store.connection import Connection, connect
from gridsvc.store.setup import check_schema


@dataclass(frozen=True, kw_only=True)
class Finding:
    """`troubles` are empty where all is well."""

    check: str
    troubles: list[str]


Check = Callable[[Connection, City, Settings], Iterator[str]]


def doctor(as_json: Json = False) -> None:
    """Check roles, permissions, plans and the record of who did what. Exit code 1 if anything is wrong."""
    settings = Settings()
    found = [Finding(check=name, troubles=_troubles(check, settings)) for name, check in CHECKS.items()]
    lines = []
    for finding in found:
        lines.append(f"{'wrong' if finding.troubles else 'ok':<6} {finding.check}")
        lines += [f"         {trouble}" for trouble in finding.troubles]
    show(found, "\n".join(lines), as_json)
    if any(finding.troubles for finding in found):
        raise typer.Exit(1)


def _troubles(check: Check, settings: Settings) -> list[str]:
    try:
        with connect(addresses(settings).database_url) as conn:
            return list(check(conn, the_city(conn), settings))
    except GridsvcError as error:
        return [str(error)]


def _role(conn: Connection, _city: City, _settings: Settings) -> Iterator[str]:
    permissions.check_service_role(conn)
    yield from permissions.own_rights(conn)


def _schema(conn: Connection, _city: City, _settings: Settings) -> Iterator[str]:
    check_schema(conn)
    yield from permissions.open_tables(conn)


def _untouched(conn: Connection, _city: City, settings: Settings) -> Iterator[str]:
    act_as(conn, settings, Right.READ_AUDIT, as_system=True)
    yield from permissions.tampered(conn)


def _plans(conn: Connection, city: City, settings: Settings) -> Iterator[str]:
    act_as(conn, settings, Right.SEE_DETAILS, as_system=False)
    for name, plan in plans.plans(conn, city.srid, 500_000.0, 3_000_000.0):
        if not plans.uses_index(plan):
            yield f"the query {name} does not use the spatial index: let a superuser run `gridsvc init` once more"


def _chain(conn: Connection, _city: City, settings: Settings) -> Iterator[str]:
    act_as(conn, settings, Right.READ_AUDIT, as_system=True)
    outside = kept_head(settings.data_folder)
    with conn.transaction():
        yield from faults(conn, outside)
    if outside is None and audit.head(conn).position:
        yield f"no seal is kept outside of the database: {HEAD_FILE} is missing in {settings.data_folder}"


def _demo(conn: Connection, _city: City, settings: Settings) -> Iterator[str]:
    act_as(conn, settings, Right.MANAGE_ACCOUNTS, as_system=True)
    names = [account.name for account in accounts.accounts(conn, limit=100_000) if account.demo]
    if names and settings.host != "127.0.0.1":
        yield f"{len(names)} demo accounts are there: they cannot sign in outside of a demo, disable them all the same"


CHECKS: dict[str, Check] = {
    "the service's role has no rights of its own": _role,
    "schema, permissions and row-level security are those of this release": _schema,
    "rights, policies and triggers are as they were set up": _untouched,
    "queries for places use the spatial index under row-level security": _plans,
    "the record of who did what is whole": _chain,
    "no demo accounts where others can reach the service": _demo,
}
