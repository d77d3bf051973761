"""What is to be done every second, brought together from the rooms."""

from psycopg_pool import ConnectionPool

from gridsvc.jobs.areas import begin_those_due
from gridsvc.jobs.cases import warn_in_time
from gridsvc.store.connection import Connection


def every_second(pool: ConnectionPool[Connection]) -> None:
    begin_those_due(pool)
    warn_in_time(pool)
