import pytest

from gridsvc.store.city import City
from gridsvc.store.connection import Connection
from tests.ingest.layers import put_town


@pytest.fixture
def ready(conn: Connection, town: City) -> Connection:
    """A connection to the town with its areas."""
    put_town(conn, town)
    return conn
