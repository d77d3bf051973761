"""The queue of background work: procrastinate's tables in a schema of their own.

They are those of procrastinate 3.10. When a later release of it brings changes, a migration of ours applies its files.
"""

import hashlib

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0004"
down_revision = "0003"

KNOWN = "c70ec4b400a60ad9592787653aae5ae77ae41bf801d56b5bd2712751a07f2009"
"""SHA-256 of the schema that this migration makes: another one needs another migration."""


def upgrade() -> None:
    schema = SchemaManager.get_schema()
    found = hashlib.sha256(schema.encode()).hexdigest()
    if found != KNOWN:
        raise RuntimeError("procrastinate has another schema than that of release 3.10: a migration is needed for it")
    op.execute("CREATE SCHEMA procrastinate")
    connection = op.get_bind().connection.driver_connection  # its many statements are not for SQLAlchemy to read
    before = connection.execute("SHOW search_path").fetchone()[0]
    connection.execute("SET LOCAL search_path = procrastinate")
    connection.execute(schema)
    connection.execute("SELECT set_config('search_path', %s, true)", (before,))
