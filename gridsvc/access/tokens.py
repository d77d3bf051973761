"""API tokens: shown once, for some of their account's rights, for a time."""

import secrets
from collections.abc import Sequence

from gridsvc.errors import InputError, NotFoundError, one_of
from gridsvc.store import audit, credentials
from gridsvc.store.callers import Caller
from gridsvc.store.connection import Connection

PREFIX = "gsv_"
"""So that a token is known for one wherever it turns up."""
LONGEST_DAYS, MOST = 366, 20
LONGEST_TITLE = 60


def add_token(conn: Connection, caller: Caller, title: str, scopes: Sequence[str], days: int) -> str:
    """The token. `scopes` are rights that the account has."""
    assert caller.account_id is not None
    if not 1 <= len(title.strip()) <= LONGEST_TITLE or not title.isprintable():
        raise InputError(f"a token's name has 1 to {LONGEST_TITLE} characters")
    if not 1 <= days <= LONGEST_DAYS:
        raise InputError(f"a token counts for 1 to {LONGEST_DAYS} days, not {days}")
    for scope in scopes:
        if scope not in caller.rights:
            raise one_of("right", scope, caller.rights)
    if not scopes:
        raise InputError("a token needs at least one right")
    if sum(known["counts"] for known in credentials.api_tokens(conn, caller.account_id)) >= MOST:
        raise InputError(f"an account has at most {MOST} tokens: revoke one first")
    token = PREFIX + secrets.token_urlsafe(32)
    token_id = credentials.add_api_token(conn, caller.account_id, title.strip(), token.encode(), scopes, days)
    after = {"title": title.strip(), "scopes": list(scopes), "days": days}
    audit.record(conn, "token.add", f"token {token_id}", after=after)
    return token


def revoke_token(conn: Connection, account_id: int, token_id: int) -> None:
    title = credentials.revoke_api_token(conn, account_id, token_id)
    if title is None:
        raise NotFoundError(f"there is no token {token_id} that counts")
    audit.record(conn, "token.revoke", f"token {token_id}", before={"title": title})
