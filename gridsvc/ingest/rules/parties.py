"""The bodies that answer for a component: authority, owner, maintainer."""

from collections.abc import Iterator

import numpy as np

from gridsvc.ingest.rules.columns import column, is_empty, whose
from gridsvc.ingest.rules.contract import Context, Found, Lot, found, rule
from gridsvc.ingest.rules.wording import field_name, short, tally

PARTIES = ("authority", "owner", "maintainer")
UNKNOWN = frozenset({"不明", "未知", "不详", "待确认", "unknown", "Unknown", "UNKNOWN"})
"""How surveys say that nobody knows: a value to record, no mistake."""


@rule(
    zh="部门存在",
    en="The department exists",
    says_zh="{field:zh}“{department}”不是已有部门的代码",
    says="its {field} {department!r} is the code of no department",
    hint_zh="先导入该部门，或在值对应中改为已有部门的代码；列中若是名称，请改选代码列",
    hint="load the department first, or map the value to a code; if the column holds names, map that of the codes",
    targets="components",
)
def department_known(lot: Lot, context: Context) -> Iterator[Found]:
    known = context.departments | UNKNOWN
    for name in PARTIES:
        texts = column(lot, name)
        for row in np.flatnonzero(whose(texts, lambda code: code not in known)):
            yield found(row, field=field_name(name), department=short(texts[int(row)].as_py()))


@rule(
    zh="权属单位和养护单位已查明",
    en="Owner and maintainer are known",
    says_zh="第 {first:,} 至 {last:,} 个要素中，{count:,} 个的{field:zh}不明（如{example:zh}）",
    says="the {field} is not known for {count:,} of the features {first:,} to {last:,} (such as {example})",
    hint_zh="可以导入；权属不明的部件会列入待确权清单",
    hint="they may come in; components without an owner are listed for ownership confirmation",
    severity="note",
    targets="components",
)
def party_known(lot: Lot, _context: Context) -> Iterator[Found]:
    for name in ("owner", "maintainer"):
        texts = column(lot, name)
        yield from tally(lot, is_empty(texts) | whose(texts, UNKNOWN.__contains__), field=field_name(name))
