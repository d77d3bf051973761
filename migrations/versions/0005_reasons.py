"""Why a row was set aside, in Chinese too."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("import_rejected", sa.Column("reason_zh", sa.Text(), server_default="", nullable=False))
