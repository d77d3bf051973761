"""Areas with what they hold, for people who look at them: as far as the caller sees components, cases and rosters."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from gridsvc.store.areas import NOW, AsOf
from gridsvc.store.connection import Connection
from gridsvc.store.rows import dicts, tuples, value

Sort = Literal["code", "name_zh", "name_en", "area_m2", "components", "open_cases", "people"]


@dataclass(frozen=True, kw_only=True)
class Search:
    """Areas of a kind at a time, by code or name, in an order."""

    kind: str
    when: AsOf = NOW
    words: str = ""
    sort: Sort = "code"
    descending: bool = False


def areas_of_kinds(conn: Connection, when: AsOf = NOW) -> dict[str, int]:
    """Kind to how many areas; kinds without any are left out."""
    return dict(tuples(conn, "areas_of_kinds", **when.values()))


def figures_page(conn: Connection, search: Search, *, limit: int, offset: int) -> list[dict[str, Any]]:
    """Figures are None for areas that are not those of today: what they hold is counted for today only."""
    given = {"kind": search.kind, "words": search.words, "sort": search.sort, "descending": search.descending}
    found = tuples(conn, "areas_found", **given, limit=limit, offset=offset, **search.when.values())
    return figures(conn, [area_id for area_id, _ in found], search.when)


def found_count(conn: Connection, search: Search) -> int:
    """How many areas a search finds, whatever its order."""
    given = {"kind": search.kind, "words": search.words, "sort": "code", "descending": False}
    rows = tuples(conn, "areas_found", **given, limit=1, offset=0, **search.when.values())
    return int(rows[0][1]) if rows else 0


def figures(conn: Connection, ids: Sequence[int], when: AsOf = NOW) -> list[dict[str, Any]]:
    """In this order. `box`: west, south, east, north in degrees."""
    return dicts(conn, "area_figures", ids=list(ids), **when.values())


def area_of_code(conn: Connection, kind: str, code: str, when: AsOf = NOW) -> int | None:
    """Its id; None if there is none at that time."""
    return value(conn, "area_of_code", kind=kind, code=code, **when.values())  # type: ignore[no-any-return]


def area_past(conn: Connection, kind: str, code: str) -> list[dict[str, Any]]:
    """Newest first; the deeds are those of the drafts that made and ended it."""
    return dicts(conn, "area_past", kind=kind, code=code)


def area_line(conn: Connection, kind: str, code: str) -> list[dict[str, Any]]:
    """Pairs `code` → `successor`, newest first, of which one is the area."""
    return dicts(conn, "area_line", kind=kind, code=code)
