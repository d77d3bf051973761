"""Cases are warned of before they are due."""

import logging

from psycopg_pool import ConnectionPool

from gridsvc.casework.life_clocks import warn_those_due
from gridsvc.store.callers import Origin, as_service
from gridsvc.store.city import the_city
from gridsvc.store.connection import Connection

ORIGIN = Origin(source="service", address="", request_id="")
logger = logging.getLogger("gridsvc.work")


def warn_in_time(pool: ConnectionPool[Connection]) -> None:
    """One lot; the next second has the next."""
    with as_service(pool, ORIGIN) as conn:
        warned = warn_those_due(conn, the_city(conn))
    if warned:
        logger.info("cases warned of", extra={"cases": warned})
