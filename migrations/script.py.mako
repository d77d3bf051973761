"""${message}"""

${imports if imports else ""}
from alembic import context, op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    srid = context.config.attributes["srid"]
    ${upgrades if upgrades else "pass"}
