"""Alembic's entry: the connection and the city's SRID come from `gridsvc.store.migrate`."""

from alembic import context

from gridsvc.store.migrate import compares
from gridsvc.store.tables import declare

config = context.config
context.configure(
    connection=config.attributes["connection"],
    target_metadata=declare(config.attributes["srid"]),
    include_object=compares,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
