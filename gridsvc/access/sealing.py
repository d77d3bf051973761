"""Sealing the record of who did what, and proving that it is whole."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

from gridsvc.access.retention import AUDIT, LEAST_DAYS
from gridsvc.domain.audit import START, Head, seal
from gridsvc.errors import SetupError
from gridsvc.store import audit
from gridsvc.store.connection import Connection

LOT = 1_000
HEAD_FILE = "audit-head.json"
"""In the data folder: the newest seal, where nobody who has only the database can change it."""


def seal_waiting(conn: Connection) -> Head | None:
    """Chain the rows that wait, in the caller's transaction; None if there are none or another process seals."""
    if not audit.lock_sealing(conn):
        return None
    rows = audit.unsealed(conn, LOT)
    if not rows:
        return None
    head = audit.head(conn)
    seals = []
    for row in rows:
        head = Head(position=head.position + 1, hash=seal(head.hash, row))
        seals.append((head.position, row.id, head.hash))
    audit.add_seals(conn, seals)
    return head


def grows_from(conn: Connection, kept: Head | None) -> bool:
    """Whether the chain still holds the head that was kept: one that was cut or forged does not replace it."""
    return kept is None or audit.hash_at(conn, kept.position) == kept.hash


def keep_head(head: Head, folder: Path) -> None:
    """Whole or not at all; never an older one in place of a newer."""
    known = kept_head(folder)
    if known is not None and known.position >= head.position:
        return
    file, fresh = folder / HEAD_FILE, folder / f".{HEAD_FILE}.new"
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        json.dump({"position": head.position, "hash": head.hash.hex()}, stream)
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(file)


def kept_head(folder: Path) -> Head | None:
    file = folder / HEAD_FILE
    try:
        given = json.loads(file.read_text())
        return Head(position=given["position"], hash=bytes.fromhex(given["hash"]))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise SetupError(f"{file} is damaged: {error}") from error


def faults(conn: Connection, outside: Head | None) -> Iterator[str]:
    """What is wrong with the record, in the order of the chain; needs an open transaction."""
    before, position, met = START, 0, outside is None
    for link in audit.chain(conn):
        position += 1
        if link.position != position:
            yield f"seals {position} to {link.position - 1} are missing"
            position = link.position
        if link.row is None:
            yield f"row {link.audit_id}, sealed as {position}, was deleted"
        elif seal(before, link.row) != link.hash:
            yield f"row {link.audit_id}, sealed as {position}, or the seal before it was changed"
        if outside is not None and link.position == outside.position:
            met = True
            if link.hash != outside.hash:
                yield f"seal {position} is not the one that was written outside of the database"
        before = link.hash
    if not met and outside is not None:
        yield f"the chain ends at {position}, but seal {outside.position} was written outside of the database"
    yield from (f"row {row} was never sealed" for row in audit.never_sealed(conn))
    yield from (f"the payload of row {row} was changed" for row in audit.false_payloads(conn))
    yield from (
        f"the payload of row {row} was deleted, and not by retention"
        for row in audit.missing_payloads(conn, LEAST_DAYS[AUDIT])
    )
