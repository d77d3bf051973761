"""Subclasses and states: those of the catalogue, and name and code of the same."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

import numpy as np

from gridsvc.domain.catalogue import Subclass
from gridsvc.domain.components import STATES
from gridsvc.ingest.rules.columns import by_value, column, is_empty, whose
from gridsvc.ingest.rules.contract import Context, Found, Lot, found, rule
from gridsvc.ingest.rules.wording import Both, short, tally


@rule(
    zh="每行都有小类",
    en="Every row names its subclass",
    says_zh="没有小类",
    says="it names no subclass",
    hint_zh="为整个文件指定一个小类，或在字段对应中选择小类列",
    hint="give one subclass for the whole file with --subclass, or map the column that names it",
    targets="components",
)
def subclass_given(lot: Lot, _context: Context) -> Iterator[Found]:
    for row in np.flatnonzero(is_empty(lot.fields["subclass_code"])):
        yield found(row)


@rule(
    zh="小类在部件目录中",
    en="The subclass is in the catalogue",
    says_zh="“{subclass}”不是 {known} 个部件小类之一",
    says="subclass {subclass!r} is not one of the {known} component subclasses",
    hint_zh="在值对应中为它选择小类代码",
    hint="map this value to a subclass code",
    targets="components",
)
def subclass_known(lot: Lot, context: Context) -> Iterator[Found]:
    given = lot.fields["subclass_code"]
    for row in np.flatnonzero(whose(given, lambda code: code not in context.subclasses)):
        yield found(row, subclass=short(given[int(row)].as_py()), known=len(context.subclasses))


@rule(
    zh="小类代码与小类名称一致",
    en="Subclass code and subclass name agree",
    says_zh="小类代码 {code} 是{meant:zh}，而小类名称是“{name}”（{named}）",
    says="subclass code {code} is {meant}, but its name {name!r} is that of {named}",
    hint_zh="核对代码与名称，改正其中之一",
    hint="find out which of the two is right and correct the other",
    targets="components",
)
def subclass_name_agrees(lot: Lot, context: Context) -> Iterator[Found]:
    known = _codes_of_names(context.subclasses)
    codes, code_of = by_value(lot.fields["subclass_code"])
    names, name_of = by_value(column(lot, "subclass_name"))
    wrong = np.zeros((len(codes) + 1, len(names) + 1), dtype=np.bool_)  # the last ones: nothing is said
    for n, name in enumerate(names):
        if name in known:
            wrong[:-1, n] = [code in context.subclasses and code not in known[name] for code in codes]
    for row in np.flatnonzero(wrong[code_of, name_of]):
        code, name = codes[code_of[row]], names[name_of[row]]
        yield found(row, code=code, meant=_name(context.subclasses[code]), name=name, named="/".join(known[name]))


@rule(
    zh="小类名称在部件目录中",
    en="The subclass name is in the catalogue",
    says_zh="第 {first:,} 至 {last:,} 个要素中，{count:,} 个的小类名称不在部件目录中（如{example:zh}：“{name}”），"
    "以小类代码为准",
    says="the subclass name is not in the catalogue for {count:,} of the features {first:,} to {last:,} "
    "(such as {example}: {name!r}); the subclass code counts",
    hint_zh="检查该列是否确为小类名称",
    hint="does this column really hold names of subclasses?",
    severity="warning",
    targets="components",
)
def subclass_name_known(lot: Lot, context: Context) -> Iterator[Found]:
    known = _codes_of_names(context.subclasses)
    names = column(lot, "subclass_name")
    coded = whose(lot.fields["subclass_code"], lambda code: code in context.subclasses)
    rows = np.flatnonzero(coded & whose(names, lambda name: name not in known))
    if len(rows):
        yield from tally(lot, rows, name=short(names[int(rows[0])].as_py()))


@rule(
    zh="部件状态是规定的五种之一",
    en="The state of a component is one of the five",
    says_zh="状态“{state}”不是{states:zh}之一",
    says="state {state!r} is not one of {states}",
    hint_zh="在值对应中为它选择状态",
    hint="map this value to a state",
    targets="components",
)
def state_known(lot: Lot, _context: Context) -> Iterator[Found]:
    given = lot.fields["state"]
    states = Both("、".join(STATES), ", ".join((*STATES, *STATES.values())))
    for row in np.flatnonzero(whose(given, lambda state: state not in STATES and state not in STATES.values())):
        yield found(row, state=short(given[int(row)].as_py()), states=states)


def _codes_of_names(subclasses: Mapping[str, Subclass]) -> dict[str, list[str]]:
    """Codes of the subclasses that go by a name: Chinese, English, any alias, or the code that a mapping made of it."""
    found_codes: dict[str, list[str]] = defaultdict(list)
    for subclass in subclasses.values():
        for name in {subclass.subclass_zh, subclass.subclass_en, subclass.subclass_code, *subclass.aliases}:
            found_codes[name].append(subclass.subclass_code)
    return dict(found_codes)


def _name(subclass: Subclass) -> Both:
    return Both(f"“{subclass.subclass_zh}”", subclass.subclass_en)
