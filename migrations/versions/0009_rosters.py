"""Who is on duty in which area: team templates and rosters."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

NO_SERVICE = "'' where posts do not differ by service"


def upgrade() -> None:
    op.create_table(
        "team_template",
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("template", name=op.f("team_template_pkey")),
    )
    _add_posts()
    op.create_table(
        "team_use",
        sa.Column("area_kind", sa.Text(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["template"], ["team_template.template"], name=op.f("team_use_template_fkey")),
        sa.PrimaryKeyConstraint("area_kind", name=op.f("team_use_pkey")),
        comment="which template holds for a kind of area, whether or not the city has that kind",
    )
    op.create_index("team_use_template", "team_use", ["template"])
    _add_entries()


def _add_posts() -> None:
    op.create_table(
        "team_post",
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("post", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False, comment=NO_SERVICE),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("service_zh", sa.Text(), nullable=False),
        sa.Column("service_en", sa.Text(), nullable=False),
        sa.Column("least", sa.Integer(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=True, comment="none: as many as there are"),
        sa.Column("leads", sa.Boolean(), nullable=False, comment="an area has at most one at a time"),
        sa.Column("elsewhere", sa.Boolean(), nullable=False, comment="one person may hold it in several areas"),
        sa.Column("place", sa.Integer(), nullable=False, comment="in the order of the template"),
        sa.ForeignKeyConstraint(
            ["template"], ["team_template.template"], name=op.f("team_post_template_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("template", "post", "service", name=op.f("team_post_pkey")),
    )


def _add_entries() -> None:
    op.create_table(
        "roster_entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("area_kind", sa.Text(), nullable=False),
        sa.Column("area_code", sa.Text(), nullable=False, comment="whichever area of that code is in force"),
        sa.Column("post", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False, comment=NO_SERVICE),
        sa.Column("person", sa.Text(), nullable=False, comment="'' once retention erased who it was"),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("department", sa.Text(), nullable=True),
        sa.Column("account", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "valid_to", sa.DateTime(timezone=True), nullable=True, comment="equal to valid_from: it never counted"
        ),
        sa.Column("source", sa.Text(), nullable=False, comment="file that it came from"),
        sa.CheckConstraint("valid_to is null or valid_to >= valid_from", name=op.f("roster_entry_validity_check")),
        sa.ForeignKeyConstraint(["area_kind"], ["area_kind.kind"], name=op.f("roster_entry_area_kind_fkey")),
        sa.ForeignKeyConstraint(["department"], ["department.code"], name=op.f("roster_entry_department_fkey")),
        sa.ForeignKeyConstraint(["account"], ["account.name"], name=op.f("roster_entry_account_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("roster_entry_pkey")),
        comment="append-only: what changes is an entry that ends and another that begins",
    )
    op.create_index("roster_entry_area", "roster_entry", ["area_kind", "area_code"])
    op.create_index("roster_entry_department", "roster_entry", ["department"])
    op.create_index("roster_entry_account", "roster_entry", ["account"])
