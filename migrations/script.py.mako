"""${message}"""

${imports if imports else ""}
from alembic import context, op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
SRID = context.config.attributes["srid"]


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}
