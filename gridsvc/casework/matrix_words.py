"""What the columns of a table of rules may be called, and its words: kinds, lanes, levels."""

from gridsvc.domain.cells import by_words
from gridsvc.domain.duties import LANES, RULE_LEVELS

COLUMNS: dict[str, tuple[str, ...]] = {
    "rule": ("规则编号", "规则", "编号", "rule id", "rule number"),
    "kind": ("问题类型", "类型", "类别", "problem kind"),
    "class_code": ("大类", "大类代码", "大类编码", "class"),
    "subclass_code": ("小类", "小类代码", "小类编码", "subclass"),
    "area_kind": ("区域类型", "网格类型", "area kind"),
    "area_code": ("区域编码", "网格编码", "区域", "area", "area code"),
    "lane": ("处置方式", "处置通道", "lane of disposal"),
    "lead": ("牵头部门", "责任部门", "主办部门", "主办单位", "lead department"),
    "co_operating": ("配合部门", "协办部门", "协办单位", "co-operating", "cooperating"),
    "supervising": ("监管部门", "督办部门", "主管部门", "supervising department"),
    "level": ("层级", "管理层级", "级别"),
    "priority": ("优先级",),
    "valid_from": ("生效日期", "开始日期", "起始日期", "from"),
    "valid_to": ("失效日期", "结束日期", "截止日期", "to"),
    "source": ("依据", "法律依据", "来源", "source of law"),
}
"""Of each field what its column may be called, the usual Chinese and English name first."""
OF_DUTIES = ("lead", "co_operating", "supervising", "level")
"""Fields that rules of lanes do not have."""
NEEDED = ("kind", "lead")
NEEDED_OF_LANES = ("kind", "lane")
KINDS = {"component": ("部件", "component"), "event": ("事件", "event")}
LANE_WORDS = {"self": ("自行处置", "自处置"), "dispatched": ("派单处置", "派单"), "enforcement": ("执法处置", "执法")}
LEVEL_WORDS = {
    "city": ("市级", "市"), "district": ("区级", "区", "县级", "区县"),
    "subdistrict": ("街道", "街道级", "乡镇", "street"), "community": ("社区", "社区级", "村"),
}  # fmt: skip
KINDS_BY_WORD = by_words((kind, (kind, *words)) for kind, words in KINDS.items())
LANES_BY_WORD = by_words((lane, (lane, *LANE_WORDS[lane])) for lane in LANES)
LEVELS_BY_WORD = by_words((level, (level, *LEVEL_WORDS[level])) for level in RULE_LEVELS)


def columns(*, of_lanes: bool) -> dict[str, tuple[str, ...]]:
    return {field: words for field, words in COLUMNS.items() if not (of_lanes and field in OF_DUTIES)}


def needed(*, of_lanes: bool) -> tuple[str, ...]:
    return NEEDED_OF_LANES if of_lanes else NEEDED
