"""Rows of a table of departments, as people write them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from gridsvc.domain.cells import (
    GivenRow,
    Problems,
    WrongCellError,
    by_words,
    day_of,
    filled,
    fit,
    no_such,
    spelled,
    word,
)
from gridsvc.domain.departments import LEVELS, Department

COLUMNS: dict[str, tuple[str, ...]] = {
    "code": ("部门编码", "编码", "部门代码", "代码", "department", "department code"),
    "name_zh": ("部门名称", "名称", "部门", "中文名称", "name", "chinese name"),
    "name_en": ("英文名称", "english name"),
    "parent": ("上级部门", "上级编码", "上级", "上级部门编码", "parent code"),
    "level": ("层级", "级别"),
    "on_platform": ("是否在平台", "平台用户", "接入平台", "on the platform"),
    "retired_on": ("撤销日期", "停用日期", "retired"),
}
"""Of each field what its column may be called, the usual Chinese and English name first."""
NEEDED = ("code", "name_zh", "level")
LEVEL_WORDS = {
    "city": ("市级", "市"), "district": ("区级", "区", "县级", "区县"),
    "subdistrict": ("街道", "街道级", "乡镇", "street"), "unit": ("单位", "企业", "权属养护单位", "company"),
}  # fmt: skip
LEVELS_BY_WORD = by_words((level, (level, *LEVEL_WORDS[level])) for level in LEVELS)
YES = by_words([("yes", ("yes", "true", "1", "是", "y")), ("no", ("no", "false", "0", "否", "n"))])
Cells = Mapping[str, str]


@dataclass(kw_only=True)
class DepartmentReader:
    known: Mapping[str, Department]
    rows: Sequence[GivenRow]
    """All of the file: a parent may come later in it."""
    problems: Problems = field(default_factory=Problems)
    _parents: dict[str, str] = field(default_factory=dict)
    _codes: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        named: list[tuple[str, tuple[str, ...]]] = [
            (one.code, (one.code, one.name_zh, one.name_en)) for one in self.known.values()
        ]
        given = [(row.cells.get("code", ""), row.cells.get("name_zh", "")) for row in self.rows]
        codes = {code for code, _ in given} | set(self.known)
        named += [(code, (code, name)) for code, name in given]
        self._parents = by_words(named) | {spelled(code): code for code in codes if code}
        self._codes = Counter(code for code, _ in given)

    def read(self, row: GivenRow) -> Department | None:
        """None if anything is wrong with it; a cell that is not there leaves what is known."""
        before, tried = len(self.problems.told), self.problems.tried
        code, name = tried(row, self._code), tried(row, lambda cells: filled("name_zh", "部门名称", cells))
        level, retired = tried(row, _level), tried(row, lambda cells: day_of("retired_on", "撤销日期", cells))
        old = self.known.get(code or "")
        parent = tried(row, lambda cells: self._parent(cells, old))
        platform = tried(row, lambda cells: _on_platform(cells, old))
        english = tried(row, lambda cells: fit("name_en", "英文名称", cells.get("name_en", "")))
        if len(self.problems.told) > before or code is None or name is None or level is None:
            return None
        return Department(
            code=code, name_zh=name, name_en=english or (old.name_en if old else name), parent=parent or None,
            level=level, on_platform=bool(platform), retired_on=_retired(row.cells, retired, old),
        )  # fmt: skip

    def _code(self, cells: Cells) -> str:
        code = filled("code", "部门编码", cells)
        if self._codes[code] > 1:
            raise WrongCellError(f"two rows have the code {code}", f"部门编码 {code} 重复")
        return code

    def _parent(self, cells: Cells, old: Department | None) -> str:
        if "parent" not in cells:
            return (old.parent if old else None) or ""
        given = cells["parent"]
        parent = word(self._parents, given) if given else ""
        if parent is None:
            raise WrongCellError(f"no department is called {given!r}", f"没有部门“{given}”")
        return parent


def _retired(cells: Cells, given: date | None, old: Department | None) -> date | None:
    return given if "retired_on" in cells or old is None else old.retired_on


def _level(cells: Cells) -> str:
    level = word(LEVELS_BY_WORD, cells.get("level", ""))
    if level is None:
        raise no_such("level", "层级", cells.get("level", ""), list(LEVELS), ["市级", "区级", "街道", "单位"])
    return level


def _on_platform(cells: Cells, old: Department | None) -> bool:
    """A new one takes orders in the system if nothing else is said."""
    given = cells.get("on_platform", "")
    if not given:
        return old.on_platform if old else True
    found = word(YES, given)
    if found is None:
        raise no_such("on_platform", "是否在平台", given, ["yes", "no"], ["是", "否"])
    return found == "yes"
