"""Reading the record of who did what."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from gridsvc.store import audit
from gridsvc.store.audit import AuditFilter
from gridsvc.store.connection import Connection


def page(conn: Connection, chosen: AuditFilter, *, limit: int, offset: int) -> tuple[int, list[dict[str, Any]]]:
    """How many rows there are in all, and one page of them, newest first."""
    return audit.audit_page(conn, chosen, limit=limit, offset=offset)


def record_export(conn: Connection, chosen: AuditFilter) -> None:
    """That the record was taken out; to be committed before the first row is, so that it is among them."""
    after = {name: str(value) for name, value in asdict(chosen).items() if value is not None}
    audit.record(conn, "export.audit", "the audit", after=after)


def lines(conn: Connection, chosen: AuditFilter) -> Iterator[bytes]:
    """The record as CSV in UTF-8, oldest first."""
    return audit.audit_csv(conn, chosen)
