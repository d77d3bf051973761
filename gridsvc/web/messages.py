"""Every text of the pages, in Chinese and English."""

from gridsvc.errors import one_of
from gridsvc.web.access_messages import ACCESS_MESSAGES
from gridsvc.web.component_messages import COMPONENT_MESSAGES

TAGS = {"zh": "zh-CN", "en": "en"}

_MESSAGES: dict[str, dict[str, str]] = {
    "zh": {
        "product": "城市网格服务",
        "skip": "跳到正文",
        "nav": "页面",
        "language": "语言",
        "synthetic": "虚构城市",
        "home": "网格图",
        "heat": "热力图",
        "grid_desk": "网格工作台",
        "imports": "数据导入",
        "scripts_needed": "正在打开；此页需要浏览器脚本。",
        "docs": "接口文档",
        "health": "运行状态",
        "figures": "概况",
        "areas": "网格与区域",
        "components": "部件",
        "reports": "上报",
        "automatic": "自动分派",
        "manual": "待人工分派",
        "grid_frame": "各网格未结上报图",
        "heat_frame": "上报热力图",
        "filter": "筛选",
        "by": "统计方式",
        "by_cell": "六边形",
        "kind": "问题类型",
        "kind_all": "全部",
        "kind_component": "部件",
        "kind_event": "事件",
        "subclass": "小类",
        "subclass_all": "全部小类",
        "start": "起始日期",
        "end": "截止日期",
        "areas_at": "区划日期",
        "areas_revision": "区划版次",
        "show": "显示",
        "reset": "清除筛选",
        "total": "共 {total} 件上报",
        "none": "没有符合条件的上报",
        "partial": "只含您责任区域内的数据",
        "partial_and_department": "只含您责任区域内和本部门的数据",
        "no_areas": "还没有网格与区域，请先导入图层。",
        "back": "返回首页",
        "problem": "出错了",
        "docs_wait": "正在打开接口文档；此页需要浏览器脚本。接口的机器可读描述：",
    },
    "en": {
        "product": "City grid service",
        "skip": "Skip to content",
        "nav": "Pages",
        "language": "Language",
        "synthetic": "Synthetic city",
        "home": "Grid map",
        "heat": "Heat map",
        "grid_desk": "Grid desk",
        "imports": "Imports",
        "scripts_needed": "Opening; this page needs scripts.",
        "docs": "API",
        "health": "Health",
        "figures": "Overview",
        "areas": "Grids and areas",
        "components": "Components",
        "reports": "Reports",
        "automatic": "Auto-routed",
        "manual": "Manual desk",
        "grid_frame": "Map of open reports by grid",
        "heat_frame": "Heat map of reports",
        "filter": "Filter",
        "by": "Count by",
        "by_cell": "Hexagons",
        "kind": "Kind of problem",
        "kind_all": "All",
        "kind_component": "Components",
        "kind_event": "Events",
        "subclass": "Subclass",
        "subclass_all": "All subclasses",
        "start": "From",
        "end": "To",
        "areas_at": "Areas of",
        "areas_revision": "Areas revision",
        "show": "Show",
        "reset": "Clear filter",
        "total": "Reports: {total}",
        "none": "No reports match",
        "partial": "Only what lies in your areas of duty",
        "partial_and_department": "Only what lies in your areas of duty, and what your department handles",
        "no_areas": "No areas yet: import a layer first.",
        "back": "Back to the first page",
        "problem": "Something went wrong",
        "docs_wait": "Opening the API description; this page needs scripts. The machine-readable description:",
    },
}

MESSAGES = {lang: {**_MESSAGES[lang], **ACCESS_MESSAGES[lang], **COMPONENT_MESSAGES[lang]} for lang in TAGS}


def texts(lang: str) -> dict[str, str]:
    """The texts in one language; raises InputError for a language that is not served."""
    if lang not in MESSAGES:
        raise one_of("language", lang, list(MESSAGES), zh="语言")
    return MESSAGES[lang]
