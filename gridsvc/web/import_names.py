"""Names of what an import is told with: states, steps, fields, severities; in Chinese and English."""

from collections.abc import Mapping

Pair = tuple[str, str]
"""Chinese and English."""

FIELDS: dict[str, Pair] = {
    "code": ("编码", "Code"),
    "name_zh": ("中文名称", "Chinese name"),
    "name_en": ("英文名称", "English name"),
    "parent_code": ("上级编码", "Code of the area above"),
    "valid_from": ("生效时间", "In force from"),
    "patrol": ("巡查人员", "Patrol"),
    "head": ("负责人", "Head"),
    "subclass": ("小类", "Subclass"),
    "subclass_code": ("小类", "Subclass"),
    "subclass_name": ("小类名称", "Name of the subclass"),
    "state": ("状态", "State"),
    "authority": ("主管部门", "Authority"),
    "owner": ("权属单位", "Owner"),
    "maintainer": ("养护单位", "Maintainer"),
    "position": ("位置描述", "Position"),
    "unit_grid": ("所在单元网格", "Unit grid"),
    "surveyed_at": ("初始日期", "Surveyed on"),
    "changed_at": ("变更日期", "Changed on"),
    "data_source": ("数据来源", "Data source"),
    "note": ("备注", "Note"),
    "longitude": ("经度（核对用）", "Longitude (to compare)"),
    "latitude": ("纬度（核对用）", "Latitude (to compare)"),
    "geometry": ("位置或形状", "Place or shape"),
}
"""Of components and areas: what a file can say of them."""

_NAMES: dict[str, dict[str, Pair]] = {
    "steps": {
        "inspect": ("识别", "Inspect"),
        "map": ("字段对应", "Map"),
        "check": ("检查", "Check"),
        "compare": ("比对", "Compare"),
        "promote": ("入库", "Promote"),
    },
    "work": {
        "inspect": ("识别", "Inspection"),
        "check": ("检查", "Check"),
        "promote": ("入库", "Promotion"),
        "rollback": ("回滚", "Rollback"),
    },
    "doing": {
        "inspect": ("正在识别", "Inspecting"),
        "check": ("正在检查", "Checking"),
        "promote": ("正在入库", "Promoting"),
        "rollback": ("正在回滚", "Rolling back"),
    },
    "ended": {
        "failed": ("未能完成", "Failed"),
        "lost": ("中断", "Lost"),
        "cancelled": ("已取消", "Cancelled"),
    },
    "phases": {
        "inspect": ("识别", "Inspecting:"),
        "check": ("检查", "Checking:"),
        "compare": ("比对", "Comparing:"),
        "promote": ("入库", "Promoting:"),
        "rollback": ("回滚", "Rolling back:"),
    },
    "states": {
        "received": ("已接收", "Received"),
        "inspected": ("已识别", "Inspected"),
        "checked": ("已检查", "Checked"),
        "staged": ("已暂存", "Staged"),
        "promoted": ("已入库", "Promoted"),
        "rolled_back": ("已回滚", "Rolled back"),
        "refused": ("未通过", "Refused"),
        "dropped": ("已放弃", "Given up"),
    },
    "severities": {
        "error": ("错误", "Errors"),
        "warning": ("警告", "Warnings"),
        "repaired": ("已修复", "Repaired"),
        "note": ("提示", "Notes"),
        "none": ("无问题", "Nothing found"),
    },
    "severity": {
        "error": ("错误", "Error"),
        "warning": ("警告", "Warning"),
        "repaired": ("已修复", "Repaired"),
        "note": ("提示", "Note"),
    },
    "actions": {
        "added": ("新增", "Added"),
        "changed": ("变更", "Changed"),
        "unchanged": ("不变", "Unchanged"),
        "gone": ("消失", "Gone"),
        "retired": ("注销", "Retired"),
        "ambiguous": ("对应不明", "Ambiguous"),
        "rejected": ("搁置", "Set aside"),
    },
    "area_actions": {
        "added": ("列入草案", "In the draft"),
        "rejected": ("搁置", "Set aside"),
    },
    "counts": {
        "added": ("新增", "added"),
        "changed": ("变更", "changed"),
        "unchanged": ("不变", "unchanged"),
        "retired": ("注销", "retired"),
        "kept": ("消失但保留", "gone, kept"),
        "set_aside": ("搁置", "set aside"),
        "ambiguous": ("对应不明", "ambiguous"),
        "issued": ("新发编码", "codes issued"),
        "photos": ("照片", "photos"),
        "areas": ("区域", "areas"),
        "removed": ("撤下", "taken out"),
        "restored": ("恢复原样", "restored"),
    },
    "fields": FIELDS,
    "component_states": {
        "intact": ("完好", "Intact"),
        "damaged": ("破损", "Damaged"),
        "lost": ("丢失", "Lost"),
        "abandoned": ("废弃", "Abandoned"),
        "removed": ("移除", "Removed"),
    },
    "shapes": {
        "Point": ("点", "points"),
        "MultiPoint": ("多点", "multipoints"),
        "LineString": ("线", "lines"),
        "MultiLineString": ("多线", "multilines"),
        "Polygon": ("面", "polygons"),
        "MultiPolygon": ("多面", "multipolygons"),
        "GeometryCollection": ("集合", "collections"),
        "none": ("无几何", "without shape"),
    },
    "types": {
        "text": ("文本", "text"),
        "integer": ("整数", "integer"),
        "real": ("小数", "number"),
        "date": ("日期", "date"),
        "datetime": ("时间", "time"),
        "bool": ("是否", "yes or no"),
        "binary": ("二进制", "binary"),
    },
    "forms": {"csv": ("CSV", "CSV"), "xlsx": ("Excel", "Excel"), "gpkg": ("GeoPackage", "GeoPackage")},
    "statuses": {
        "401": ("请先登录。", "Sign in first."),
        "403": ("没有权限，或页面已过期：请刷新后再试。", "Not allowed, or the page is out of date: reload it."),
        "404": ("没有这一批次。", "There is no such batch."),
        "409": ("批次正在处理或已经结束。", "The batch is at work, or it has ended."),
        "413": ("文件超过大小上限，未保存。", "The file is larger than is allowed; it was not kept."),
        "422": ("内容有误，未作更改。", "Something is wrong; nothing was changed."),
        "429": ("操作过于频繁，请稍后再试。", "Too many requests; try again shortly."),
        "500": ("发生意外错误，详情见服务日志。", "An unexpected error; the log of the service tells more."),
        "502": ("服务暂时不可用。", "Not available for now."),
        "503": ("服务暂时不可用，请稍后再试。", "Not available for now; try again shortly."),
    },
}


def pairs_by_language(pairs: Mapping[str, Pair]) -> dict[str, dict[str, str]]:
    return {lang: {key: pair[place] for key, pair in pairs.items()} for place, lang in enumerate(("zh", "en"))}


_BY_GROUP = {group: pairs_by_language(pairs) for group, pairs in _NAMES.items()}
NAMES = {lang: {group: names[lang] for group, names in _BY_GROUP.items()} for lang in ("zh", "en")}
"""Language to group to code to name."""
