"""Rules of lanes, names of rules, the rule behind each decision, and the city's fallback department."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "lane_rule",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("class_code", sa.Text(), nullable=False),
        sa.Column("subclass_code", sa.Text(), nullable=True),
        sa.Column("area_kind", sa.Text(), nullable=True),
        sa.Column("area_code", sa.Text(), nullable=True),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True, comment="what the city calls it"),
        sa.ForeignKeyConstraint(["revision"], ["duty_revision.revision"], name=op.f("lane_rule_revision_fkey")),
        sa.ForeignKeyConstraint(["area_kind"], ["area_kind.kind"], name=op.f("lane_rule_area_kind_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("lane_rule_pkey")),
        comment="in which lane a problem is disposed of; dispatched where no rule is about it",
    )
    op.create_index("lane_rule_revision", "lane_rule", ["revision"])
    op.add_column("duty_rule", sa.Column("name", sa.Text(), nullable=True, comment="what the city calls it"))
    op.add_column(
        "routing_decision",
        sa.Column("rule", sa.Text(), nullable=True, comment="component:… or the name or number of the duty rule"),
    )
    op.add_column(
        "city",
        sa.Column(
            "fallback_department",
            sa.Text(),
            nullable=True,
            comment="acts first while the owner of a component is not known",
        ),
    )
