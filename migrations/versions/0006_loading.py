"""What cost most while hundreds of thousands of components are written: a check of one batch's number in every row,
and a question about visibility for each. DECISIONS 45 has the figures."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.drop_constraint("component_batch_id_fkey", "component", type_="foreignkey")
    op.alter_column("component", "visibility", server_default=None)
    op.alter_column("component", "batch_id", comment="of import_batch: none is deleted")
