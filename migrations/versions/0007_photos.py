"""Photos of components, as surveys bring them."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "component_photo",
        sa.Column("id", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("component_id", sa.BigInteger(), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False, comment="of its pixels alone as a JPEG"),
        sa.Column("added_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["component_id"], ["component.id"], name=op.f("component_photo_component_id_fkey")),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], name=op.f("component_photo_batch_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("component_photo_pkey")),
        sa.UniqueConstraint("component_id", "sha256", name=op.f("component_photo_component_id_sha256_key")),
    )
    op.create_index("component_photo_batch", "component_photo", ["batch_id"])
