"""What every command needs: settings, addresses, a connection, the city."""

from collections.abc import Iterator
from contextlib import contextmanager

from gridsvc.config import Settings
from gridsvc.errors import SetupError
from gridsvc.localdb import Addresses, Cluster
from gridsvc.store.city import City, the_city
from gridsvc.store.connection import Connection, connect
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
def opened(settings: Settings) -> Iterator[tuple[Connection, City]]:
    """A connection as the service, and the city that the database holds."""
    with connect(addresses(settings).database_url) as conn:
        city = the_city(conn)
        check_schema(conn)
        yield conn, city
