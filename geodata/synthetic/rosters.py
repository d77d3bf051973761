"""People of the grids: invented names and numbers that cannot be dialled."""

from collections.abc import Iterator

import numpy as np

from synthetic.areas import Areas
from synthetic.departments import Department, bureau, office, platform

SERVICES = ("城管", "市政", "环卫", "园林", "水务", "供电", "燃气", "物业")
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂文辉力欣雨晨浩宇佳"
HEADER = ("area_kind", "area_code", "post", "person", "phone", "department", "service")
BUREAU_OF_SERVICE = dict(zip(SERVICES, ("ZF", "SZ", "HW", "YL", "SL", "ZJ", "ZJ", "ZF"), strict=True))

Row = tuple[str, str, str, str, str, str, str]


def make_rosters(areas: Areas, departments: dict[str, Department], rng: np.random.Generator) -> list[Row]:
    """Head and eight members per responsibility grid; one person per sub-, community and patrol grid."""
    return [
        (kind, code, post, _person(rng), f"000-0000-{number:06d}", department, service)
        for number, (kind, code, post, department, service) in enumerate(_posts(areas, departments), start=1)
    ]


def _person(rng: np.random.Generator) -> str:
    first, second, third = rng.integers(0, (len(SURNAMES), len(GIVEN), len(GIVEN))).tolist()
    return SURNAMES[first] + GIVEN[second] + GIVEN[third]


def _posts(areas: Areas, departments: dict[str, Department]) -> Iterator[tuple[str, str, str, str, str]]:
    for area in areas.by_kind["responsibility_grid"]:
        yield "responsibility_grid", area.code, "head", office(area.parent, departments), ""
        for service in SERVICES:
            department = bureau(area.code[:6], BUREAU_OF_SERVICE[service])
            yield "responsibility_grid", area.code, "member", department, service
    for area in areas.by_kind["sub_grid"]:
        yield "sub_grid", area.code, "head", office(area.code[:9], departments), ""
    for area in areas.by_kind["community_grid"]:
        yield "community_grid", area.code, "member", office(area.code[:9], departments), ""
    for area in areas.by_kind["patrol_grid"]:
        yield "patrol_grid", area.code, "inspector", platform(area.code[:6]), ""
