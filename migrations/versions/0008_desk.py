"""Drafts that change some areas of several kinds, revisions that begin later, and which revision ended an area."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    _drafts()
    _revisions()
    _areas()


def _drafts() -> None:
    op.add_column("area_draft", sa.Column("deed", sa.Text(), server_default=sa.text("'import'"), nullable=False))
    op.add_column(
        "area_draft",
        sa.Column(
            "whole", sa.Boolean(), server_default=sa.text("true"), nullable=False,
            comment="areas of its kind that it does not name end",
        ),
    )  # fmt: skip
    op.add_column(
        "area_draft", sa.Column("reverses", sa.Integer(), nullable=True, comment="the revision that it takes back")
    )
    op.add_column(
        "area_draft", sa.Column("remarks", sa.dialects.postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"),
                                nullable=False, comment="what could not be done as asked"),
    )  # fmt: skip
    op.add_column("area_draft_row", sa.Column("kind", sa.Text(), nullable=True))
    op.execute("UPDATE area_draft_row SET kind = area_draft.kind FROM area_draft WHERE area_draft.id = draft_id")
    op.alter_column("area_draft_row", "kind", nullable=False)
    op.alter_column("area_draft_row", "geom", nullable=True, comment="none: the area ends, and nothing takes its code")
    op.add_column(
        "area_draft_row",
        sa.Column(
            "redrawn", sa.Boolean(), server_default=sa.text("false"), nullable=False,
            comment="made anew because areas that it is made of change",
        ),
    )  # fmt: skip
    op.drop_constraint("area_draft_row_pkey", "area_draft_row")
    op.create_primary_key("area_draft_row_pkey", "area_draft_row", ["draft_id", "kind", "code"])
    op.create_foreign_key("area_draft_row_kind_fkey", "area_draft_row", "area_kind", ["kind"], ["kind"])


def _revisions() -> None:
    op.add_column(
        "area_revision",
        sa.Column(
            "began_at", sa.DateTime(timezone=True), nullable=True,
            comment="since when the inventory follows it; none: yet to come",
        ),
    )  # fmt: skip
    op.execute("UPDATE area_revision SET began_at = applied_at")
    op.add_column("area_revision", sa.Column("called_off_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "area_revision",
        sa.Column(
            "cases", sa.Text(), server_default=sa.text("'reroute'"), nullable=False,
            comment="open cases that another department would have now: reroute or keep",
        ),
    )  # fmt: skip


def _areas() -> None:
    op.add_column(
        "area",
        sa.Column(
            "ended_by", sa.Integer(), sa.ForeignKey("area_revision.revision", name="area_ended_by_fkey"), nullable=True
        ),
    )  # fmt: skip
    op.add_column(
        "area",
        sa.Column(
            "current", sa.Boolean(), server_default=sa.text("false"), nullable=False,
            comment="in force today: what the inventory is assigned to",
        ),
    )  # fmt: skip
    op.execute(
        "UPDATE area SET current = valid_to IS NULL, ended_by = CASE WHEN valid_to IS NOT NULL THEN ("
        " SELECT min(later.revision) FROM area_revision AS later JOIN area_draft ON area_draft.id = later.draft_id"
        " WHERE area_draft.kind = area.kind AND later.revision > area.revision) END"
    )
    op.drop_index("area_in_force", "area")
    op.create_index("area_in_force", "area", ["kind", "code"], unique=True, postgresql_where=sa.text("current"))
    op.create_index("area_newest", "area", ["kind", "code"], unique=True, postgresql_where=sa.text("valid_to is null"))
    op.create_index("area_ended", "area", ["ended_by"], unique=False)
    op.create_table(
        "area_succession",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("successor", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["kind"], ["area_kind.kind"], name=op.f("area_succession_kind_fkey")),
        sa.ForeignKeyConstraint(["revision"], ["area_revision.revision"], name=op.f("area_succession_revision_fkey")),
        sa.PrimaryKeyConstraint("kind", "code", "successor", "revision", name=op.f("area_succession_pkey")),
        comment="which areas took over the ground of one whose code ended: duties that name it hold for them",
    )
    op.create_index("area_succession_revision", "area_succession", ["revision"], unique=False)
