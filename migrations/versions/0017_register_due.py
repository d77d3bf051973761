"""Until when a report that waits for a person is to be registered or rejected; cases by their statutory dates."""

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
    open_ones = sa.text("closed_at is null and statutory_due is not null")
    op.create_index("cases_statutory", "cases", ["statutory_due"], postgresql_where=open_ones)
