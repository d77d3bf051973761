"""Codes for new areas: no code is given to other ground again, not even one whose area ended."""

from collections import defaultdict

from gridsvc.domain.areas import PARENT_SCHEMES, AreaKind
from gridsvc.errors import InputError
from gridsvc.store import areas
from gridsvc.store.connection import Connection

SERIAL_DIGITS = {"subdistrict": 3, "community": 3, "unit_grid": 3, "unit_grid_14": 2}
"""Of schemes whose codes are the parent's and a serial (GB/T 30428.1, CJ/T 213)."""


class Codes:
    """Hands out codes of a kind, each once."""

    def __init__(self, conn: Connection, kind: AreaKind) -> None:
        self._conn, self._kind = conn, kind
        self._given: dict[str, set[str]] = {}
        self._last: dict[str, int] = defaultdict(int)

    def fresh(self, parent: str) -> str:
        """A code in a parent that no area of the kind has or had."""
        used = self._used(parent)
        digits = SERIAL_DIGITS.get(self._kind.code_scheme)
        while True:
            self._last[parent] += 1
            serial = self._last[parent]
            if digits is not None and serial >= 10**digits:
                raise InputError(
                    f"{self._kind.kind}: no codes are left in {parent}, {10**digits - 1} were given out",
                    zh=f"{self._kind.kind}：{parent} 的流水号已用完（共 {10**digits - 1} 个）",
                )
            code = f"{parent}-{serial}" if digits is None else f"{parent}{serial:0{digits}d}"
            if code not in used:
                used.add(code)
                return code

    def _used(self, parent: str) -> set[str]:
        if parent not in self._given:
            self._given[parent] = areas.codes_ever(self._conn, self._kind.kind, parent)
            self._last[parent] = self._highest(parent)
        return self._given[parent]

    def _highest(self, parent: str) -> int:
        """New serials follow the highest one, so that they tell which areas are newer."""
        rests = [code.removeprefix(parent).removeprefix("-") for code in self._given[parent]]
        return max((int(rest) for rest in rests if rest.isdecimal()), default=0)


def check_parent_scheme(kind: AreaKind, parent: AreaKind | None) -> None:
    """Coded kinds need parents whose codes theirs begin with."""
    scheme = PARENT_SCHEMES.get(kind.code_scheme)
    if scheme is not None and (parent is None or parent.code_scheme != scheme[0]):
        raise InputError(
            f"codes of {kind.kind} begin with the code of a {scheme[0]}, but its parent is "
            f"{parent.kind if parent else 'none'}",
            zh=f"{kind.kind} 的编码须以 {scheme[0]} 编码开头，而其上级为 {parent.kind if parent else '（无）'}",
        )
