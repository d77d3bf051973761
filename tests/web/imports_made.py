"""A survey of 232,000 rows in 20 columns, as the API tells of it in each step."""

from typing import Any

FILE = "绵阳市涪城区城市管理部件普查成果_2026年第二季度_CGCS2000_3度带105E_最终验收版（含补测）.zip"
ROWS = 232_417
WEST, SOUTH, EAST, NORTH = 104.62, 31.38, 104.82, 31.54
BOUNDS = [WEST, SOUTH, EAST, NORTH]
COLUMNS = {
    "ObjID": ("code", ["5107030124000001", "5107030124000002", "5107030124000003"]),
    "ObjName": ("subclass_name", ["雨水井盖", "污水井盖", "路灯", "行道树", "公交站亭"]),
    "DeptCode1": ("authority", ["510703A01", "510703A02"]),
    "DeptName1": (None, ["绵阳市涪城区住房和城乡建设局市政设施管理所", "园林局"]),
    "DeptCode2": ("owner", ["510703B11"]),
    "DeptName2": (None, ["绵阳市水务（集团）有限公司"]),
    "DeptCode3": ("maintainer", ["510703C07"]),
    "DeptName3": (None, ["绵阳市排水管网维护中心"]),
    "BGID": ("unit_grid", ["510703001002003"]),
    "ObjPos": ("position", ["临园路东段与涪城路交叉口西南角人行道，距路缘石约1.2米", "滨江东路"]),
    "ObjState": ("state", ["完好", "破损", "丢失"]),
    "ORDate": ("surveyed_at", ["20260411", "20260412"]),
    "CHDate": ("changed_at", []),
    "DataSource": ("data_source", ["实测"]),
    "Note": ("note", ["<b>井盖松动</b><script>alert(1)</script>"]),
    "MATERIAL": (None, ["铸铁", "复合材料"]),
    "Picture": (None, ["IMG_20260411_093312.jpg"]),
    "X": ("longitude", ["104.7412345"]),
    "Y": ("latitude", ["31.4623456"]),
    "普查员姓名": (None, ["王建国", "李丽"]),
}
VALUES = [
    ("雨水井盖", 61_204, "0106", 0.99), ("污水井盖", 38_118, "0105", 0.99), ("路灯", 44_907, "0120", 0.99),
    ("行道树", 71_553, "0301", 0.99), ("公交站亭", 1_204, "0213", 0.99), ("雨篦子(个)", 12_880, "0107", 0.85),
    ("消防栓", 1_901, "0124", 0.72), ("电箱", 650, None, 0.0),
]  # fmt: skip
NAMES = {
    "0105": "污水井盖", "0106": "雨水井盖", "0107": "雨水箅子", "0120": "路灯", "0124": "消防设施", "0213": "公交站亭",
    "0301": "行道树",
}  # fmt: skip
REFUSING = {
    "rule": "duplicate_code", "severity": "error", "feature": 8_812,
    "message": "code 5107030124000001 stands twice: features 8,812 and 8,813",
    "message_zh": "编码 5107030124000001 重复：第 8,812、8,813 个要素", "hint": "keep one", "hint_zh": "请保留其一",
}  # fmt: skip
TOTALS = [
    ("duplicate_code", "error", 3, "文件内编码唯一", "Codes are unique in the file"),
    ("outside_city", "error", 2, "位于本市范围内", "It lies in the city"),
    ("same_place", "warning", 1_486, "同类部件不在同一位置", "No two of a subclass share a place"),
    ("grid_disagrees", "warning", 211, "所填单元网格与位置一致", "The grid that the row names contains it"),
    ("repaired_shape", "repaired", 12, "几何有效", "Shapes are valid"),
    ("all_same_date", "note", 1, "日期有变化", "Dates differ"),
]
AREAS = [{"code": f"51070300{n}", "name_zh": f"第{n}街道", "name_en": f"Subdistrict {n}"} for n in range(1, 9)]
CHANGES = {"added": 1_204, "changed": 3_318, "unchanged": 227_402, "gone": 486, "ambiguous": 7, "rejected": 0}


def encoding() -> dict[str, Any]:
    candidates = [
        ("gb18030", 0.98, ["雨水井盖", "临园路东段", "涪城区住建局"]),
        ("big5", 0.02, ["迾阨噩裔", "鎘埶繚", "腺傑"]),
        ("windows-1252", 0.0, ["ÓêË®¾®¸Ç", "ÁÙÔ°Â·", "¸¢³Ç"]),
    ]
    return {
        "chosen": "gb18030", "confidence": 0.98, "declared": "utf-8", "declared_by": ".cpg", "contradicted": True,
        "candidates": [{"encoding": name, "confidence": sure, "samples": texts} for name, sure, texts in candidates],
        "note": "The .cpg says UTF-8, but the bytes are GB18030.",
        "note_zh": ".cpg 声明为 UTF-8，但按字节判断为 GB18030（GBK）。",
    }  # fmt: skip


def whereabouts(proved: bool) -> dict[str, Any]:
    declared = {
        "wkt": "PROJCRS[…]", "name": "CGCS2000_3_Degree_GK_CM_105E", "epsg": 4544, "confidence": 1.0,
        "note": "", "note_zh": "",
    }  # fmt: skip
    nothing = {"wkt": None, "name": "", "epsg": None, "confidence": 0.0, "note": "the file does not say its coordinate "
               "system", "note_zh": "文件没有说明坐标系"}  # fmt: skip
    proposals = [
        ("EPSG:4544", "", 0.9996, 31.0, "CGCS2000 / 3-degree Gauss-Kruger CM 105E (EPSG:4544)",
         "CGCS2000 三度带 中央经线105°（EPSG:4544）"),
        ("EPSG:2370", "", 0.9989, 118.0, "Xian 1980 / 3-degree Gauss-Kruger CM 105E (EPSG:2370)",
         "西安80 三度带 中央经线105°（EPSG:2370）"),
        ("EPSG:2422", "", 0.9984, 140.0, "Beijing 1954 / 3-degree Gauss-Kruger CM 105E (EPSG:2422)",
         "北京54 三度带 中央经线105°（EPSG:2422）"),
    ]  # fmt: skip
    return {
        "declared": declared if proved else nothing, "proved": proved, "share_inside": 0.9996 if proved else 0.0,
        "proposals": [
            {"crs": crs, "turn": turn, "share_inside": inside, "distance": away, "title": en, "title_zh": zh}
            for crs, turn, inside, away, en, zh in proposals[: 1 if proved else 3]
        ],
        "note": "" if proved else "it says no coordinate system; three fit",
        "note_zh": "" if proved else "没有声明坐标系，有三种坐标系与数据相符",
    }  # fmt: skip


def layer(proved: bool = True) -> dict[str, Any]:
    fields = [
        {"name": name, "type": "text", "width": 60, "examples": seen, "empty": 0 if seen else ROWS}
        for name, (_, seen) in COLUMNS.items()
    ]
    return {
        "name": "部件普查_涪城区", "path": "成果/部件普查_涪城区.shp", "count": ROWS, "geometry_types": {"Point": ROWS},
        "fields": fields, "crs": "…", "encoding": encoding(), "bounds": BOUNDS, "sample": [],
        "coordinate_columns": None, "whereabouts": whereabouts(proved),
    }  # fmt: skip


def batch(**given: Any) -> dict[str, Any]:
    return {
        "id": 7, "layer": "", "target": "", "file_name": FILE, "sha256": "0" * 64, "state": "inspected", "counts": {},
        "staged_at": "2026-06-30T09:12:44+08:00", "promoted_at": None, "ended_at": None, "kind": "file",
        "who": "陈晓燕", "definition": {}, "scope": {}, "gone": "keep", "work": {}, "error": "", "error_zh": "",
        "inspection": {"file_name": FILE, "kind": "shapefile", "layers": [layer()], "photos": [], "notes": []}, **given,
    }  # fmt: skip


def checked(refusals: int = 0, **given: Any) -> dict[str, Any]:
    counts = {
        "read": ROWS, "findings": {"error": refusals, "warning": 1_697, "repaired": 12, "note": 1},
        "refusals": refusals, "set_aside": 0, "changes": CHANGES, "refusing": REFUSING if refusals else None,
    }  # fmt: skip
    definition = {"target": "components", "source_layers": ["部件普查_涪城区"], "fields": {"code": "ObjID"}}
    scope = {"kind": "subdistrict", "areas": ["510703001", "510703002"], "subclasses": list(NAMES)}
    known = {"state": "checked", "counts": counts, "layer": "components", "target": "components"}
    return batch(**{**known, "definition": definition, "scope": scope, "gone": "retire", **given})


def promoted(**given: Any) -> dict[str, Any]:
    counts = {
        "read": ROWS, "added": 1_204, "changed": 3_318, "unchanged": 227_402, "retired": 486, "gone": 486,
        "ambiguous": 7, "set_aside": 0, "issued": 88, "draft": None, "areas": 0, "findings": {"warning": 1_697},
        "changes": CHANGES,
    }  # fmt: skip
    return checked(**{"state": "promoted", "counts": counts, "promoted_at": "2026-06-30T10:02:00+08:00", **given})


def rolled_back() -> dict[str, Any]:
    counts = {"removed": 1_204, "restored": 3_804}
    return promoted(state="rolled_back", ended_at="2026-06-30T11:00:00+08:00", counts=counts)


def history() -> list[dict[str, Any]]:
    common = {"error": "", "error_zh": "", "work": {}, "kind": "file", "target": "components", "ended_at": None}
    one = checked(id=9, who="刘洋", staged_at="2026-07-02T16:40:00+08:00")
    refused = {
        "id": 6, "file_name": "游仙区部件补测.shp", "state": "refused", "counts": {"read": 812},
        "error": "the file has no .dbf", "error_zh": "压缩包缺少 .dbf 文件",
        "who": "陈晓燕", "staged_at": "2026-06-12T08:00:00+08:00", "promoted_at": None,
    }  # fmt: skip
    lost = {
        "id": 5, "file_name": "单元网格_2026.gpkg", "state": "inspected", "counts": {}, "target": "unit_grid",
        "work": {"step": "check", "state": "lost"}, "who": "赵强", "staged_at": "2026-06-11T08:00:00+08:00",
        "promoted_at": None,
    }  # fmt: skip
    return [one, promoted(), {**common, **refused}, {**common, **lost}]


def suggestion() -> dict[str, Any]:
    fields = [
        {"target": target, "source": name, "confidence": 0.98 if target != "position" else 0.71,
         "reason": "a name of GB/T 30428.2; the values look like it", "reason_zh": "GB/T 30428.2 字段名；取值相符"}
        for name, (target, _) in COLUMNS.items() if target
    ]  # fmt: skip
    values = [
        {"value": value, "count": count, "code": code, "confidence": sure,
         "reason": "its Chinese name" if code else "nothing is called so",
         "reason_zh": "小类名称" if code else "没有这样的名称"}
        for value, count, code, sure in VALUES
    ]  # fmt: skip
    profile = {"name": "涪城区年度普查", "exact": True, "overlap": 1.0, "missing": [], "definition": {
        "fields": {"code": "ObjID"}, "constants": {}, "values": {}, "to_point": False, "set_aside": []}}  # fmt: skip
    return {
        "fields": fields,
        "values": {"subclass_name": values},
        "counted": ROWS,
        "whole": True,
        "profiles": [profile],
        "ignored": [],
        "as_exported": False,
    }


def rejected() -> dict[str, Any]:
    row = {
        "code": None, "layer": "部件普查_涪城区", "feature": 12, "reason": "near several components",
        "row": {"subclass_code": "0106"},
    }  # fmt: skip
    return {"total": 1, "rejected": [row]}


def findings(query: dict[str, list[str]]) -> dict[str, Any]:
    totals = [
        {"rule": rule, "severity": severity, "count": count, "title": en, "title_zh": zh}
        for rule, severity, count, zh, en in TOTALS
    ]
    wanted = [one for one in totals if all(one[key] in query.get(key, [one[key]]) for key in ("severity", "rule"))]
    total = sum(int(str(one["count"])) for one in wanted)
    offset, limit = int(query["offset"][0]), int(query["limit"][0])
    rows = [
        {
            "rule": one["rule"], "severity": one["severity"], "layer": "部件普查_涪城区", "feature": 8_000 + n,
            "code": f"510703{106 + n % 5:04d}{n:06d}",
            "message": "0106 stands 0.3 m from feature 8,813 of the same subclass",
            "message_zh": "与第 8,813 个要素（同为 0106 雨水井盖）相距 0.3 米",
            "hint": "see which of them is there", "hint_zh": "请核实是否为同一部件",
            "geometry": {"type": "Point", "coordinates": [WEST + 0.002 * n, SOUTH + 0.05]} if n % 4 else None,
        }
        for n in range(offset, min(offset + limit, total)) for one in [wanted[n % len(wanted)]]
    ]  # fmt: skip
    return {"total": total, "totals": totals, "findings": rows}


def changes(query: dict[str, list[str]]) -> dict[str, Any]:
    action = query.get("action", ["changed"])[0]
    offset, limit = int(query["offset"][0]), int(query["limit"][0])
    rows = [
        {
            "action": action, "code": f"5107030106{n:06d}", "subclass_code": "0106",
            "fields": ["position", "state", "attributes.MATERIAL", "geometry"][: 1 + n % 4],
            "moved_m": 0.42 * n if n % 4 == 3 else 0.0, "lon": WEST + 0.002 * n, "lat": SOUTH + 0.06,
        }
        for n in range(offset, min(offset + limit, CHANGES[action]))
    ]  # fmt: skip
    return {"totals": CHANGES, "total": CHANGES[action], "changes": rows}


def features(query: dict[str, list[str]]) -> dict[str, Any]:
    cells = int(query["zoom"][0]) < 14
    return {"type": "FeatureCollection", "cells": cells, "features": _cells() if cells else _rows()}


def _cells() -> list[dict[str, Any]]:
    def counts(x: int, y: int) -> dict[str, int]:
        return {
            "unchanged": 900 * x * y, "changed": 10 * x, "gone": max(0, y - 4) * 7, "none": 900, "warning": 3 * x * y,
            "error": max(0, x - 8),
        }  # fmt: skip

    return [
        _point(WEST + 0.02 * x, SOUTH + 0.02 * y, {"count": 20 + 977 * x * y, "counts": counts(x, y)})
        for x in range(1, 10)
        for y in range(1, 8)
    ]


def _rows() -> list[dict[str, Any]]:
    actions, severities = list(CHANGES), ["none", "warning", "error", "repaired", "note"]
    return [
        _point(
            WEST + 0.0008 * x,
            SOUTH + 0.05 + 0.0008 * y,
            {
                "action": actions[(x * y) % 6], "severity": severities[(x + y) % 5], "subclass_code": "0106",
                "code": f"51070301060{x:02d}{y:02d}", "feature": x * 20 + y,
            },
        )
        for x in range(30)
        for y in range(20)
    ]  # fmt: skip


def _point(lon: float, lat: float, properties: dict[str, Any]) -> dict[str, Any]:
    geometry = {"type": "Point", "coordinates": [lon, lat]}
    return {"type": "Feature", "properties": properties, "geometry": geometry}
