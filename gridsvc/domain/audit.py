"""The chain over the record of who did what: each seal's hash covers the row and the hash before."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime

START = bytes(32)
"""The hash before the first seal."""


@dataclass(frozen=True, kw_only=True)
class AuditRow:
    id: int
    at: datetime
    account_id: int | None
    action: str
    thing: str
    source: str
    request_id: str
    payload_hash: bytes


@dataclass(frozen=True, kw_only=True)
class Head:
    """The newest seal: how many there are, and the hash of the last."""

    position: int
    hash: bytes


def seal(before: bytes, row: AuditRow) -> bytes:
    """SHA-256 of the hash before and of every field of the row."""
    fields = [row.id, row.at.astimezone(UTC).isoformat(timespec="microseconds"), row.account_id, row.action, row.thing,
              row.source, row.request_id, row.payload_hash.hex()]  # fmt: skip
    return hashlib.sha256(before + json.dumps(fields, ensure_ascii=False).encode()).digest()
