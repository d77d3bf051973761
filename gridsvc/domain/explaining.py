"""Why a decision is as it is, in sentences that anybody can check: Chinese and English, step by step."""

from collections.abc import Iterator, Mapping
from typing import Any

from gridsvc.domain.duties import LANES
from gridsvc.domain.duty_words import Names

Told = Mapping[str, Any]
Pair = tuple[str, str]
"""Chinese and English."""
ABOUT = "component "
"""How an option begins that is a component."""
KINDS = {"component": ("部件", "component"), "event": ("事件", "event")}
REASONS = {
    "unmapped": ("问题类别未对应到目录", "what it is about is not mapped to the catalogue"),
    "no_location": ("没有位置", "it has no place"),
    "outside": ("位置在全部区域之外", "its place is outside every area"),
    "gap": ("位置处于区域空隙", "its place lies in a gap between areas"),
    "overlap": ("位置处于重叠区域", "its place lies where areas overlap"),
    "contradiction": ("同级规则相互矛盾", "rules of the same rank disagree"),
    "nobody": ("没有适用的职责规则", "no rule of duty applies"),
    "ambiguous": ("有多个可能的答案", "more than one answer is possible"),
    "retired": ("规则指定的部门已撤销", "the department that the rule names has retired"),
}
"""Why a person has to decide."""
IF = {"outside": ("若归入最近的区域", "If the nearest areas had it")}
"""Under what condition the proposal would be decided, where it is not that the areas were in order."""
ROLES = {
    "component:maintainer": ("养护单位", "its maintainer"),
    "component:owner": ("权属单位", "its owner"),
    "component:authority": ("主管部门", "its authority"),
    "component:fallback": ("兜底部门，因权属不明", "the fallback department, since its owner is not known"),
}


def in_words(explanation: Told, revisions: Told | None = None, names: Names | None = None) -> dict[str, list[str]]:
    """Sentences by language. `revisions`: area_revision, duty_revision and inventory_batch of the decision.

    `names`: of departments, subclasses and kinds of area; without them their codes stand alone.
    """
    names = names or Names()
    pairs = [
        *_subject(explanation, names),
        *_areas(explanation, names),
        *_accuracy(explanation, names),
        *_lane(explanation, names),
        *_component(explanation),
        *_outcome(explanation, names),
        *_revisions(revisions),
    ]
    return {"zh": [zh for zh, _ in pairs], "en": [en for _, en in pairs]}


def _subject(told: Told, names: Names) -> Iterator[Pair]:
    category = told.get("category")
    if told.get("kind") and told.get("subclass_code"):
        zh, en = KINDS.get(told["kind"], (told["kind"], told["kind"]))
        by_zh, by_en = (
            (f"，由渠道类别“{category}”对应", f", by the channel's category {category}") if category else ("", "")
        )
        about_zh, about_en = (names.subclass(told["kind"], told["subclass_code"], place) for place in (0, 1))
        yield f"问题：{zh} {about_zh}{by_zh}。", f"Problem: {en} {about_en}{by_en}."
    elif category:
        yield (
            f"渠道类别“{category}”尚未对应到目录。",
            f"The channel's category {category} is not mapped to the catalogue.",
        )


def _areas(told: Told, names: Names) -> Iterator[Pair]:
    for area in told.get("areas", ()):
        kind_zh, kind_en = names.kind(area["kind"])
        name_zh, name_en = (f"{area['code']} {area[name]}".strip() for name in ("name_zh", "name_en"))
        if area["on_boundary"]:
            yield (
                f"位置在 {kind_zh} {name_zh} 的边界上（1 毫米以内），按编码最小者归属。",
                f"On the edge of {kind_en} {name_en} (within 1 mm): the lowest code has it.",
            )
        else:
            metres = f"{area['edge_distance_m']:.1f}"
            yield (
                f"位于 {kind_zh} {name_zh}，距边界 {metres} 米。",
                f"In {kind_en} {name_en}, {metres} m from its edge.",
            )
        if area["overlap"]:
            yield f"该处另有 {kind_zh} 与之重叠。", f"Another {kind_en} overlaps it there."
    for near in told.get("outside", ()):
        yield _outside(near, names)


def _outside(near: Told, names: Names) -> Pair:
    kind_zh, kind_en = names.kind(near["kind"])
    if near["nearest_code"] is None:
        return f"不在任何 {kind_zh} 内。", f"In no {kind_en}."
    zh, en = (f"{near['nearest_code']} {near[name]}".strip() for name in ("name_zh", "name_en"))
    metres = f"{near['distance_m']:.1f}"
    return (
        f"不在任何 {kind_zh} 内，最近的是 {zh}，相距 {metres} 米。",
        f"In no {kind_en}; the nearest is {en}, {metres} m away.",
    )


def _accuracy(told: Told, names: Names) -> Iterator[Pair]:
    accuracy, elsewhere = told.get("accuracy_m"), told.get("elsewhere") or ()
    if accuracy is None or not elsewhere:
        return
    places_zh, places_en = (
        " / ".join(", ".join(names.area(kind, code, place) for kind, code in areas.items()) for areas in elsewhere)
        for place in (0, 1)
    )
    yield (
        f"定位精度 {accuracy:g} 米大于到边界的距离，也可能位于：{places_zh}。",
        f"The place may be off by {accuracy:g} m, farther than the edge is; it may also lie in: {places_en}.",
    )
    other = told.get("other")
    if other:
        yield _another(other, names)


def _another(other: Told, names: Names) -> Pair:
    """What would be decided at one of those places."""
    lane_zh, lane_en = LANES.get(other["lane"], ("–", "–"))
    if other["lead"] is None:
        reason_zh, reason_en = REASONS.get(other["manual_reason"], ("–", "–"))
        return f"若在该处，则{reason_zh}，答案不同。", f"There {reason_en}, which is another answer."
    lead_zh, lead_en = (names.department(other["lead"], place) for place in (0, 1))
    return (
        f"若在该处，则由 {lead_zh} 负责（{lane_zh}），答案不同。",
        f"There {lead_en} would be responsible (lane {lane_en}), which is another answer.",
    )


def _lane(told: Told, names: Names) -> Iterator[Pair]:
    lane = told.get("lane")
    if not lane:
        return
    zh, en = LANES[lane["lane"]]
    if lane["rule"]:
        rule_zh, rule_en = _rule(lane["rule"], names)
        yield f"处置方式：{zh}，依据{rule_zh}。", f"Lane: {en}, by {rule_en}."
    else:
        yield f"处置方式：{zh}，没有专门规则。", f"Lane: {en}, since no rule of lanes is about it."


def _component(told: Told) -> Iterator[Pair]:
    match = told.get("component")
    if not match:
        return
    found, radius = match["found"], f"{match['radius_m']:.1f}"
    if not found:
        yield f"{radius} 米范围内没有该类部件。", f"No such component stands within {radius} m."
        return
    best, *others = found
    code_zh, code_en = _code(best)
    named = match.get("named") is not None and match["named"] == best["component_code"]
    how_zh, how_en = ("上报指明", "named by the report") if named else ("最近", "the nearest")
    metres = f"{best['distance_m']:.1f}"
    yield f"部件 {code_zh}：{how_zh}，相距 {metres} 米。", f"Component {code_en}: {how_en}, {metres} m away."
    if others:
        other_zh, other_en = _code(others[0])
        metres = f"{others[0]['distance_m']:.1f}"
        yield f"其次为部件 {other_zh}，相距 {metres} 米。", f"Second: component {other_en}, {metres} m away."


def _code(component: Told) -> Pair:
    code = component["component_code"]
    return (code, code) if code else ("（无权查看）", "(not for you to see)")


def _outcome(told: Told, names: Names) -> Iterator[Pair]:
    reason = told.get("manual_reason")
    if reason:
        zh, en = REASONS.get(reason, (reason, reason))
        yield f"需人工处理：{zh}。", f"A person has to decide: {en}."
        proposal = told.get("proposal")
        if proposal and proposal["lead"]:
            lead_zh, lead_en = (names.department(proposal["lead"], place) for place in (0, 1))
            if_zh, if_en = IF.get(reason, ("若区域无误", "Were the areas in order"))
            yield f"{if_zh}，则由 {lead_zh} 牵头。", f"{if_en}, {lead_en} would lead."
        for option in told.get("proposals", ()):
            zh, en = _option(option, names)
            if reason == "nobody" and option.get("lane") in LANES:
                lane_zh, lane_en = LANES[option["lane"]]
                zh, en = f"{zh}（{lane_zh}）", f"{en} (lane {lane_en})"
            code = str(option["about"]).removeprefix(ABOUT) if option.get("distance_m") is not None else ""
            of_zh, of_en = (f"{code}，", f"{code}, ") if code and option.get("lead") else ("", "")
            yield f"可选：{of_zh}{zh}。", f"Proposed: {of_en}{en}."
        return
    for name, word in (("winner", ("采用", "Decided by")), ("runner_up", ("其次", "Runner-up"))):
        if told.get(name):
            zh, en = _option(told[name], names)
            yield f"{word[0]}：{zh}。", f"{word[1]}: {en}."


def _option(option: Told, names: Names) -> Pair:
    """A rule or a component that answers, and who leads by it."""
    lead_zh = lead_en = ""
    if option.get("lead"):
        lead_zh, lead_en = (names.department(option["lead"], place) for place in (0, 1))
        lead_zh, lead_en = f"，牵头 {lead_zh}", f", lead {lead_en}"
    role = ROLES.get(str(option.get("rule")))
    if role is not None:
        return f"部件的{role[0]}{lead_zh}", f"{role[1]}{lead_en}"
    if option.get("distance_m") is not None:
        return f"部件 {option['about'].removeprefix(ABOUT)}，无人负责", f"{option['about']}, for which nobody answers"
    zh, en = _rule(option, names) if "area" in option else _by_hand(option)
    return zh + lead_zh, en + lead_en


def _by_hand(option: Told) -> Pair:
    """At the manual desk, or where a case was split."""
    by, reason = option.get("by"), option.get("reason")
    why_zh, why_en = (f"（{reason}）", f" ({reason})") if reason else ("", "")
    return f"人工决定{f'，{by}' if by else ''}{why_zh}", f"a person{f', {by}' if by else ''}{why_en}"


def _rule(rule: Told, names: Names) -> Pair:
    name, (kind, _, code) = rule.get("name") or rule["rule"], rule["area"].partition(" ")
    area_zh, area_en = ("全市", "whole city") if rule["area"] == "whole city" else _area(kind, code, names)
    inherited = rule.get("inherited_from")
    from_zh, from_en = (f"，承接自 {inherited}", f", taken over from {inherited}") if inherited else ("", "")
    source_zh, source_en = (f"，{rule['source']}", f", {rule['source']}") if rule.get("source") else ("", "")
    return (
        f"规则 {name}（{rule['about']}，{area_zh}{from_zh}，优先级 {rule['priority']}{source_zh}）",
        f"rule {name} ({rule['about']}, {area_en}{from_en}, priority {rule['priority']}{source_en})",
    )


def _area(kind: str, code: str, names: Names) -> Pair:
    return names.area(kind, code, 0), names.area(kind, code, 1)


def _revisions(revisions: Told | None) -> Iterator[Pair]:
    if revisions:
        area, duty, batch = (revisions[name] for name in ("area_revision", "duty_revision", "inventory_batch"))
        yield (
            f"依据区划第 {area} 版、规则第 {duty} 版、部件批次 {batch}。",
            f"By revision {area} of the areas, revision {duty} of the rules, batch {batch} of the inventory.",
        )


def without_components(explanation: Told) -> dict[str, Any]:
    """For those who may not see the components: their distances stay, their codes and parties do not."""
    match = explanation.get("component")
    if not match:
        return dict(explanation)
    hidden = dict.fromkeys(("component_code", "authority", "owner", "maintainer"))
    found = [{**component, **hidden} for component in match["found"]]
    blank = {**match, "named": None, "matched": None, "found": found}
    options = {name: _hidden(explanation.get(name)) for name in ("winner", "runner_up")}
    proposals = [_hidden(option) for option in explanation.get("proposals", ())]
    proposal = None if match.get("matched") else explanation.get("proposal")
    return {**explanation, "component": blank, **options, "proposals": proposals, "proposal": proposal}


def _hidden(option: Told | None) -> Told | None:
    if option is None or not str(option.get("about", "")).startswith(ABOUT):
        return option
    return {**option, "about": ABOUT.strip(), "lead": None, "co_operating": [], "supervising": []}
