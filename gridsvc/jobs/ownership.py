"""Owners that were found (确权) go into the inventory, each as an edit by hand that tells who said so and when."""

from collections.abc import Sequence
from dataclasses import dataclass

from gridsvc.casework.ownership import Found
from gridsvc.errors import ConflictError, NotFoundError
from gridsvc.ingest import by_hand
from gridsvc.ingest.by_hand import Changes
from gridsvc.store import audit, component_edits
from gridsvc.store.city import City
from gridsvc.store.connection import Connection

REASON = "确权 / ownership confirmed"


@dataclass(frozen=True, kw_only=True)
class Confirmed:
    confirmed: int
    unchanged: int
    """Had that owner already."""


def confirm_owners(conn: Connection, city: City, found: Sequence[Found], reason: str = "") -> Confirmed:
    """All of them or none; an error names the component. Needs the system's rights."""
    saved = 0
    with conn.transaction():
        for one in found:
            known = component_edits.find(conn, one.component_code)
            if known is None:
                raise NotFoundError(
                    f"component {one.component_code} does not exist", zh=f"没有编码为 {one.component_code} 的部件"
                )
            changes = Changes(fields={"owner": one.owner})
            done = by_hand.correct(
                conn, city, one.component_code, known.version, changes, accept_warnings=True,
                reason=f"{REASON}: {reason}" if reason else REASON,
            )  # fmt: skip
            saved += done.saved
        audit.record(conn, "component.owner", f"{saved} components", after={"changed": saved})
    return Confirmed(confirmed=saved, unchanged=len(found) - saved)


def confirm_owner(conn: Connection, city: City, found: Found, version: int, reason: str = "") -> Confirmed:
    """One, if it is still in the version that somebody looked at."""
    known = component_edits.find(conn, found.component_code)
    if known is not None and known.version != version:
        code, now = found.component_code, known.version
        raise ConflictError(
            f"component {code} was changed meanwhile (version {now}, you looked at {version}); open it again",
            zh=f"部件 {code} 已被修改（现为第 {now} 版，您看到的是第 {version} 版），请重新打开",
        )
    return confirm_owners(conn, city, [found], reason)
