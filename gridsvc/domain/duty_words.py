"""What is wrong with the matrix, in words: English and Chinese."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gridsvc.domain.duties import LANES, Rule
from gridsvc.domain.duty_checks import DutyFinding

MOST_NAMED = 6
"""Subclasses or areas that a sentence names."""
Pair = tuple[str, str]
"""Chinese and English."""


@dataclass(frozen=True, kw_only=True)
class Names:
    subclasses: Mapping[tuple[str, str], Pair] = field(default_factory=dict)
    """By kind and code."""
    areas: Mapping[tuple[str, str], Pair] = field(default_factory=dict)
    kinds: Mapping[str, Pair] = field(default_factory=dict)
    """Of areas."""
    departments: Mapping[str, Pair] = field(default_factory=dict)

    def kind(self, kind: str) -> Pair:
        """Of areas."""
        return self.kinds.get(kind, (kind, kind))

    def area(self, kind: str, code: str, place: int) -> str:
        """`place`: 0 Chinese, 1 English."""
        if not code:
            word = self.kind(kind)[place]
            return f"{word}之外" if place == 0 else f"outside every {word}"
        name = self.areas.get((kind, code), ("", ""))[place]
        return f"{self.kind(kind)[place]} {code} {name}".strip()

    def subclass(self, kind: str, code: str, place: int) -> str:
        names = self.subclasses.get((kind, code), ("", ""))
        return f"{code} {names[place]}".strip()

    def department(self, code: str, place: int) -> str:
        name = self.departments.get(code, ("", ""))[place]
        return code if name in ("", code) else f"{code} {name}"


def duty_message(found: DutyFinding, names: Names) -> Pair:
    """One sentence, in Chinese and in English."""
    rules = [_rule(rule, names) for rule in found.rules]
    where, about = _where(found, names), _about(found, names)
    match found.what:
        case "hole":
            lane = LANES[found.lane or ""]
            when = _when(found)
            return (
                f"{about[0]}在{where[0]}无人负责（{lane[0]}）{when[0]}",
                f"nobody answers for {about[1]} in {where[1]}, lane {lane[1]}{when[1]}",
            )
        case "contradiction":
            one, other = rules
            return (
                f"{one[0]}与{other[0]}同级且不一致：{about[0]}，{where[0]}{_when(found)[0]}",
                f"{one[1]} and {other[1]} rank the same and disagree about {about[1]} in {where[1]}{_when(found)[1]}",
            )
        case "shadowed":
            by = _by(found, names)
            return f"{rules[0][0]}从不生效：{by[0]}", f"{rules[0][1]} never wins: {by[1]}"
        case "twice":
            return f"{rules[1][0]}与{rules[0][0]}重复", f"{rules[1][1]} says again what {rules[0][1]} says"
        case _:
            return _named(found, rules[0], names)


def _named(found: DutyFinding, rule: Pair, names: Names) -> Pair:
    thing = found.thing or ""
    zh, en = names.department(thing, 0), names.department(thing, 1)
    return {
        "department_retired": (f"{rule[0]}指定的部门 {zh} 已撤销", f"{rule[1]} names {en}, which has retired"),
        "department_unknown": (f"{rule[0]}指定的部门 {thing} 不存在", f"{rule[1]} names {thing}, which does not exist"),
        "lead_off_platform": (f"{rule[0]}的牵头部门 {zh} 不在平台办理", f"{rule[1]}: {en} leads, off the platform"),
        "area_unknown": (f"{rule[0]}指定的区域不存在", f"{rule[1]} names an area that never was"),
        "area_ended": (f"{rule[0]}指定的区域已撤销且无承接区域", f"{rule[1]} names an area that ended without an heir"),
        "subclass_unknown": (f"{rule[0]}指定的小类不在目录中", f"{rule[1]} names a subclass that the catalogue lacks"),
        "nowhere": (f"{rule[0]}在任何地点都不适用", f"{rule[1]} applies at no place"),
        "over": (f"{rule[0]}已失效", f"{rule[1]} is over"),
    }[found.what]  # fmt: skip


def _rule(rule: Rule, names: Names) -> Pair:
    """Its number or name, what it is about and where."""
    found = []
    for place, (word, whole, whole_class) in enumerate((("规则", "全市", "大类"), ("rule", "whole city", "class"))):
        subject = names.subclass(rule.kind, rule.subclass_code, place) if rule.subclass_code else None
        area = names.area(rule.area_kind, rule.area_code, place) if rule.area_kind and rule.area_code else whole
        inherited = f" ← {rule.inherited}" if rule.inherited else ""
        found.append(f"{word} {rule.label} ({subject or f'{whole_class} {rule.class_code}'}, {area}{inherited})")
    return found[0], found[1]


def _by(found: DutyFinding, names: Names) -> Pair:
    """What stands before it."""
    zh, en = [], []
    for other in found.by:
        if isinstance(other, str):
            zh.append(f"处置方式为{LANES[other][0]}")
            en.append(f"the lane is {other}")
        else:
            told = _rule(other, names)
            zh.append(f"{told[0]}优先")
            en.append(f"{told[1]} stands before it")
    return "；".join(zh), "; ".join(en)


def _about(found: DutyFinding, names: Names) -> Pair:
    subclasses = [(group.kind, code) for group in found.groups for code in group.subclass_codes]
    kinds = {"component": ("部件", "component"), "event": ("事件", "event")}
    zh, en = ([names.subclass(*one, place) for one in subclasses[:MOST_NAMED]] for place in (0, 1))
    more = len(subclasses) - MOST_NAMED
    kind = kinds.get(subclasses[0][0], ("", "")) if subclasses else ("", "")
    return (
        f"{kind[0]} {'、'.join(zh)}" + (f" 等 {len(subclasses)} 个小类" if more > 0 else ""),
        f"{kind[1]} {', '.join(en)}" + (f" and {more} more" if more > 0 else ""),
    )


def _where(found: DutyFinding, names: Names) -> Pair:
    if not found.parts:
        return "全市", "the whole city"
    told = [
        tuple(" ∩ ".join(names.area(*area, place) for area in part) for part in found.parts[:MOST_NAMED])
        for place in (0, 1)
    ]
    more = len(found.parts) - MOST_NAMED
    return (
        "、".join(told[0]) + (f" 等 {len(found.parts)} 处" if more > 0 else ""),
        ", ".join(told[1]) + (f" and {more} more areas" if more > 0 else ""),
    )


def _when(found: DutyFinding) -> Pair:
    """Nothing where it is so from today on and for good."""
    if found.always:
        return "", ""
    zh = "、".join(f"{first} 起" if last is None else f"{first} 至 {last}" for first, last in found.spans)
    en = ", ".join(f"from {first}" + (f" to {last}" if last else "") for first, last in found.spans)
    return f"（{zh}）", f" ({en})"
