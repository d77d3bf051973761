"""What every command needs: settings, addresses, a connection as somebody's, the city."""

import getpass
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from zoneinfo import ZoneInfo

from gridsvc.config import Settings
from gridsvc.domain.access import Right, account_name
from gridsvc.errors import SetupError
from gridsvc.localdb import Addresses, Cluster
from gridsvc.store.callers import Caller, Origin, act_for_good, name_caller
from gridsvc.store.city import City, the_city
from gridsvc.store.connection import Connection, connect
from gridsvc.store.permissions import check_service_role
from gridsvc.store.setup import check_schema


def embedded(settings: Settings) -> Cluster | None:
    """The embedded cluster, unless an address points at a server."""
    return None if settings.database_url else Cluster(settings.data_folder)


def addresses(settings: Settings) -> Addresses:
    """Both addresses; the embedded cluster is started if it exists and is down."""
    if settings.database_url:
        service = settings.database_url.get_secret_value()
        admin = settings.admin_url.get_secret_value() if settings.admin_url else service
        return Addresses(admin_url=admin, database_url=service)
    cluster = Cluster(settings.data_folder)
    if not cluster.status().exists:
        raise SetupError(
            f"there is no database yet in {settings.data_folder}: run `gridsvc init --crs EPSG:n`, or `make run`, "
            "or set GRIDSVC_DATABASE_URL"
        )
    cluster.up()
    return cluster.addresses()


@contextmanager
def opened(settings: Settings, right: Right, *, as_system: bool = False) -> Iterator[tuple[Connection, City]]:
    """A connection as the account that the settings name, who must have this right, and the city.

    It shows what that account may see; `as_system`: everything, for work that needs it.
    """
    with connect(addresses(settings).database_url) as conn:
        city = the_city(conn)
        check_service_role(conn)
        check_schema(conn)
        act_as(conn, settings, right, as_system=as_system)
        yield conn, city


@contextmanager
def named(settings: Settings, right: Right) -> Iterator[tuple[Connection, City, Caller]]:
    """The same in one transaction, with the account itself, for what asks who does it."""
    with connect(addresses(settings).database_url) as conn:
        city = the_city(conn)
        check_service_role(conn)
        check_schema(conn)
        origin = here()
        caller = name_caller(conn, account_name(settings.account), origin.address, origin.request_id)
        act_for_good(conn, caller, right, as_system=False)
        with conn.transaction():
            yield conn, city, caller


def act_as(conn: Connection, settings: Settings, right: Right, *, as_system: bool) -> None:
    origin = here()
    caller = name_caller(conn, account_name(settings.account), origin.address, origin.request_id)
    act_for_good(conn, caller, right, as_system=as_system)


def moment_of(told: datetime | None, city: City) -> datetime | None:
    """Times on the command line are the city's."""
    return told.replace(tzinfo=ZoneInfo(city.time_zone)) if told else None


def here() -> Origin:
    """From where the command line is used, for the audit: the account of this machine."""
    try:
        user = f"local:{getpass.getuser()}"
    except (KeyError, OSError):
        user = "local"
    return Origin(source="cli", address=user, request_id=str(uuid.uuid4()))
