"""When a city works, and what it decides on clocks. What is not there is as usual."""

from sqlalchemy import Boolean, CheckConstraint, Column, Date, Integer, MetaData, SmallInteger, Table

from gridsvc.store.tables.columns import words

HOURS = "such as 08:00-12:00 14:00-18:00"


def declare(metadata: MetaData, srid: int) -> None:  # noqa: ARG001  one signature for all rooms
    Table(
        "calendar_day",
        metadata,
        Column("day", Date, primary_key=True),
        Column("workday", Boolean, nullable=False),
        words("name_zh"),
        words("name_en"),
        words("hours", nullable=True, comment=f"{HOURS}; none: as on other workdays"),
        comment="days that the city decides on; they come before official ones",
    )
    Table(
        "calendar_year",
        metadata,
        Column("year", Integer, primary_key=True, autoincrement=False),
        comment="years whose days stand whole in calendar_day, for want of official ones",
    )
    Table(
        "work_hours",
        metadata,
        Column("weekday", SmallInteger, primary_key=True, autoincrement=False, comment="1 is Monday"),
        words("hours", comment=f"{HOURS}; '' where nobody works"),
        CheckConstraint("weekday between 1 and 7", name="weekday"),
        comment="without rows: the usual week",
    )
    Table(
        "clock_rules",
        metadata,
        Column("id", SmallInteger, primary_key=True, autoincrement=False),
        words("profile", comment="of time_limit"),
        words("holidays", comment="cn: official ones of China; own: none but those of calendar_day"),
        words("rework", comment="what becomes of the limit: first_limit keeps running, or new_limit"),
        Column("return_minutes", Integer, nullable=False, comment="working minutes in which a department may return"),
        Column("sample_percent", Integer, nullable=False, comment="of self-disposed cases, verified before closing"),
        Column("warn_minutes", Integer, nullable=False, comment="before it is due a case is warned of"),
        Column(
            "whistle_minutes",
            Integer,
            nullable=False,
            comment="in which whoever is called arrives, if the whistler does not say",
        ),
        CheckConstraint("id = 1", name="one_row"),
    )
    Table(
        "stage_limit",
        metadata,
        words("stage", primary_key=True),
        Column("minutes", Integer, nullable=False),
        comment="where not the usual one",
    )
