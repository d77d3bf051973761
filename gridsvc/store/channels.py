"""Channels that reports come by, and their own words for problems."""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass

from gridsvc.domain.reports import check_position
from gridsvc.errors import one_of
from gridsvc.store.connection import Connection
from gridsvc.store.rows import execute_many, objects, value


@dataclass(frozen=True, kw_only=True)
class Channel:
    channel: str
    name_zh: str
    name_en: str
    confirmed: bool
    """Its reports arrive confirmed, so they are registered at once."""
    open_to_public: bool = False
    """Whoever has no account may report by it."""
    folds: bool = False
    accuracy_m: float | None = None
    """Metres by which its places may be wrong, where a report does not say: those of geocoded addresses, for one."""

    def __post_init__(self) -> None:
        check_position(f"channel {self.channel}", None, None, self.accuracy_m)

    """What surely repeats an open report is linked to it at once."""


@dataclass(frozen=True, kw_only=True)
class Category:
    channel: str
    category: str
    kind: str
    subclass_code: str


def channels(conn: Connection) -> dict[str, Channel]:
    return {row.channel: row for row in objects(conn, Channel, "channels")}


def check_channel(conn: Connection, channel: str) -> None:
    known = sorted(channels(conn))
    if channel not in known:
        raise one_of("channel", channel, known)


def declare_channels(conn: Connection, rows: Iterable[Channel]) -> None:
    execute_many(conn, "declare_channel", map(dataclasses.asdict, rows))


def categories(conn: Connection) -> dict[tuple[str, str], Category]:
    return {(row.channel, row.category): row for row in objects(conn, Category, "categories")}


def declare_categories(conn: Connection, rows: Iterable[dict[str, str]]) -> None:
    execute_many(conn, "declare_category", rows)


def channel_open(conn: Connection, channel: str) -> bool:
    """Whether there is such a channel and the public may report by it."""
    return bool(value(conn, "channel_open", channel=channel))
