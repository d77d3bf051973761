"""Rows of a table of rules read against what there is: catalogue, areas, departments."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from gridsvc.casework.matrix_words import KINDS_BY_WORD, LANES_BY_WORD, LEVELS_BY_WORD
from gridsvc.domain.cells import (
    GivenRow,
    Problems,
    WrongCellError,
    by_words,
    first_and_last,
    fit,
    nearest,
    no_such,
    spelled,
    word,
)
from gridsvc.domain.duties import DEFAULT_LANE, LANES, RULE_LEVELS, DutyRule, LaneRule, Rule
from gridsvc.store import areas, city, duty_edits
from gridsvc.store.connection import Connection

MOST_GUESSES = 20
"""Unknown codes for which the nearest known one is looked for: each takes a while."""
LARGEST = 2**31 - 1
LONGEST_SOURCE = 1_000
Cells = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Known:
    """What a rule may name."""

    classes: Mapping[tuple[str, str], str]
    """Class of each (kind, subclass)."""
    by_subclass: Mapping[str, Mapping[str, str]]
    """Subclasses by word, by kind of problem; likewise classes."""
    by_class: Mapping[str, Mapping[str, str]]
    area_kinds: Mapping[str, str]
    departments: Mapping[str, str]
    retired: frozenset[str]
    areas: frozenset[tuple[str, str]]
    """Kind and code of areas that the rows name and that are in force, will be, or have heirs."""


def known_to(conn: Connection, rows: Sequence[GivenRow], today: date) -> Known:
    kinds = by_words((k.kind, (k.kind, k.name_zh, k.name_en)) for k in areas.kinds(conn))
    named = [(word(kinds, row.cells.get("area_kind", "")), row.cells.get("area_code", "")) for row in rows]
    there = duty_edits.areas_named(conn, {(kind, code) for kind, code in named if kind and code})
    catalogue, departments = city.subclasses(conn), city.departments(conn)
    subclasses: dict[str, list[tuple[str, tuple[str, ...]]]] = defaultdict(list)
    classes: dict[str, list[tuple[str, tuple[str, ...]]]] = defaultdict(list)
    for s in catalogue:
        subclasses[s.kind].append((s.subclass_code, (s.subclass_code, s.subclass_zh, s.subclass_en)))
        classes[s.kind].append((s.class_code, (s.class_code, s.class_zh, s.class_en)))
    names = by_words((d.code, (d.code, d.name_zh, d.name_en)) for d in departments)
    return Known(
        classes={(s.kind, s.subclass_code): s.class_code for s in catalogue},
        by_subclass={kind: by_words(each) for kind, each in subclasses.items()},
        by_class={kind: by_words(each) for kind, each in classes.items()},
        area_kinds=kinds,
        departments=names | {spelled(d.code): d.code for d in departments},
        retired=frozenset(d.code for d in departments if d.retired_on is not None and d.retired_on <= today),
        areas=frozenset(area for area, found in there.items() if found.in_force or found.has_heirs),
    )


@dataclass(kw_only=True)
class RuleReader:
    known: Known
    of_lanes: bool
    problems: Problems = field(default_factory=Problems)

    def read(self, row: GivenRow) -> Rule | None:
        """None if anything is wrong with it; all that is, is among the problems."""
        before, tried = len(self.problems.told), self.problems.tried
        kind = tried(row, _kind)
        subject = tried(row, lambda cells: self._subject(kind, cells)) if kind else None
        ground = tried(row, self._ground)
        lane, days, rest = tried(row, self._lane), tried(row, first_and_last), tried(row, _rest)
        parties = {} if self.of_lanes else tried(row, self._parties)
        if len(self.problems.told) > before or subject is None or ground is None or rest is None or days is None:
            return None
        about = {
            "id": 0, "kind": kind, "class_code": subject[0], "subclass_code": subject[1], "area_kind": ground[0],
            "area_code": ground[1], "lane": lane, "valid_from": days[0], "valid_to": days[1], **rest,
        }  # fmt: skip
        return LaneRule(**about) if self.of_lanes else DutyRule(**about, **(parties or {}))

    def _subject(self, kind: str, cells: Cells) -> tuple[str, str | None]:
        """Class and subclass."""
        given, of_class = cells.get("subclass_code", ""), cells.get("class_code", "")
        if not (given or of_class):
            raise WrongCellError("it names neither a class nor a subclass", "未填写大类或小类")
        class_code = word(self.known.by_class.get(kind, {}), of_class) if of_class else None
        if of_class and class_code is None:
            raise WrongCellError(f"{kind} class {of_class!r} is not in the catalogue", f"目录中没有大类“{of_class}”")
        if not given:
            return class_code or "", None
        subclass = word(self.known.by_subclass.get(kind, {}), given)
        if subclass is None:
            raise WrongCellError(f"{kind} subclass {given!r} is not in the catalogue", f"目录中没有小类“{given}”")
        if class_code not in (None, self.known.classes[kind, subclass]):
            raise WrongCellError(
                f"subclass {subclass} is not of class {class_code}", f"小类 {subclass} 不属于大类 {class_code}"
            )
        return self.known.classes[kind, subclass], subclass

    def _ground(self, cells: Cells) -> tuple[str | None, str | None]:
        given, code = cells.get("area_kind", ""), fit("area_code", "区域编码", cells.get("area_code", ""))
        if not (given or code):
            return None, None
        if not (given and code):
            raise WrongCellError("area_kind and area_code go together", "区域类型和区域编码须同时填写")
        kind = word(self.known.area_kinds, given)
        if kind is None:
            raise no_such("area kind", "区域类型", given, sorted(set(self.known.area_kinds.values())))
        if (kind, code) not in self.known.areas:
            raise WrongCellError(
                f"no {kind} {code!r} is in force, nor did one end that others took over from",
                f"没有编码为“{code}”的现行区域（{kind}），也没有承接它的区域",
            )
        return kind, code

    def _lane(self, cells: Cells) -> str:
        given = cells.get("lane", "") or ("" if self.of_lanes else DEFAULT_LANE)
        lane = word(LANES_BY_WORD, given)
        if lane is None:
            raise no_such("lane", "处置方式", given, list(LANES))
        return lane

    def _parties(self, cells: Cells) -> dict[str, Any]:
        lead = self._departments("lead", "牵头部门", cells)
        if len(lead) != 1:
            raise WrongCellError("lead names one department", "牵头部门须填写一个部门")
        return {
            "lead": lead[0],
            "co_operating": self._departments("co_operating", "配合部门", cells),
            "supervising": self._departments("supervising", "监管部门", cells),
            "level": _level(cells),
        }

    def _departments(self, name: str, zh: str, cells: Cells) -> tuple[str, ...]:
        """By code or name, separated by semicolons or 、."""
        text = cells.get(name, "").replace("；", ";").replace("、", ";").replace("|", ";")
        found = []
        for part in filter(None, (each.strip() for each in text.split(";"))):
            code = word(self.known.departments, part)
            if code is None:
                raise self._no_department(name, zh, part)
            if code in self.known.retired:
                raise WrongCellError(f"{name}: department {code} has retired", f"{zh}：部门 {code} 已撤销")
            found.append(code)
        return tuple(dict.fromkeys(found))

    def _no_department(self, name: str, zh: str, given: str) -> WrongCellError:
        few = len(self.problems.told) < MOST_GUESSES
        like = nearest(spelled(given), self.known.departments) if few else None
        en, zh_like = ("", "")
        if like:
            en, zh_like = (
                f"; the nearest is {self.known.departments[like]}",
                f"；最接近的是 {self.known.departments[like]}",
            )
        return WrongCellError(f"{name}: no department is called {given!r}{en}", f"{zh}：没有部门“{given}”{zh_like}")


def _kind(cells: Cells) -> str:
    kind = word(KINDS_BY_WORD, cells.get("kind", ""))
    if kind is None:
        raise no_such("kind", "问题类型", cells.get("kind", ""), ["component", "event"], ["部件", "事件"])
    return kind


def _level(cells: Cells) -> str | None:
    given = cells.get("level", "")
    level = word(LEVELS_BY_WORD, given) if given else None
    if given and level is None:
        raise no_such("level", "层级", given, list(RULE_LEVELS), ["市级", "区级", "街道", "社区"])
    return level


def _rest(cells: Cells) -> dict[str, Any]:
    text = cells.get("priority", "") or "0"
    try:
        priority = int(text)
    except ValueError:
        raise WrongCellError(f"priority {text!r} is no whole number", f"优先级“{text}”不是整数") from None
    if abs(priority) > LARGEST:
        raise WrongCellError("priority is too large a number", "优先级数值过大")
    source = cells.get("source", "")
    if len(source) > LONGEST_SOURCE:
        raise WrongCellError(f"source is longer than {LONGEST_SOURCE} characters", f"依据超过 {LONGEST_SOURCE} 个字符")
    return {"priority": priority, "source": source, "name": fit("rule", "规则编号", cells.get("rule", "")) or None}
