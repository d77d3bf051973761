"""The tree of departments as it is changed, and what names a department."""

from dataclasses import dataclass
from datetime import date

from gridsvc.store.connection import Connection
from gridsvc.store.rows import execute, value


@dataclass(frozen=True, kw_only=True)
class NamedBy:
    """What would be left with a department that retires."""

    open_cases: int
    """That it leads."""
    components: int
    """Live ones that it owns, maintains or answers for in law."""
    accounts: int


def lock_departments(conn: Connection) -> None:
    """Nobody else changes the tree until the transaction ends."""
    execute(conn, "lock_departments")


def set_retired(conn: Connection, code: str, retired_on: date | None) -> None:
    execute(conn, "set_retired", code=code, retired_on=retired_on)


def named_by(conn: Connection, code: str) -> NamedBy:
    """Needs the system's rights."""
    return NamedBy(
        open_cases=int(value(conn, "open_cases_led", code=code)),
        components=int(value(conn, "components_answered_for", code=code)),
        accounts=int(value(conn, "accounts_of_department", code=code)),
    )
