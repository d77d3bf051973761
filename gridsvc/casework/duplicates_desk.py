"""What a person says of two reports: that the one repeats the other, or that it does not."""

from uuid import UUID

from gridsvc.casework.life_reports import decide_anew, lock_seen, note_step
from gridsvc.casework.routing import Router
from gridsvc.errors import ConflictError, InputError, NotFoundError
from gridsvc.store import audit, casework, duplicates
from gridsvc.store.casework import LINKED
from gridsvc.store.city import City
from gridsvc.store.connection import Connection
from gridsvc.store.duplicates import REFUSED, Side


def link(conn: Connection, report_id: UUID, of: UUID, account: str | None, *, seen: int | None = None) -> None:
    """The report repeats the other: nobody need decide about it, and no case comes of it.

    `seen`: number of the report's last step that the caller saw; None: whatever happened since. Raises ConflictError
    where the one or the other is settled already, and says what to do instead.
    """
    with conn.transaction():
        duplicates.take_turns(conn)
        report, other = _sides(conn, report_id, of)
        if report.linked_to == of:
            return
        _check_free(report)
        _check_root(other)
        duplicates.link(conn, report_id, of, account)
        note_step(conn, report_id, "link", account, {"of": str(of)}, seen)
        audit.record(conn, "report.link", f"report {report_id}", after={"of": str(of)})


def refuse(
    conn: Connection, city: City, report_id: UUID, of: UUID, account: str | None, *, seen: int | None = None
) -> None:
    """The report does not repeat the other. If it was linked, it stands for itself again and is decided anew."""
    with conn.transaction():
        casework.keep_areas(conn)
        duplicates.take_turns(conn)
        report, _ = _sides(conn, report_id, of)
        said = LINKED if report.linked_to == of else duplicates.duplicate_state(conn, report_id, of)
        if said is None:
            raise NotFoundError(
                f"nobody proposed that report {report_id} repeats {of}", zh=f"没有上报 {report_id} 重复 {of} 的建议"
            )
        if said == REFUSED:
            return
        lock_seen(conn, report_id, seen)
        duplicates.refuse(conn, report_id, of, account)
        if report.linked_to == of:
            note_step(conn, report_id, "unlink", account, {"of": str(of)}, None)
            decide_anew(conn, Router(conn, city), report_id)
        audit.record(conn, "report.refuse", f"report {report_id}", before={"state": said}, after={"of": str(of)})


def _sides(conn: Connection, report_id: UUID, of: UUID) -> tuple[Side, Side]:
    if report_id == of:
        raise InputError("a report does not repeat itself: name another one", zh="上报不能与自身重复，请指定另一条")
    found = duplicates.both_sides(conn, report_id, of)
    for wanted in (report_id, of):
        if wanted not in found:
            raise NotFoundError(f"report {wanted} does not exist", zh=f"没有上报 {wanted}")
    return found[report_id], found[of]


def _check_free(report: Side) -> None:
    if report.linked_to is not None:
        raise ConflictError(
            f"report {report.id} is linked to {report.linked_to} already: refuse that first",
            zh=f"上报 {report.id} 已关联到 {report.linked_to}，请先取消该关联",
        )
    if report.case_id is not None:
        raise ConflictError(
            f"report {report.id} is case {report.case_id} already: merge the cases instead",
            zh=f"上报 {report.id} 已立案（案件 {report.case_id}），请合并案件",
        )
    _check_open(report)


def _check_root(other: Side) -> None:
    if other.linked_to is not None:
        raise ConflictError(
            f"report {other.id} itself repeats another report: link to that one",
            zh=f"上报 {other.id} 本身重复另一上报，请关联到后者",
        )
    _check_open(other)


def _check_open(side: Side) -> None:
    if not side.open:
        raise ConflictError(
            f"report {side.id} is settled ({'closed' if side.closed else side.state}): only open ones are linked",
            zh=f"上报 {side.id} 已办结或未立案，只能关联在办的上报",
        )
