"""Names of what the grid desk is told with: deeds, weights, states of cases; in Chinese and English."""

from gridsvc.domain.case_states import STATES
from gridsvc.web.import_names import NAMES, Pair, pairs_by_language

_NAMES: dict[str, dict[str, Pair]] = {
    "deeds": {
        "import": ("载入图层", "Load a layer"),
        "draw": ("重新绘制", "Draw anew"),
        "split": ("拆分", "Split"),
        "merge": ("合并", "Merge"),
        "retire": ("终止", "Retire"),
        "renumber": ("重新编码", "Re-number"),
        "realign": ("对齐边界", "Re-align"),
        "reverse": ("撤销", "Take back"),
    },
    "weights": {
        "area": ("面积", "area"),
        "components": ("部件数", "number of components"),
        "reports": ("上报数", "number of reports"),
    },
    "loads": {
        "area_m2": ("面积（m²）", "Size (m²)"),
        "components": ("部件", "Components"),
        "reports": ("上报", "Reports"),
    },
    "subjects": {"component": ("部件", "Component"), "event": ("事件", "Event")},
    "case_states": {state: (zh, en.capitalize()) for state, (zh, en) in STATES.items()},
}

_BY_GROUP = {group: pairs_by_language(pairs) for group, pairs in _NAMES.items()}
_SHARED = ("forms", "severities", "severity")
AREA_NAMES = {
    lang: {group: names[lang] for group, names in _BY_GROUP.items()}
    | {group: NAMES[lang][group] for group in _SHARED}
    | {"statuses": {**NAMES[lang]["statuses"], **missing}}
    for lang, missing in (
        ("zh", {"404": "没有这一内容。", "409": "区划此后有变，请重新生成草案。"}),
        ("en", {"404": "There is no such thing.", "409": "The areas changed since; make the draft again."}),
    )
}
"""Language to group to code to name."""
