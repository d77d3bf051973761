"""Departments: a tree."""

from dataclasses import dataclass
from datetime import date

from gridsvc.errors import InputError

LEVELS = ("city", "district", "subdistrict", "unit")


@dataclass(frozen=True, kw_only=True)
class Department:
    code: str
    name_zh: str
    name_en: str
    parent: str | None
    level: str
    on_platform: bool
    """Takes orders in the system; one that does not can own or maintain, but not lead."""
    retired_on: date | None = None
    """The first day without it."""

    def is_retired(self, day: date) -> bool:
        return self.retired_on is not None and self.retired_on <= day

    def __post_init__(self) -> None:
        if self.level not in LEVELS:
            raise InputError(f"department {self.code}: level {self.level!r} is not one of {', '.join(LEVELS)}")


def check_tree(departments: list[Department]) -> None:
    """Every parent exists and nobody is above themselves."""
    parents = {department.code: department.parent for department in departments}
    for code, parent in parents.items():
        if not code:
            raise InputError("a department has no code")
        if parent is not None and parent not in parents:
            raise InputError(f"department {code}: its parent {parent} does not exist")
        seen = {code}
        while parent is not None:
            if parent in seen:
                raise InputError(f"department {code}: stands above itself by way of {parent}")
            seen.add(parent)
            parent = parents[parent]
