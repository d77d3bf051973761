"""A whistle is blown: who is called, where, and until when they are to come."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np

from gridsvc.casework.life import make
from gridsvc.domain.access import Right
from gridsvc.domain.cases import Actor, Asked, Tree, World
from gridsvc.domain.clock import Limit, Unit, due_at
from gridsvc.domain.crs import project
from gridsvc.domain.moves import SYSTEM
from gridsvc.domain.reports import check_position
from gridsvc.errors import ConflictError, ForbiddenError, InputError, NotFoundError
from gridsvc.store import audit, cases, whistles
from gridsvc.store.callers import Caller, acting
from gridsvc.store.city import City, departments
from gridsvc.store.clocks import clocks, the_clocks
from gridsvc.store.connection import Connection
from gridsvc.store.locating import SqlLocator
from gridsvc.store.whistles import NewWhistle, Step

MOST_DEPARTMENTS = 20


@dataclass(frozen=True, kw_only=True)
class Blow:
    """At a place in degrees (WGS 84), or where a case lies. `minutes`: None: as long as the city says."""

    id: UUID
    departments: Sequence[str]
    reason: str
    lon: float | None = None
    lat: float | None = None
    case_id: int | None = None
    minutes: int | None = None


def blow(conn: Connection, city: City, caller: Caller, asked: Blow) -> bool:
    """Whether it is new: the same whistle sent again is one whistle.

    Raises InputError for departments that cannot be called, a place outside the city or none, ForbiddenError for a
    place where the caller does not work, ConflictError for an id that another whistle has.
    """
    caller.check(Right.WORK_CASES)
    with conn.transaction():
        now = datetime.now(UTC)
        _check_departments(conn, asked.departments, now.astimezone(ZoneInfo(city.time_zone)).date())
        x, y = _place(conn, city, asked)
        (found,) = SqlLocator(conn, city.srid).areas(np.array([x]), np.array([y]), [now])
        area_ids = sorted(area_id for area_id, _ in found.values())
        _check_place(conn, asked, area_ids)
        new = _new(conn, city, caller, asked, now, area_ids=area_ids, x=x, y=y)
        with acting(conn, Right.WORK_CASES):
            return _blow(conn, city, caller, new)


def _check_departments(conn: Connection, codes: Sequence[str], day: date) -> None:
    if not 1 <= len(codes) <= MOST_DEPARTMENTS:
        raise InputError(
            f"a whistle calls 1 to {MOST_DEPARTMENTS} departments, not {len(codes)}",
            zh=f"吹哨须指定 1 至 {MOST_DEPARTMENTS} 个部门",
        )
    if twice := [code for code, count in Counter(codes).items() if count > 1]:
        raise InputError(f"named twice: {', '.join(twice)}", zh=f"部门重复：{'、'.join(twice)}")
    tree = Tree(departments(conn))
    for code in codes:
        tree.check_takes_orders(code, day)


def _place(conn: Connection, city: City, asked: Blow) -> tuple[float, float]:
    """In the city's CRS."""
    if asked.lon is not None and asked.lat is not None:
        return projected(city, "the whistle", asked.lon, asked.lat)
    if asked.lon is not None or asked.lat is not None or asked.case_id is None:
        raise InputError("a whistle needs lon and lat, or a case_id", zh="吹哨须给出经纬度，或给出案件")
    found = whistles.place_of_case(conn, asked.case_id)
    if found is None:
        raise _no_case(asked.case_id)
    if not found["placed"]:
        raise InputError(
            f"case {asked.case_id} has no place; say lon and lat", zh=f"案件 {asked.case_id} 没有坐标，请给出经纬度"
        )
    return found["x"], found["y"]


def projected(city: City, what: str, lon: float, lat: float) -> tuple[float, float]:
    """Degrees (WGS 84) in the city's CRS. Raises InputError for what is no place, or too far away to be told."""
    check_position(what, lon, lat)
    x, y = project(city.srid, np.array([lon]), np.array([lat]))
    if not np.isfinite([x[0], y[0]]).all():
        raise InputError(f"{what}: longitude {lon}, latitude {lat} is outside the city", zh="该位置不在本市范围内")
    return float(x[0]), float(y[0])


def _no_case(case_id: int) -> NotFoundError:
    return NotFoundError(f"case {case_id} does not exist", zh=f"案件 {case_id} 不存在")


def _check_place(conn: Connection, asked: Blow, area_ids: Sequence[int]) -> None:
    if not area_ids:
        where = f"longitude {asked.lon}, latitude {asked.lat}" if asked.lon is not None else f"case {asked.case_id}"
        raise InputError(f"{where} lies outside the city: no area holds it", zh="该位置不在本市任何区域内")
    if asked.case_id is not None:
        case = whistles.place_of_case(conn, asked.case_id)
        if case is None:
            raise _no_case(asked.case_id)
        if not case["by_area"]:
            raise ForbiddenError(
                "the case lies outside of the caller's areas of duty", zh="该案件不在您的责任区域内，不能据此吹哨"
            )
        if asked.lon is None:
            return
    if not whistles.works_in(conn, area_ids):
        raise ForbiddenError(
            "the place lies outside of the caller's areas of duty", zh="该位置不在您的责任区域内，不能在此吹哨"
        )


def _new(
    conn: Connection, city: City, caller: Caller, asked: Blow, now: datetime, *, area_ids: list[int], x: float, y: float
) -> NewWhistle:
    calendar, rules = clocks(conn, city)
    limit = Limit(
        value=rules.whistle_minutes if asked.minutes is None else asked.minutes, unit=Unit.URGENT_MINUTES
    )  # fmt: skip
    if not asked.reason.strip():
        raise InputError("say why the departments are to come", zh="请填写吹哨事由")
    return NewWhistle(
        id=asked.id, case_id=asked.case_id, reason=asked.reason.strip(), whistler=caller.name or "", at=now,
        minutes=limit.value, due_at=due_at(now, limit, calendar), departments=list(asked.departments),
        area_ids=area_ids, x=x, y=y, srid=city.srid,
    )  # fmt: skip


def _blow(conn: Connection, city: City, caller: Caller, new: NewWhistle) -> bool:
    if not whistles.add_whistle(conn, new):
        known = whistles.as_blown(conn, new.id)
        if any(getattr(new, name) != kept for name, kept in known.items()):
            raise ConflictError(f"whistle {new.id} exists already and says something else", zh="该编号的吹哨已存在")
        return False
    details = {"departments": new.departments, "due_at": new.due_at.isoformat()}
    whistles.add_step(
        conn, new.id, Step(move="blow", at=new.at, actor=new.whistler, note=new.reason, details=details)
    )  # fmt: skip
    called = "、".join(new.departments)
    tell_case(
        conn, city, caller, new.case_id, f"吹哨 {called} / whistle for {', '.join(new.departments)}: {new.reason}"
    )
    audit.record(conn, "whistle.blow", f"whistle {new.id}", after={"case": new.case_id, **details})
    return True


def tell_case(conn: Connection, city: City, caller: Caller, case_id: int | None, note: str) -> None:
    """The case has a step that says so."""
    if case_id is None:
        return
    (case,) = cases.lock_cases(conn, [case_id])
    actor = Actor(
        name=caller.name or "", department=caller.department, roles=frozenset({SYSTEM}), by_area=True
    )  # fmt: skip
    world = World(clocks=the_clocks(conn, city), tree=Tree(()), at=datetime.now(UTC))
    make(conn, case, Asked(move="whistle", given={"note": note}), actor, world)
