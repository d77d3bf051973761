"""The city's own days in, from a CSV file."""

from collections import Counter
from collections.abc import Collection
from datetime import date
from pathlib import Path

from gridsvc.domain.calendar import CalendarDay, read_hours
from gridsvc.errors import FileError, InputError
from gridsvc.ingest.tables import read_table
from gridsvc.store import audit, clocks
from gridsvc.store.connection import Connection

DAYS = {"holiday": False, "workday": True}
"""What a day may be."""
FIRST_YEAR, LAST_YEAR = 1970, 2199


def read_calendar(file: Path) -> list[CalendarDay]:
    """Columns day, type (holiday or workday), name_zh, name_en, and where it has its own: hours."""
    return read_table(file, _day, lambda one: one.day)


def load_calendar(conn: Connection, file: Path, whole_years: Collection[int] = ()) -> Counter[int]:
    """The days of a file, instead of those of the same years that were there; how many there are of each year.

    `whole_years`: the days of these years stand whole in the file; for years without official days.
    """
    days = read_calendar(file)
    found = Counter(one.day.year for one in days)
    for year in whole_years:
        if not any(one.day.year == year and not one.workday for one in days):
            raise FileError(
                file.name, f"the year {year} is called whole but has no holiday here",
                zh=f"{file.name}：声明 {year} 年完整，但文件中没有该年的节假日",
            )  # fmt: skip
    clocks.replace_days(conn, days, whole_years)
    after = {"file": file.name, "days": dict(found), "whole_years": list(whole_years)}
    audit.record(conn, "calendar.load", "the calendar", after=after)
    return found


def _day(row: dict[str, str]) -> CalendarDay:
    day = date.fromisoformat(row["day"])
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise InputError(f"the day {day} is not between {FIRST_YEAR} and {LAST_YEAR}")
    if row["type"] not in DAYS:
        raise InputError(f"the type {row['type']!r} of {day} is neither holiday nor workday")
    if not (row["name_zh"] and row["name_en"]):
        raise InputError(f"{day} has no name_zh or no name_en")
    hours = row.get("hours")
    return CalendarDay(
        day=day,
        workday=DAYS[row["type"]],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        hours=read_hours(hours) if hours else None,
    )
