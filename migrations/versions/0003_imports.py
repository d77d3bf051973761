"""Imports that can be looked at, compared and taken back: batches with their story, findings with place, versions."""

import sqlalchemy as sa
from alembic import context, op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"

EMPTY = sa.text("'{}'::jsonb")


def upgrade() -> None:
    srid = context.config.attributes["srid"]
    op.drop_table("import_row")
    _batches()
    _findings(srid)
    _versions()
    op.create_table(
        "near_distance",
        sa.Column("subclass_code", sa.Text(), nullable=False),
        sa.Column("metres", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("subclass_code", name=op.f("near_distance_pkey")),
        comment="within which two components of a subclass are remarked upon; 0: never",
    )
    op.create_table(
        "import_profile",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("columns", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'::text[]"), nullable=False),
        sa.Column("definition", postgresql.JSONB(astext_type=sa.Text()), server_default=EMPTY, nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("import_profile_pkey")),
        sa.UniqueConstraint("name", name=op.f("import_profile_name_key")),
    )


def _batches() -> None:
    for column in (
        sa.Column("kind", sa.Text(), server_default="file", nullable=False,
                  comment="file, or hand: one component changed in a form"),
        sa.Column("ending", sa.Text(), server_default="", nullable=False, comment="how the name of the kept file ends"),
        sa.Column("account_id", sa.BigInteger(), nullable=True, comment="whose it is"),
        sa.Column("inspection", postgresql.JSONB(astext_type=sa.Text()), server_default=EMPTY, nullable=False),
        sa.Column("definition", postgresql.JSONB(astext_type=sa.Text()), server_default=EMPTY, nullable=False),
        sa.Column("scope", postgresql.JSONB(astext_type=sa.Text()), server_default=EMPTY, nullable=False),
        sa.Column("gone", sa.Text(), server_default="keep", nullable=False,
                  comment="what becomes of components that the file lacks: keep, or retire"),
        sa.Column("work", postgresql.JSONB(astext_type=sa.Text()), server_default=EMPTY, nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False,
                  comment="why it was refused, or why its last step failed"),
        sa.Column("error_zh", sa.Text(), server_default="", nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
    ):  # fmt: skip
        op.add_column("import_batch", column)


def _findings(srid: int) -> None:
    for column in (
        sa.Column("layer", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("message_zh", sa.Text(), server_default="", nullable=False),
        sa.Column("hint", sa.Text(), server_default="", nullable=False),
        sa.Column("hint_zh", sa.Text(), server_default="", nullable=False),
        sa.Column("geom", Geometry("GEOMETRY", srid=srid, spatial_index=False), nullable=True),
    ):
        op.add_column("import_finding", column)
    op.create_table(
        "import_rejected",
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("feature", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("row", postgresql.JSONB(astext_type=sa.Text()), server_default=EMPTY, nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["import_batch.id"], name=op.f("import_rejected_batch_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("batch_id", "layer", "feature", name=op.f("import_rejected_pkey")),
        comment="features that were set aside when their batch was promoted, as they were in the file",
    )


def _versions() -> None:
    digest = "of the row of a file that it was last taken from; none once anything else changed it"
    op.add_column("component", sa.Column("digest", sa.BigInteger(), nullable=True, comment=digest))
    op.drop_constraint("component_version_component_id_fkey", "component_version", type_="foreignkey")
    for column in (
        sa.Column("component_code", sa.Text(), nullable=False),
        sa.Column("code_scheme", sa.Text(), nullable=False),
        sa.Column("superseded_by", sa.BigInteger(), nullable=False),
        sa.Column("fate", sa.Text(), nullable=False,
                  comment="changed, retired, or undone: what the superseding batch did to it"),
        sa.Column("digest", sa.BigInteger(), nullable=True, comment=digest),
    ):  # fmt: skip
        op.add_column("component_version", column)
    op.create_foreign_key(
        op.f("component_version_superseded_by_fkey"), "component_version", "import_batch", ["superseded_by"], ["id"]
    )
    op.create_index("component_version_superseded", "component_version", ["superseded_by"])
    op.create_index("component_version_batch", "component_version", ["batch_id"])
    op.create_index("component_version_code", "component_version", ["component_code"])
