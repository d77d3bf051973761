"""Texts of the grid desk, for the scripts of `/areas`: in Chinese and English. Texts of lists are those of imports."""

from gridsvc.web.area_draft_messages import DRAFT_TEXTS
from gridsvc.web.area_names import AREA_NAMES
from gridsvc.web.import_messages import TEXTS
from gridsvc.web.import_names import pairs_by_language

__all__ = ["AREA_NAMES", "AREA_TEXTS", "SHARED"]

SHARED = (
    "cancel", "download", "finding", "following", "legend", "loading", "map", "minutes", "no_answer", "no_map",
    "page_of", "pages", "previous", "seconds", "severity", "signed_out", "working_since", "zoom_in", "zoom_out",
)  # fmt: skip
"""Texts that the desk has in common with the imports."""

OWN = {
    "title": ("网格工作台", "Grid desk"),
    "parts": ("工作台", "Parts of the desk"),
    "tab_areas": ("区域", "Areas"),
    "tab_drafts": ("草案", "Drafts"),
    "tab_check": ("检查", "Check"),
    "tab_history": ("历史", "History"),
    "load_layer": ("载入图层文件", "Load a layer file"),
    # areas
    "choose": ("选择区域", "Choose areas"),
    "kind": ("类型", "Kind"),
    "kind_count": ("{kind}（{number}）", "{kind} ({number})"),
    "when": ("时间", "As of"),
    "when_is_now": ("现在", "Now"),
    "when_is_at": ("指定时间", "A time"),
    "when_is_revision": ("指定版本", "A revision"),
    "when_at": ("日期和时间", "Date and time"),
    "when_revision": ("版本", "Revision"),
    "revision_number": ("第 {revision} 版", "Revision {revision}"),
    "search": ("查找", "Search"),
    "search_hint": ("编码或名称", "Code or name"),
    "areas": ("区域", "Areas"),
    "areas_total": ("共 {total} 个", "Total: {total}"),
    "areas_none": ("没有符合条件的区域。", "There are no such areas."),
    "figures_today": (
        "部件、在办案件和人员只统计当前区划；已终止或尚未生效的区域显示“–”。",
        "Components, open cases and people are counted for the areas of today; others show “–”.",
    ),
    "code": ("编码", "Code"),
    "name": ("名称", "Name"),
    "m2": ("面积（m²）", "Size (m²)"),
    "components": ("部件", "Components"),
    "open_cases": ("在办案件", "Open cases"),
    "people": ("人员", "People"),
    "sort_by": ("按“{column}”排序", "Sort by {column}"),
    "choose_page": ("选择本页全部区域", "Choose all on this page"),
    "choose_area": ("选择 {area}", "Choose {area}"),
    "unchoose_area": ("取消选择 {area}", "Do not choose {area}"),
    "choose_several": ("多选", "Choose several"),
    "choose_several_how": (
        "开启后点击地图即选择区域；也可按住 Shift 或 Ctrl 点击",
        "Pressing areas on the map chooses them; or hold Shift or Ctrl",
    ),
    "chosen_none": (
        "在列表中勾选，或在地图上按住 Shift（或打开“多选”）点击，选择要调整的区域。",
        "Tick areas in the list, or press them on the map with Shift held, to change them.",
    ),
    "chosen_total": ("已选 {number} 个：", "Chosen: {number}"),
    "choose_none": ("清除选择", "Choose none"),
    "and_more": ("另有 {number} 个", "{number} more"),
    "zoom_nearer": ("放大后显示此类区域", "Zoom in to see these areas"),
    "map_lacks": ("地图有部分内容未能读取，请稍后再试", "Part of the map could not be read; try again shortly"),
    # one area
    "back_to_list": ("← 返回列表", "← Back to the list"),
    "ended_now": ("已终止", "Not in force any more"),
    "not_then": ("该时间不存在", "Not there at that time"),
    "name_zh": ("中文名称", "Chinese name"),
    "name_en": ("英文名称", "English name"),
    "above": ("上级", "Lies in"),
    "valid_from": ("生效时间", "In force from"),
    "valid_to": ("终止时间", "Until"),
    "always": ("建库起", "The beginning"),
    "still": ("至今", "Still in force"),
    "revision": ("版本", "Revision"),
    "choose_it": ("选择此区域", "Choose this area"),
    "unchoose": ("取消选择", "Do not choose it"),
    "to_deeds": ("处理已选的 {number} 个区域", "Change what is chosen ({number})"),
    "roster": ("值守人员", "People on duty"),
    "roster_none": ("暂无人员。", "Nobody is on duty."),
    "roster_complete": ("岗位齐全。", "All posts are filled."),
    "missing": ("缺少：{posts}", "Missing: {posts}"),
    "surplus": ("超出：{posts}", "Too many: {posts}"),
    "gap": ("{post} {number} 人", "{post}: {number}"),
    "post_of": ("{post}（{service}）", "{post} ({service})"),
    "post": ("岗位", "Post"),
    "person": ("姓名", "Person"),
    "phone": ("电话", "Telephone"),
    "on_duty_from": ("上岗时间", "On duty from"),
    "line": ("沿革", "Before and after"),
    "came_from": ("承接自（{number}）", "Took over from ({number})"),
    "became": ("由以下区域承接（{number}）", "Taken over by ({number})"),
    "past": ("各版本", "Its revisions"),
    # check
    "check_what": (
        "检查现行区划：缝隙、重叠、越界、编码和上级有误等。不作更改。",
        "Gaps, overlaps, areas out of their parents, wrong codes and the like in what is in force. Nothing is changed.",
    ),
    "checking": ("正在检查……", "Checking…"),
    "check_found": ("检查结果", "Findings"),
    "check_total": ("{areas} 个区域中发现 {total} 处", "Findings: {total}, areas: {areas}"),
    "check_none": ("{areas} 个区域，未发现问题。", "Nothing was found wrong (areas: {areas})."),
    "check_all": ("全部", "All"),
    # deeds
    "deeds": ("调整", "Change areas"),
    "deeds_now_only": (
        "正在查看其他时间的区划；调整只能从当前区划开始。",
        "You look at another time; changes begin from now.",
    ),
    "choose_one_first": ("请先选择区域", "Choose an area first"),
    "choose_two_first": ("请先选择两个以上区域", "Choose two areas or more first"),
    "about_merge": ("将选中的相邻区域合并为一个。", "Makes one area of those chosen, which touch."),
    "about_split": (
        "按面积、部件数或上报数均衡拆分；有单元网格时，各部分由完整的单元网格组成。",
        "Divides into balanced parts, of whole unit grids where these cover the area.",
    ),
    "about_retire": ("终止选中的区域，没有承接者。", "Ends the areas chosen; nothing takes their place."),
    "about_draw": (
        "在上级区域内重新绘制网格，先沿道路、河流等线切分，不穿过部件和建筑；原有网格终止。",
        "Draws the grids anew, along streets where given, around components and buildings; those there now end.",
    ),
    "about_renumber": (
        "自西向东、自北向南重新编码；用过的编码不再使用。",
        "New codes from west to east, then north to south; used codes do not come back.",
    ),
    "about_realign": (
        "将边界移到另一类区域的边界上；超出容差的逐条列出。",
        "Moves borders onto those of another kind; what lies too far off is listed.",
    ),
    "new_code": ("新编码（可不填）", "New code (optional)"),
    "new_name": ("新名称（可不填）", "New name (optional)"),
    "split_parts": ("份数", "Parts"),
    "split_into": ("拆分为", "Into"),
    "in_place": ("同类区域（取代原区域）", "Areas of the same kind, in its place"),
    "split_by": ("均衡依据", "Balanced by"),
    "split_all": (
        "未选择区域：全部 {number} 个{kind}都将拆分。",
        "None is chosen: all of them ({kind}: {number}) are split.",
    ),
    "draw_kind": ("绘制", "Draw"),
    "draw_target": ("目标面积（m²）", "Size of each, about (m²)"),
    "draw_lines": ("道路、河流等线（GeoJSON，可不选）", "Streets, rivers (GeoJSON lines, optional)"),
    "draw_buildings": ("不可穿过的建筑（GeoJSON，可不选）", "Buildings to keep whole (GeoJSON polygons, optional)"),
    "choose_file": ("选择文件", "Choose a file"),
    "no_file": ("未选择", "None chosen"),
    "in_all": ("范围：全部{kind}（{number} 个）。", "Where: everywhere ({kind}: {number})."),
    "in_those_above": ("范围：所选区域所在的{kind}。", "Where: in what the chosen areas lie in ({kind})."),
    "in_chosen": ("范围：所选{kind}（{number} 个）。", "Where: in those chosen ({kind}: {number})."),
    "realign_to": ("对齐到", "Onto the borders of"),
    "realign_tolerance": ("容差（m）", "Edges may move by (m)"),
    "realign_all": ("范围：全部{kind}（{number} 个）。", "Which: all of them ({kind}: {number})."),
    "not_geojson": ("{file} 不是 GeoJSON 文件。", "{file} is not a GeoJSON file."),
    "make_draft": ("生成草案", "Make the draft"),
    "draft_only": ("只生成草案，现行区划不变。", "Only a draft: what is in force stays as it is."),
    "making_draft": ("正在生成草案……", "Making the draft…"),
}
"""Chinese and English."""

_OWN = pairs_by_language({**OWN, **DRAFT_TEXTS})
AREA_TEXTS = {lang: {**{key: TEXTS[lang][key] for key in SHARED}, **own} for lang, own in _OWN.items()}
