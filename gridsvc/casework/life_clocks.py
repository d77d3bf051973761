"""What time does to cases: warnings when they are nearly due, and due times that could not be told before."""

from datetime import UTC, datetime

from gridsvc.casework.life import ITSELF, make
from gridsvc.domain.case_life import moved
from gridsvc.domain.case_states import CASE_MOVES
from gridsvc.domain.cases import Asked, Tree, World
from gridsvc.store import audit, cases
from gridsvc.store.city import City, departments
from gridsvc.store.clocks import the_clocks
from gridsvc.store.connection import Connection

LOT = 500
TELLING = Asked(move="tell_due")
WARNING = Asked(move="warn", given={"note": "时限将至 / nearly due"})


def warn_those_due(conn: Connection, city: City) -> int:
    """Warn of cases that will be due soon, each once, in the caller's transaction; how many."""
    ids = cases.nearly_due(conn, CASE_MOVES.named("warn").sources, LOT)
    if not ids:
        return 0
    world = World(clocks=the_clocks(conn, city), tree=Tree(departments(conn)), at=datetime.now(UTC))
    for case in cases.lock_cases(conn, ids):
        make(conn, case, WARNING, ITSELF, world)
    audit.record(conn, "case.warn", f"{len(ids)} cases")
    return len(ids)


def tell_when_due(conn: Connection, city: City) -> tuple[int, int]:
    """Ask anew for the due times that could not be told: of how many it can be now, of how many not.

    After a year's calendar was loaded, or limits were.
    """
    with conn.transaction():
        world = World(clocks=the_clocks(conn, city), tree=Tree(()), at=datetime.now(UTC))
        found = cases.lock_cases(conn, cases.without_due(conn))
        told = [case for case in found if moved(case, TELLING, ITSELF, world).case.due_reason is None]
        for case in told:
            make(conn, case, TELLING, ITSELF, world)
        if found:
            audit.record(conn, "case.clocks", f"{len(found)} cases", after={"told": len(told)})
    return len(told), len(found) - len(told)
