"""The words of channels: what they mean, and the reports that wait because nobody has said so yet."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from gridsvc.domain.reports import EARLIEST, Report
from gridsvc.store.connection import Connection
from gridsvc.store.rows import dicts, execute, execute_many, objects

Place = tuple[float, float]
"""x, y in the city's CRS."""
NOBODY = UUID(int=0)


@dataclass(frozen=True, kw_only=True)
class Word:
    """A category of a channel; no kind and subclass: nobody has said yet what it means."""

    channel: str
    category: str
    name_zh: str
    name_en: str
    kind: str | None = None
    subclass_code: str | None = None
    parent_category: str | None = None


@dataclass(frozen=True, kw_only=True)
class Unmapped:
    channel: str
    category: str
    reports: int
    newest: datetime


def taxonomy(conn: Connection, channel: str | None = None) -> list[Word]:
    return objects(conn, Word, "taxonomy", channel=channel)


def put_words(conn: Connection, words: Iterable[Word]) -> None:
    execute_many(conn, "put_category", map(asdict, words))


def unmapped_words(conn: Connection, channel: str | None) -> list[Unmapped]:
    return objects(conn, Unmapped, "unmapped_words", channel=channel)


def unknown_subjects(conn: Connection, channel: str | None) -> list[dict[str, Any]]:
    return dicts(conn, "unknown_subjects", channel=channel)


def reports_waiting(
    conn: Connection, channel: str, category: str | None, after: Report | None, limit: int
) -> list[Report]:
    """The next ones after a report, without their reporters' words and places."""
    given = {"after_at": after.reported_at if after else EARLIEST, "after_id": after.id if after else NOBODY}
    rows = dicts(conn, "reports_waiting", channel=channel, category=category, limit=limit, **given)
    return [Report(**row) for row in rows]


def set_subjects(conn: Connection, reports: Sequence[Report]) -> None:
    """Kind and subclass of reports, as they say it now."""
    execute(
        conn, "set_subjects", ids=[report.id for report in reports], kinds=[report.kind for report in reports],
        subclass_codes=[report.subclass_code for report in reports],
    )  # fmt: skip
