"""Why a decision is as it is, in sentences that anybody can check: Chinese and English, step by step."""

from collections.abc import Iterator, Mapping
from typing import Any

from gridsvc.domain.duty_words import LANE_NAMES

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
}
"""Why a person has to decide."""
ROLES = {
    "component:maintainer": ("养护单位", "its maintainer"),
    "component:owner": ("权属单位", "its owner"),
    "component:authority": ("主管部门", "its authority"),
    "component:fallback": ("兜底部门，因权属不明", "the fallback department, since its owner is not known"),
}


def in_words(explanation: Told, revisions: Told | None = None) -> dict[str, list[str]]:
    """Sentences by language. `revisions`: area_revision, duty_revision and inventory_batch of the decision."""
    pairs = [
        *_subject(explanation),
        *_areas(explanation),
        *_accuracy(explanation),
        *_lane(explanation),
        *_component(explanation),
        *_outcome(explanation),
        *_revisions(revisions),
    ]
    return {"zh": [zh for zh, _ in pairs], "en": [en for _, en in pairs]}


def _subject(told: Told) -> Iterator[Pair]:
    category = told.get("category")
    if told.get("kind") and told.get("subclass_code"):
        zh, en = KINDS.get(told["kind"], (told["kind"], told["kind"]))
        by_zh, by_en = (
            (f"，由渠道类别“{category}”对应", f", by the channel's category {category}") if category else ("", "")
        )
        yield f"问题：{zh} {told['subclass_code']}{by_zh}。", f"Problem: {en} {told['subclass_code']}{by_en}."
    elif category:
        yield (
            f"渠道类别“{category}”尚未对应到目录。",
            f"The channel's category {category} is not mapped to the catalogue.",
        )


def _areas(told: Told) -> Iterator[Pair]:
    for area in told.get("areas", ()):
        name_zh, name_en = (f"{area['kind']} {area['code']} {area[name]}".strip() for name in ("name_zh", "name_en"))
        if area["on_boundary"]:
            yield (
                f"位置在 {name_zh} 的边界上（1 毫米以内），按编码最小者归属。",
                f"On the edge of {name_en} (within 1 mm): the lowest code has it.",
            )
        else:
            metres = f"{area['edge_distance_m']:.1f}"
            yield f"位于 {name_zh}，距边界 {metres} 米。", f"In {name_en}, {metres} m from its edge."
        if area["overlap"]:
            yield f"该处另有 {area['kind']} 与之重叠。", f"Another {area['kind']} overlaps it there."
    for near in told.get("outside", ()):
        yield _outside(near)


def _outside(near: Told) -> Pair:
    if near["nearest_code"] is None:
        return f"不在任何 {near['kind']} 内。", f"In no {near['kind']}."
    zh, en = (f"{near['nearest_code']} {near[name]}".strip() for name in ("name_zh", "name_en"))
    metres = f"{near['distance_m']:.1f}"
    return (
        f"不在任何 {near['kind']} 内，最近的是 {zh}，相距 {metres} 米。",
        f"In no {near['kind']}; the nearest is {en}, {metres} m away.",
    )


def _accuracy(told: Told) -> Iterator[Pair]:
    accuracy, elsewhere = told.get("accuracy_m"), told.get("elsewhere") or ()
    if accuracy is None or not elsewhere:
        return
    places = " / ".join(", ".join(f"{kind} {code}" for kind, code in areas.items()) for areas in elsewhere)
    yield (
        f"定位精度 {accuracy:g} 米大于到边界的距离，也可能位于：{places}。",
        f"The place may be off by {accuracy:g} m, farther than the edge is; it may also lie in: {places}.",
    )
    other = told.get("other")
    if other:
        lead, lane = other["lead"] or "–", other["lane"] or "–"
        yield (
            f"若在该处，则由 {lead} 负责（处置方式 {lane}），答案不同。",
            f"There {lead} would be responsible (lane {lane}), which is another answer.",
        )


def _lane(told: Told) -> Iterator[Pair]:
    lane = told.get("lane")
    if not lane:
        return
    zh, en = LANE_NAMES[lane["lane"]]
    if lane["rule"]:
        rule_zh, rule_en = _rule(lane["rule"])
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


def _outcome(told: Told) -> Iterator[Pair]:
    reason = told.get("manual_reason")
    if reason:
        zh, en = REASONS.get(reason, (reason, reason))
        yield f"需人工处理：{zh}。", f"A person has to decide: {en}."
        proposal = told.get("proposal")
        if proposal and proposal["lead"]:
            yield (
                f"若区域无误，则由 {proposal['lead']} 牵头。",
                f"Were the areas in order, {proposal['lead']} would lead.",
            )
        for option in told.get("proposals", ()):
            zh, en = _option(option)
            yield f"可选：{zh}。", f"Proposed: {en}."
        return
    for name, word in (("winner", ("采用", "Decided by")), ("runner_up", ("其次", "Runner-up"))):
        if told.get(name):
            zh, en = _option(told[name])
            yield f"{word[0]}：{zh}。", f"{word[1]}: {en}."


def _option(option: Told) -> Pair:
    """A rule or a component that answers, and who leads by it."""
    lead_zh, lead_en = (f"，牵头 {option['lead']}", f", lead {option['lead']}") if option.get("lead") else ("", "")
    role = ROLES.get(str(option.get("rule")))
    if role is not None:
        return f"部件的{role[0]}{lead_zh}", f"{role[1]}{lead_en}"
    if option.get("distance_m") is not None:
        return f"部件 {option['about'].removeprefix(ABOUT)}，无人负责", f"{option['about']}, for which nobody answers"
    zh, en = _rule(option)
    return zh + lead_zh, en + lead_en


def _rule(rule: Told) -> Pair:
    name, area = rule.get("name") or rule["rule"], rule["area"]
    inherited = rule.get("inherited_from")
    from_zh, from_en = (f"，承接自 {inherited}", f", taken over from {inherited}") if inherited else ("", "")
    source_zh, source_en = (f"，{rule['source']}", f", {rule['source']}") if rule.get("source") else ("", "")
    area_zh = "全市" if area == "whole city" else area
    return (
        f"规则 {name}（{rule['about']}，{area_zh}{from_zh}，优先级 {rule['priority']}{source_zh}）",
        f"rule {name} ({rule['about']}, {area}{from_en}, priority {rule['priority']}{source_en})",
    )


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
    proposal = None if match["matched"] else explanation.get("proposal")
    return {**explanation, "component": blank, **options, "proposals": proposals, "proposal": proposal}


def _hidden(option: Told | None) -> Told | None:
    if option is None or not str(option.get("about", "")).startswith(ABOUT):
        return option
    return {**option, "about": ABOUT.strip(), "lead": None, "co_operating": [], "supervising": []}
