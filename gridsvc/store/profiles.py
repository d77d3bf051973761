"""Saved mappings of imports."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from gridsvc.store.connection import Connection
from gridsvc.store.rows import execute, objects, value


@dataclass(frozen=True, kw_only=True)
class Profile:
    """`definition` is that of a layer; `signature` and `columns` tell the shape of the file that it was made for."""

    id: int
    name: str
    target: str
    signature: str
    columns: list[str]
    definition: dict[str, Any]
    made_by: int | None
    """Account; None: the command line."""
    made_at: datetime


def save(
    conn: Connection,
    *,
    name: str,
    target: str,
    signature: str,
    columns: Sequence[str],
    definition: dict[str, Any],
    made_by: int | None,
) -> int:
    """The id; what had the name before is overwritten."""
    given = {"signature": signature, "columns": list(columns), "definition": Jsonb(definition)}
    return int(value(conn, "save_profile", name=name, target=target, made_by=made_by, **given))


def profiles(conn: Connection) -> list[Profile]:
    return objects(conn, Profile, "profiles")


def profile(conn: Connection, name: str) -> Profile | None:
    found = objects(conn, Profile, "profile", name=name)
    return found[0] if found else None


def profiles_of_signature(conn: Connection, signature: str) -> list[Profile]:
    """The newest first."""
    return objects(conn, Profile, "profiles_of_signature", signature=signature)


def delete(conn: Connection, name: str) -> bool:
    """Whether there was one."""
    return execute(conn, "delete_profile", name=name) == 1
