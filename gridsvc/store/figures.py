"""Figures of performance, counted in the database of what the caller sees."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from gridsvc.domain.figures import EXCLUDED, FINISHED, WRONG, Period
from gridsvc.store.connection import Connection
from gridsvc.store.rows import objects


@dataclass(frozen=True, kw_only=True)
class Cut:
    """By what figures are told apart, and of which cases; `area_kind` goes with the group area and with `area_code`."""

    by: str = "all"
    area_kind: str | None = None
    area_code: str | None = None
    kind: str | None = None
    subclass_code: str | None = None
    lane: str | None = None
    department: str | None = None


@dataclass(frozen=True, kw_only=True)
class Counted:
    """One figure of a group in a period, numbered from 1; `key` None: of none, such as no department yet.

    `minutes`: median and 90th percentile, of figures that are a length of time.
    """

    key: str | None
    name_zh: str | None
    name_en: str | None
    number: int
    figure: str
    due: int
    good: int
    minutes: list[float | None]


def figures(conn: Connection, cut: Cut, periods: Sequence[Period]) -> list[Counted]:
    """By group, then period; what has no case, dispatch or report at all is left out. Periods follow one another."""
    given = {
        **dataclasses.asdict(cut),
        "begins": [one.begin for one in periods],
        "untils": [one.until for one in periods],
    }
    states = {"finished": list(FINISHED), "excluded": list(EXCLUDED), "wrong": list(WRONG)}
    found = objects(conn, Counted, "figures", **given, **states) + objects(conn, Counted, "whistle_figures", **given)
    return sorted(found, key=lambda one: (one.key is None, one.key or "", one.number))
