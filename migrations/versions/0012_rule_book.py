"""The number of all that routing follows, by which a service knows that what it holds is still true."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "rule_book",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "revision",
            sa.BigInteger(),
            sa.Identity(always=True),
            nullable=False,
            comment="another one after each change, and never one that was there before",
        ),
        sa.CheckConstraint("id = 1", name=op.f("rule_book_one_row_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("rule_book_pkey")),
        comment="the number of all that routing follows besides areas and components; triggers count it on",
    )
