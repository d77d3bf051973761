"""Passwords: argon2id, so many at a time as there are cores, since each takes tens of megabytes."""

import os
import secrets
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher()  # RFC 9106, low-memory profile: 64 MiB, 3 passes
_turns = BoundedSemaphore(os.cpu_count() or 1)


def hashed(password: str) -> str:
    with _turns:
        return _hasher.hash(password)


def matches(password: str, password_hash: str | None) -> bool:
    """Takes the same time where there is no hash to compare with."""
    with _turns:
        try:
            _hasher.verify(password_hash or _nobodys(), password)
        except (VerificationError, InvalidHashError):
            return False
    return password_hash is not None


def outdated(password_hash: str) -> bool:
    """Whether it was made with weaker parameters than those of today."""
    return _hasher.check_needs_rehash(password_hash)


def warm_up() -> None:
    """Before the first attempt, or an unknown name would take twice as long as a known one."""
    _nobodys()


def made_up() -> str:
    """A password to be told to somebody: 100 bits in groups that can be read aloud."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(5)) for _ in range(4))


@cache
def _nobodys() -> str:
    return _hasher.hash(secrets.token_urlsafe(16))
