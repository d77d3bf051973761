"""One area looked at: its figures, its people and who is missing, what it was, and what it came from."""

from typing import Any

from gridsvc.areas.roster_looking import check_rosters, looked, roster_page
from gridsvc.errors import NotFoundError
from gridsvc.store import area_figures
from gridsvc.store.areas import AsOf
from gridsvc.store.connection import Connection

MOST_PEOPLE = 500


def one_area(conn: Connection, kind: str, code: str, when: AsOf) -> dict[str, Any]:
    """At a time, or as a revision left it; its past and its line even if it is not there then."""
    past = area_figures.area_past(conn, kind, code)
    if not past:
        raise NotFoundError(f"there never was a {kind} {code}", zh=f"没有 {kind} {code}，以往也没有")
    found = area_figures.area_of_code(conn, kind, code, when)
    line = area_figures.area_line(conn, kind, code)
    return {
        "kind": kind,
        "code": code,
        "area": None if found is None else area_figures.figures(conn, [found], when)[0],
        "past": past,
        "came_from": [{"code": one["code"], "revision": one["revision"]} for one in line if one["successor"] == code],
        "became": [{"code": one["successor"], "revision": one["revision"]} for one in line if one["code"] == code],
        **_roster(conn, kind, code, when),
    }


def _roster(conn: Connection, kind: str, code: str, when: AsOf) -> dict[str, Any]:
    """Who is on duty in it at that time (now, for a revision), and what its team lacks."""
    asked = looked(conn, kind, code, when.at)
    checked = check_rosters(conn, asked)
    incomplete = checked[0]["incomplete"] if checked else []
    gaps = incomplete[0] if incomplete else {"missing": [], "surplus": []}
    return {
        "roster": roster_page(conn, asked, limit=MOST_PEOPLE)["entries"],
        "team": checked[0]["template"] if checked else None,
        "missing": gaps["missing"],
        "surplus": gaps["surplus"],
    }
