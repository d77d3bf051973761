"""API tokens: shown once, for some of their account's rights, for a time. None administers accounts."""

import secrets
from collections.abc import Sequence

from gridsvc.domain.access import Right
from gridsvc.errors import InputError, NotFoundError, one_of
from gridsvc.store import audit, credentials
from gridsvc.store.callers import Caller
from gridsvc.store.connection import Connection

PREFIX = "gsv_"
"""So that a token is known for one wherever it turns up."""
LONGEST_DAYS, MOST = 366, 20
LONGEST_TITLE = 60
NEEDED: dict[str, tuple[str, ...]] = {
    Right.EXPORT: (Right.SEE_DETAILS,),
    Right.SEE_SENSITIVE: (Right.SEE_DETAILS,),
    Right.WORK_CASES: (Right.SEE_REPORTS,),
    Right.DISPOSE: (Right.SEE_REPORTS,),
}
NOT_FOR_TOKENS = (Right.MANAGE_ACCOUNTS.value,)


def add_token(conn: Connection, caller: Caller, title: str, scopes: Sequence[str], days: int) -> str:
    """The token. `scopes` are rights that the account has."""
    assert caller.account_id is not None
    if not 1 <= len(title.strip()) <= LONGEST_TITLE or not title.isprintable():
        raise InputError(
            f"a token's name has 1 to {LONGEST_TITLE} characters", zh=f"令牌名称须为 1 至 {LONGEST_TITLE} 个字符"
        )
    if not 1 <= days <= LONGEST_DAYS:
        raise InputError(
            f"a token counts for 1 to {LONGEST_DAYS} days, not {days}",
            zh=f"令牌有效天数须为 1 至 {LONGEST_DAYS}，不能是 {days}",
        )
    for scope in scopes:
        if scope not in caller.rights or scope in NOT_FOR_TOKENS:
            raise one_of("right", scope, caller.rights, zh="权限")
    if not scopes:
        raise InputError("a token needs at least one right", zh="令牌至少须有一项权限")
    if sum(known["counts"] for known in credentials.api_tokens(conn, caller.account_id)) >= MOST:
        raise InputError(
            f"an account has at most {MOST} tokens: revoke one first", zh=f"一个账号最多 {MOST} 个令牌，请先吊销一个"
        )
    scopes = [right for right in caller.rights if right in _with_needed(scopes)]
    token = PREFIX + secrets.token_urlsafe(32)
    token_id = credentials.add_api_token(conn, caller.account_id, title.strip(), token.encode(), scopes, days)
    after = {"title": title.strip(), "scopes": list(scopes), "days": days}
    audit.record(conn, "token.add", f"token {token_id}", after=after)
    return token


def _with_needed(scopes: Sequence[str]) -> set[str]:
    """A right that shows nothing without another brings that one along."""
    return {*scopes, *(needed for scope in scopes for needed in NEEDED.get(scope, ()))}


def revoke_token(conn: Connection, account_id: int, token_id: int) -> None:
    title = credentials.revoke_api_token(conn, account_id, token_id)
    if title is None:
        raise NotFoundError(f"there is no token {token_id} that counts", zh=f"没有编号为 {token_id} 的有效令牌")
    audit.record(conn, "token.revoke", f"token {token_id}", before={"title": title})
