"""Statistics of reports as rows."""

from typing import Any

from gridsvc.errors import InputError, one_of
from gridsvc.maps.reports import Chosen, check_chosen
from gridsvc.store import areas, statistics
from gridsvc.store.city import City
from gridsvc.store.connection import Connection


def statistics_by(conn: Connection, city: City, chosen: Chosen, by: str, area_kind: str | None) -> dict[str, Any]:
    """Totals, and rows of reports, cases, closed and manual by area, department, subclass or day."""
    if by not in statistics.GROUPS:
        raise one_of("statistics by", by, list(statistics.GROUPS))
    known = [kind.kind for kind in areas.kinds_in_use(conn)]
    if by == "area" and area_kind not in known:
        raise one_of("area_kind", str(area_kind), known)
    if by != "area" and area_kind is not None:
        raise InputError(f"area_kind goes with by=area, not with by={by}")
    if by != "area" and not chosen.when.is_now:
        raise InputError(f"at and revision go with by=area, not with by={by}")
    check_chosen(conn, chosen)
    found = chosen.reports(city)
    return {
        "by": by,
        "area_kind": area_kind,
        **statistics.report_totals(conn, found),
        "rows": statistics.statistics(conn, found, by, area_kind, chosen.when),
    }
