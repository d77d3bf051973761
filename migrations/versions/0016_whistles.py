"""Whistles: departments asked to come to a place."""

import sqlalchemy as sa
from alembic import context, op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.add_column(
        "clock_rules",
        sa.Column(
            "whistle_minutes", sa.Integer(), nullable=False, server_default=sa.text("30"),
            comment="in which whoever is called arrives, if the whistler does not say",
        ),
    )  # fmt: skip
    op.alter_column("clock_rules", "whistle_minutes", server_default=None)
    _add_whistles()
    _add_calls()
    _add_steps()


def _shape(*, nullable: bool) -> sa.Column[object]:
    srid = context.config.attributes["srid"]
    return sa.Column("geom", Geometry("POINT", srid=srid, spatial_index=False), nullable=nullable)


def _moment(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _add_whistles() -> None:
    op.create_table(
        "whistle",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("whistler", sa.Text(), nullable=False, comment="name of an account"),
        _moment("at", nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False, comment="in which to arrive; they run always"),
        _moment("due_at", nullable=False),
        _moment("closed_at"),
        sa.Column("outcome", sa.Text(), nullable=True, comment="of the whole"),
        sa.Column(
            "departments",
            postgresql.ARRAY(sa.Text()),
            nullable=False,
            server_default=sa.text("'{}'::text[]"),
            comment="that were called: who may see it, beside whoever has its areas",
        ),
        sa.Column(
            "area_ids", postgresql.ARRAY(sa.BigInteger()), nullable=False, server_default=sa.text("'{}'::bigint[]")
        ),
        _shape(nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("whistle_case_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("whistle_pkey")),
    )
    op.create_index("whistle_at", "whistle", ["at"])
    op.create_index("whistle_case", "whistle", ["case_id"], postgresql_where=sa.text("case_id is not null"))


def _add_calls() -> None:
    op.create_table(
        "whistle_call",
        sa.Column("whistle_id", sa.UUID(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        _moment("answered_at"),
        _moment("arrived_at"),
        sa.Column("distance_m", sa.Double(), nullable=True, comment="from the place, when it arrived"),
        sa.Column("outcome", sa.Text(), nullable=True, comment="what this department did"),
        _shape(nullable=True),
        sa.ForeignKeyConstraint(["whistle_id"], ["whistle.id"], name=op.f("whistle_call_whistle_id_fkey")),
        sa.ForeignKeyConstraint(["department"], ["department.code"], name=op.f("whistle_call_department_fkey")),
        sa.PrimaryKeyConstraint("whistle_id", "department", name=op.f("whistle_call_pkey")),
        comment="a department that was called",
    )
    op.create_index("whistle_call_department", "whistle_call", ["department"])


def _add_steps() -> None:
    op.create_table(
        "whistle_step",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("whistle_id", sa.UUID(), nullable=False),
        sa.Column("move", sa.Text(), nullable=False, comment="blow, answer, arrive, report or close"),
        _moment("at", nullable=False),
        sa.Column("actor", sa.Text(), nullable=False, comment="name of an account"),
        sa.Column("department", sa.Text(), nullable=True, comment="that it is about"),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("details", postgresql.JSONB(), nullable=False, server_default=sa.text("'{}'::jsonb")),
        sa.ForeignKeyConstraint(["whistle_id"], ["whistle.id"], name=op.f("whistle_step_whistle_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("whistle_step_pkey")),
        comment="append-only life of a whistle",
    )
    op.create_index("whistle_step_whistle", "whistle_step", ["whistle_id", "id"])
