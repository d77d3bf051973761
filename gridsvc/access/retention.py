"""Personal data are kept as long as they are needed, and no longer: rules by state and age, and the job that erases."""

from dataclasses import dataclass
from pathlib import Path

from gridsvc.errors import InputError, one_of
from gridsvc.store import audit, photos, retention, rosters
from gridsvc.store.connection import Connection
from gridsvc.store.uploads import forget

LOT = 5_000
AUDIT, ROSTER = "audit", "roster"
STATES = ("closed", "voided", "merged", "rejected", "self_disposed", "reported", "confirming", AUDIT, ROSTER)
"""Those in which nobody works on a report any more, or never began to; `audit` for payloads of the audit, `roster` for
who held a post, from its end on."""
FIRST_RULES = {
    "closed": 730, "voided": 180, "merged": 730, "rejected": 180, "reported": 1_095, "confirming": 1_095, AUDIT: 1_095,
    ROSTER: 1_095,
}  # fmt: skip
"""What a new city begins with; nothing is erased of a case that somebody still works on."""
LEAST_DAYS = {AUDIT: 180}
"""Logs are kept at least half a year by law (网络安全法, article 21)."""


@dataclass(frozen=True, kw_only=True)
class Erased:
    reports: int
    payloads: bool
    """Whether payloads of the audit went."""
    files: int
    rosters: int
    """Entries that no longer tell who it was."""


def set_rule(conn: Connection, state: str, after_days: int | None) -> None:
    """Keep personal data of a state so many days after it was closed, or reported; None: for good."""
    if state not in STATES:
        raise one_of("state", state, list(STATES))
    least = LEAST_DAYS.get(state, 1)
    if after_days is not None and not least <= after_days <= 36_500:
        raise InputError(f"{state}: {after_days} days are not between {least} and 36500")
    before = retention.rules(conn).get(state)
    retention.set_rule(conn, state, after_days)
    audit.record(conn, "retention.rule", state, before={"days": before}, after={"days": after_days})


def erase(conn: Connection, photo_folder: Path, uploads: Path) -> Erased:
    """Everything whose time has come; each lot is a transaction of its own unless the caller has one."""
    reports = 0
    while lot := anonymise_lot(conn):
        reports += lot
    return Erased(
        reports=reports, payloads=erase_payloads(conn), files=erase_files(conn, photo_folder, uploads),
        rosters=erase_rosters(conn),
    )  # fmt: skip


def anonymise_lot(conn: Connection) -> int:
    """How many reports lost what is personal; 0 when none is due any more."""
    with conn.transaction():
        due = retention.reports_due(conn, LOT)
        if due:
            retention.anonymise(conn, due)
            audit.record(
                conn, "report.anonymise", f"{len(due)} reports", after={"first": str(due[0]), "last": str(due[-1])}
            )
    return len(due)


def erase_payloads(conn: Connection) -> bool:
    """Whether payloads of the audit went; the database records it in the same breath."""
    return retention.erase_payloads(conn) is not None


def erase_rosters(conn: Connection) -> int:
    """How many entries of rosters, ended long ago, no longer tell who it was."""
    with conn.transaction():
        found = rosters.erase(conn)
        if found:
            audit.record(conn, "roster.erase", "rosters", after={"removed": found})
    return found


def erase_files(conn: Connection, photo_folder: Path, uploads: Path) -> int:
    """Pictures that no report names any more, and files of reports that all lost what is personal."""
    return photos.sweep(conn, photo_folder) + forget(uploads, retention.anonymised_files(conn))
