"""Erasing what is personal when its time has come."""

from uuid import UUID

from gridsvc.store.connection import Connection
from gridsvc.store.rows import execute, execute_many, tuples, value, values


def rules(conn: Connection) -> dict[str, int]:
    """Days by state of a report or its case; `audit` for the payloads of the audit."""
    return dict(tuples(conn, "retention_rules"))


def set_rule(conn: Connection, state: str, after_days: int | None) -> None:
    """None: kept for good."""
    if after_days is None:
        execute(conn, "forget_retention_rule", state=state)
    else:
        execute(conn, "set_retention_rule", state=state, after_days=after_days)


def add_rules(conn: Connection, first: dict[str, int]) -> None:
    """For states that have none yet."""
    execute_many(conn, "add_retention_rule", [{"state": state, "after_days": days} for state, days in first.items()])


def reports_due(conn: Connection, limit: int) -> list[UUID]:
    """Reports whose time has come, locked until the transaction ends."""
    return values(conn, "reports_to_anonymise", limit=limit)


def reports_due_total(conn: Connection) -> int:
    return int(value(conn, "reports_due_total"))


def anonymise(conn: Connection, ids: list[UUID]) -> int:
    return execute(conn, "anonymise_reports", ids=ids)


def anonymised_files(conn: Connection) -> list[str]:
    """SHA-256 of files of reports whose every report was anonymised."""
    return values(conn, "anonymised_files")


def erase_payloads(conn: Connection) -> int | None:
    """The newest row of the audit whose payload is gone now; None if none is."""
    return value(conn, "erase_payloads")  # type: ignore[no-any-return]
