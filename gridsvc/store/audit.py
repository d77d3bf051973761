"""Who did what: writing it, sealing it, reading it."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from gridsvc.domain.audit import START, AuditRow, Head
from gridsvc.store.connection import Connection
from gridsvc.store.queries import sql
from gridsvc.store.rows import copy_in, csv_out, dicts, execute, objects, tuples, value, values


def record(conn: Connection, action: str, thing: str, *, before: Any = None, after: Any = None) -> None:
    """One row for a command, in its own transaction. `thing` names no person; `before` and `after` may."""
    given = {"before": Jsonb(before) if before else None, "after": Jsonb(after) if after else None}
    execute(conn, "audit_record", action=action, thing=thing, **given)


def lock_sealing(conn: Connection) -> bool:
    """Whether no other process seals now."""
    return bool(value(conn, "lock_sealing"))


def unsealed(conn: Connection, limit: int) -> list[AuditRow]:
    return objects(conn, AuditRow, "unsealed", limit=limit)


def head(conn: Connection) -> Head:
    rows = tuples(conn, "audit_head")
    return Head(position=rows[0][0], hash=rows[0][1]) if rows else Head(position=0, hash=START)


def hash_at(conn: Connection, position: int) -> bytes | None:
    """Of the seal at a position; None if there is none."""
    return value(conn, "audit_hash_at", position=position)  # type: ignore[no-any-return]


def add_seals(conn: Connection, seals: Sequence[tuple[int, int, bytes]]) -> None:
    """Seals are position, id of the row, hash."""
    copy_in(conn, "COPY audit_seal (position, audit_id, hash) FROM STDIN", seals)
    execute(conn, "mark_sealed", ids=[audit_id for _, audit_id, _ in seals])


@dataclass(frozen=True, kw_only=True)
class Sealed:
    """A link of the chain; `row` is None if what it seals is gone."""

    position: int
    hash: bytes
    audit_id: int
    row: AuditRow | None


@dataclass(frozen=True, kw_only=True)
class _Link:
    position: int
    hash: bytes
    audit_id: int
    id: int | None
    at: datetime | None
    account_id: int | None
    action: str | None
    thing: str | None
    source: str | None
    request_id: str | None
    payload_hash: bytes | None


def chain(conn: Connection) -> Iterator[Sealed]:
    """Every seal with the row that it stands for; needs an open transaction."""
    with conn.cursor(name="sealed", row_factory=class_row(_Link)) as cursor:
        cursor.itersize = 5_000
        for link in cursor.execute(sql("sealed")):
            fields = {
                name: field for name, field in asdict(link).items() if name not in ("position", "hash", "audit_id")
            }
            row = None if link.id is None else AuditRow(**fields)
            yield Sealed(position=link.position, hash=link.hash, audit_id=link.audit_id, row=row)


def never_sealed(conn: Connection) -> list[int]:
    return values(conn, "never_sealed")


def false_payloads(conn: Connection) -> list[int]:
    return values(conn, "false_payloads")


def missing_payloads(conn: Connection, least_days: int) -> list[int]:
    """Of rows that are younger than that, or newer than what was erased."""
    return values(conn, "missing_payloads", least_days=least_days)


@dataclass(frozen=True, kw_only=True)
class AuditFilter:
    """`account_id`: done by it or to it; `action` is how actions begin; `to_time` is exclusive."""

    account_id: int | None = None
    action: str | None = None
    from_time: datetime | None = None
    to_time: datetime | None = None


def audit_page(conn: Connection, chosen: AuditFilter, *, limit: int, offset: int) -> tuple[int, list[dict[str, Any]]]:
    """How many rows there are in all, and one page of them, newest first."""
    total = int(value(conn, "audit_total", **asdict(chosen)))
    return total, dicts(conn, "audit_page", limit=limit, offset=offset, **asdict(chosen))


def audit_csv(conn: Connection, chosen: AuditFilter) -> Iterator[bytes]:
    """All of them as CSV, oldest first."""
    return csv_out(conn, "audit_csv", **asdict(chosen))
