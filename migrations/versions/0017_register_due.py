"""Until when a report that waits for a person is to be registered or rejected."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.add_column(
        "report",
        sa.Column(
            "register_due_at", sa.DateTime(timezone=True), nullable=True,
            comment="of one that waits for a person, who registers or rejects it",
        ),
    )  # fmt: skip
