"""Levels of duties, revisions of rules made by hand, departments that retired, and categories that are a tree."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column(
        "duty_rule",
        sa.Column("level", sa.Text(), nullable=True, comment="city, district, subdistrict or community"),
    )
    op.add_column(
        "duty_revision",
        sa.Column(
            "edited",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="by somebody's hand or file, not loaded with the city",
        ),
    )
    op.add_column("duty_revision", sa.Column("reason", sa.Text(), nullable=True))
    op.add_column("department", sa.Column("retired_on", sa.Date(), nullable=True, comment="the first day without it"))
    _categories()
    op.create_index(
        "routing_decision_fallback", "routing_decision", ["report_id"],
        postgresql_where=sa.text("rule = 'component:fallback'"),
    )  # fmt: skip


def _categories() -> None:
    op.add_column(
        "channel_category", sa.Column("parent_category", sa.Text(), nullable=True, comment="of the same channel")
    )
    for column in ("kind", "subclass_code"):
        op.alter_column("channel_category", column, nullable=True)
