"""Whistles (吹哨报到): departments are asked to come to a place at once; they answer, arrive, say what they did."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from gridsvc.casework.whistle_blowing import projected, tell_case
from gridsvc.domain.access import Right
from gridsvc.errors import ForbiddenError, InputError, NotFoundError
from gridsvc.store import audit, cases, whistles
from gridsvc.store.callers import Caller, acting
from gridsvc.store.city import City
from gridsvc.store.connection import Connection
from gridsvc.store.whistles import Standing, Step, WhistleFilter

Shown = dict[str, Any]


def answer(conn: Connection, caller: Caller, whistle_id: UUID, department: str, note: str | None = None) -> None:
    """A department says that it comes."""

    def do(standing: Standing, at: datetime) -> Step:
        if standing.calls[department]["answered"]:
            raise InputError(f"{department} has answered already", zh=f"{department} 已应答")
        whistles.answer(conn, whistle_id, department, at)
        return Step(move="answer", at=at, actor=caller.name or "", department=department, note=note)

    _called(conn, caller, whistle_id, department, do)


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """Where and when somebody arrived: degrees, WGS 84; `at` None: now."""

    lon: float
    lat: float
    at: datetime | None = None
    note: str | None = None


def arrive(conn: Connection, city: City, caller: Caller, whistle_id: UUID, department: str, there: Arrival) -> None:
    """Somebody of a department is there. Raises InputError for a time before the whistle or yet to come."""
    xy = projected(city, "the arrival", there.lon, there.lat)

    def do(standing: Standing, now: datetime) -> Step:
        at = _arrived_at(standing, there.at or now, now)
        if standing.calls[department]["arrived"]:
            raise InputError(f"{department} has arrived already", zh=f"{department} 已报到")
        distance = whistles.arrive(conn, whistle_id, department, at, xy, city.srid)
        details = {"at": at.isoformat(), "distance_m": round(distance, 1)}
        return Step(
            move="arrive", at=now, actor=caller.name or "", department=department, note=there.note, details=details
        )

    _called(conn, caller, whistle_id, department, do)


def _arrived_at(standing: Standing, at: datetime, now: datetime) -> datetime:
    if at < standing.at:
        raise InputError(
            f"nobody arrives at {at.isoformat()}, before the whistle of {standing.at.isoformat()}",
            zh="报到时间早于吹哨时间",
        )
    if at > now + timedelta(minutes=1):
        raise InputError(f"the arrival at {at.isoformat()} is yet to come", zh="报到时间尚未到来")
    return at


def report(conn: Connection, caller: Caller, whistle_id: UUID, department: str, outcome: str) -> None:
    """A department says what it did there."""

    def do(standing: Standing, at: datetime) -> Step:
        if not standing.calls[department]["arrived"]:
            raise InputError(f"{department} has not arrived yet", zh=f"{department} 尚未报到")
        whistles.report(conn, whistle_id, department, outcome)
        return Step(move="report", at=at, actor=caller.name or "", department=department, note=outcome)

    _called(conn, caller, whistle_id, department, do)


def _called(
    conn: Connection, caller: Caller, whistle_id: UUID, department: str, do: Callable[[Standing, datetime], Step]
) -> None:
    """What a department that was called does, by one of its people or of those above."""
    with conn.transaction():
        access = _access(conn, whistle_id)
        caller.check(Right.DISPOSE)
        if department not in access.departments:
            raise ForbiddenError(
                f"account {caller.name} does not act for department {department}",
                zh=f"账号 {caller.name} 不能代表部门 {department}",
            )
        with acting(conn, Right.DISPOSE):
            standing = _open(conn, whistle_id)
            if department not in standing.calls:
                raise InputError(
                    f"whistle {whistle_id} does not call {department}, but {', '.join(standing.calls)}",
                    zh=f"此次吹哨未呼叫 {department}",
                )
            _write(conn, whistle_id, do(standing, datetime.now(UTC)))


def _access(conn: Connection, whistle_id: UUID) -> cases.Access:
    found = whistles.whistle_access(conn, whistle_id)
    if found is None:
        raise NotFoundError(f"whistle {whistle_id} does not exist", zh="没有这次吹哨")
    return found


def _open(conn: Connection, whistle_id: UUID) -> Standing:
    standing = whistles.lock_whistle(conn, whistle_id)
    if standing.closed_at is not None:
        raise InputError(
            f"whistle {whistle_id} was closed at {standing.closed_at.isoformat()}", zh="此次吹哨已结束，不能再操作"
        )
    return standing


def _write(conn: Connection, whistle_id: UUID, step: Step) -> None:
    whistles.add_step(conn, whistle_id, step)
    audit.record(
        conn, f"whistle.{step.move}", f"whistle {whistle_id}", after={"department": step.department, **step.details}
    )  # fmt: skip


def close(conn: Connection, city: City, caller: Caller, whistle_id: UUID, outcome: str) -> None:
    """With its outcome when all have arrived; before, only by the whistler, whose outcome is the reason."""
    with conn.transaction():
        access = _access(conn, whistle_id)
        caller.check(Right.WORK_CASES)
        with acting(conn, Right.WORK_CASES):
            standing = _open(conn, whistle_id)
            _check_may_close(caller, standing, by_area=access.by_area)
            now = datetime.now(UTC)
            whistles.close(conn, whistle_id, now, outcome)
            _write(conn, whistle_id, Step(move="close", at=now, actor=caller.name or "", note=outcome))
            tell_case(conn, city, caller, standing.case_id, f"吹哨结束 / whistle closed: {outcome}")


def _check_may_close(caller: Caller, standing: Standing, *, by_area: bool) -> None:
    missing = [code for code, call in standing.calls.items() if not call["arrived"]]
    if caller.name == standing.whistler or (by_area and not missing):
        return
    if missing:
        raise ForbiddenError(
            f"not arrived yet: {', '.join(missing)}; until then only {standing.whistler}, who whistled, closes it",
            zh=f"{'、'.join(missing)} 尚未报到，此前只有吹哨人 {standing.whistler} 可以结束",
        )
    raise ForbiddenError("the place lies outside of the caller's areas of duty", zh="该位置不在您的责任区域内")


def show(conn: Connection, whistle_id: UUID) -> Shown:
    found = whistles.whistle_by_id(conn, whistle_id)
    if found is None:
        raise NotFoundError(f"whistle {whistle_id} does not exist", zh="没有这次吹哨")
    return found


def list_whistles(conn: Connection, chosen: WhistleFilter, *, limit: int, offset: int) -> Shown:
    total, found = whistles.whistles_page(conn, chosen, limit=limit, offset=offset)
    return {"total": total, "whistles": found}
