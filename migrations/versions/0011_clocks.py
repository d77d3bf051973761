"""When a city works, and what it decides on clocks."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

HOURS = "such as 08:00-12:00 14:00-18:00"


def upgrade() -> None:
    _add_calendar()
    op.create_table(
        "clock_rules",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("profile", sa.Text(), nullable=False, comment="of time_limit"),
        sa.Column(
            "holidays",
            sa.Text(),
            nullable=False,
            comment="cn: official ones of China; own: none but those of calendar_day",
        ),
        sa.Column(
            "rework",
            sa.Text(),
            nullable=False,
            comment="what becomes of the limit: first_limit keeps running, or new_limit",
        ),
        sa.CheckConstraint("id = 1", name=op.f("clock_rules_one_row_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("clock_rules_pkey")),
    )
    op.create_table(
        "stage_limit",
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("stage", name=op.f("stage_limit_pkey")),
        comment="where not the usual one",
    )


def _add_calendar() -> None:
    op.create_table(
        "calendar_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("workday", sa.Boolean(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("hours", sa.Text(), nullable=True, comment=f"{HOURS}; none: as on other workdays"),
        sa.PrimaryKeyConstraint("day", name=op.f("calendar_day_pkey")),
        comment="days that the city decides on; they come before official ones",
    )
    op.create_table(
        "calendar_year",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("calendar_year_pkey")),
        comment="years whose days stand whole in calendar_day, for want of official ones",
    )
    op.create_table(
        "work_hours",
        sa.Column("weekday", sa.SmallInteger(), autoincrement=False, nullable=False, comment="1 is Monday"),
        sa.Column("hours", sa.Text(), nullable=False, comment=f"{HOURS}; '' where nobody works"),
        sa.CheckConstraint("weekday between 1 and 7", name=op.f("work_hours_weekday_check")),
        sa.PrimaryKeyConstraint("weekday", name=op.f("work_hours_pkey")),
        comment="without rows: the usual week",
    )
