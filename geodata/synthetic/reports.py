"""Reports from several channels, and beside each the planted truth."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer

from synthetic import duties, situations
from synthetic.areas import KINDS
from synthetic.extent import CITY_CRS
from synthetic.files import open_csv
from synthetic.judge import Truth, judge
from synthetic.situations import Draft, Maker, events_of, of_component, wide_accuracy
from synthetic.world import World

BLOCK = 20_000
DEGREES = 9  # decimals: a tenth of a millimetre
FIRST_DAY = dt.datetime(2025, 1, 1, 0, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))
DAYS = 365
HOTLINE = "12345-hotline"
CHANNELS = {  # share, names, whether reports arrive confirmed
    HOTLINE: (0.35, "12345热线", "12345 hotline", False),
    "inspector-app": (0.35, "采集员手机", "Inspector app", True),
    "vehicle-camera": (0.15, "车载视频", "Vehicle camera", False),
    "wechat": (0.15, "微信公众号", "WeChat", False),
}

# Situation: share in per mille, maker, manual-desk reason that it must lead to.
SITUATIONS: dict[str, tuple[int, Maker, str]] = {
    "plain": (180, situations.plain, ""),
    "area_duty_district": (90, events_of(*duties.BY_DISTRICT), ""),
    "area_duty_subdistrict": (60, events_of(*duties.BY_SUBDISTRICT), ""),
    "area_duty_responsibility_grid": (40, events_of(duties.BY_RESPONSIBILITY_GRID), ""),
    "category": (30, situations.category_mapped, ""),
    "lane_self": (30, events_of(*duties.SELF_HANDLED), ""),
    "lane_enforcement": (30, events_of(*duties.ENFORCED), ""),
    "lane_by_area": (20, events_of(duties.ENFORCED_IN_FIRST), ""),
    "rule_three_levels": (30, events_of(duties.THREE_LEVELS), ""),
    "rule_priority": (20, events_of(duties.TWO_PRIORITIES), ""),
    "rule_expired": (20, events_of(duties.EXPIRED, duties.NOT_YET), ""),
    "rule_subclass_before_class": (20, situations.class_rule_of_unit_grid, ""),
    "contradiction": (20, situations.contradiction, "contradiction"),
    "nobody": (20, situations.nobody, "nobody"),
    "hole_filled": (10, situations.hole_filled, ""),
    "unmapped": (15, situations.unmapped, "unmapped"),
    "no_location": (15, situations.no_location, "no_location"),
    "edge": (50, situations.on_edge, ""),
    "edge_outer": (15, situations.on_outer_edge, ""),
    "corner": (30, situations.on_corner, ""),
    "gap": (20, situations.in_gap, "gap"),
    "overlap": (20, situations.in_overlap, "overlap"),
    "outside": (20, situations.outside, "outside"),
    "accuracy_ambiguous_district": (15, wide_accuracy("district", tuple(duties.BY_DISTRICT)), "ambiguous"),
    "accuracy_ambiguous_subdistrict": (15, wide_accuracy("office", duties.BY_SUBDISTRICT), "ambiguous"),
    "accuracy_harmless": (20, wide_accuracy("subdistrict", ("0501", "0505", "0302")), ""),
    "component_matched": (40, of_component("component_matched"), ""),
    "component_named": (15, of_component("component_matched", named=True), ""),
    "maintainer_off_platform": (15, of_component("maintainer_off_platform"), ""),
    "owner_off_platform": (15, of_component("owner_off_platform"), ""),
    "foreign_owner": (20, of_component("foreign_owner"), ""),
    "owner_unknown": (20, of_component("owner_unknown"), ""),
    "component_removed": (10, of_component("component_removed"), ""),
    "component_twins": (10, of_component("component_twins"), "ambiguous"),
    "component_twin_named": (5, of_component("component_twins", named=True), ""),
    "no_component": (15, situations.no_component, ""),
}
REPORT_HEADER = (
    "external_id", "channel", "kind", "subclass_code", "category", "reported_at", "closed_at", "lon", "lat",
    "accuracy_m", "component_code", "address", "description",
)  # fmt: skip
TRUTH_HEADER = (
    "external_id", "case", *KINDS, "boundary", "outside", "lead", "co_operating", "supervising", "lane",
    "winning_rule", "manual_reason", "component_code",
)  # fmt: skip


def write_reports(folder: Path, world: World, total: int, seed: int) -> None:
    """Write reports.csv.gz and truth.csv, row by row the same reports."""
    to_degrees = Transformer.from_crs(CITY_CRS, "EPSG:4490", always_xy=True)
    with (
        open_csv(folder / "reports.csv.gz", REPORT_HEADER) as reports,
        open_csv(folder / "truth.csv", TRUTH_HEADER) as truths,
    ):
        for start in range(0, total, BLOCK):
            rng = np.random.default_rng([seed, 7, start])
            count = min(BLOCK, total - start)
            places, answers = _block(world, rng, to_degrees, start, count, total)
            reports.add(places)
            truths.add(answers)


def _drafts(world: World, rng: np.random.Generator, count: int) -> Iterator[tuple[str, Draft]]:
    shares = np.array([share for share, _, _ in SITUATIONS.values()], dtype=float)
    numbers = np.maximum(1, np.floor(shares / shares.sum() * count)).astype(int)
    numbers[0] += count - numbers.sum()
    if numbers[0] < 1:
        raise ValueError(f"{count} reports are too few for {len(SITUATIONS)} situations")
    for (name, (_, make, _)), number in zip(SITUATIONS.items(), numbers.tolist(), strict=True):
        for draft in make(world, rng, number):
            yield name, draft


def _block(
    world: World, rng: np.random.Generator, to_degrees: Transformer, start: int, count: int, total: int
) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    drafts = list(_drafts(world, rng, count))
    drafts = [drafts[i] for i in rng.permutation(len(drafts)).tolist()]
    channels = rng.choice(list(CHANNELS), count, p=[c[0] for c in CHANNELS.values()]).tolist()
    lon, lat = _degrees(to_degrees, [d for _, d in drafts])
    chance = rng.random((count, 2))
    reports, truths = [], []
    for i, (case, draft) in enumerate(drafts):
        number = start + i
        at = FIRST_DAY + dt.timedelta(seconds=int((number + chance[i, 0]) / total * DAYS * 86_400))
        name = f"SYN-{number + 1:08d}"
        closed = at + dt.timedelta(minutes=int(60 + chance[i, 1] * 9000)) if chance[i, 1] < 0.8 else None
        truth = _checked(case, judge(world, draft, at.date().isoformat()))
        channel = HOTLINE if draft.category else channels[i]
        reports.append(_report_row(world, draft, (name, channel), (at, closed), (lon[i], lat[i])))
        truths.append(_truth_row(world, draft, name, case, truth))
    return reports, truths


def _checked(case: str, truth: Truth) -> Truth:
    expected = SITUATIONS[case][2]
    if truth.outcome.reason != expected:
        raise ValueError(f"situation {case} should end in {expected!r} but ends in {truth.outcome.reason!r}")
    return truth


def _degrees(to_degrees: Transformer, drafts: list[Draft]) -> tuple[list[str], list[str]]:
    nowhere: NDArray[np.float64] = np.full(2, np.nan)
    xy = np.array([nowhere if d.xy is None else d.xy for d in drafts])
    lon, lat = to_degrees.transform(xy[:, 0], xy[:, 1])
    missing = np.isnan(xy[:, 0]).tolist()
    texts = ([f"{v:.{DEGREES}f}" for v in column.tolist()] for column in (lon, lat))
    lon_text, lat_text = (["" if m else t for m, t in zip(missing, text, strict=True)] for text in texts)
    return lon_text, lat_text


def _report_row(
    world: World,
    draft: Draft,
    identity: tuple[str, str],
    times: tuple[dt.datetime, dt.datetime | None],
    place: tuple[str, str],
) -> tuple[object, ...]:
    at, closed = times
    kind, subclass = ("", "") if draft.category else (draft.kind, draft.subclass)
    code = world.survey.codes[draft.component] if draft.named else ""
    words = world.names.get((draft.kind, draft.subclass), "其他诉求")
    return (
        *identity,
        kind,
        subclass,
        draft.category,
        at.isoformat(),
        closed.isoformat() if closed else "",
        *place,
        "" if draft.accuracy is None else f"{draft.accuracy:.1f}",
        code,
        _address(world, draft),
        f"{words}（合成数据）",
    )


def _address(world: World, draft: Draft) -> str:
    if not draft.cells:
        return "城区外" if draft.xy is not None else ""
    code = world.survey.areas.codes["community"][draft.cells[0]]
    return f"{world.community_names[code]}附近"


def _truth_row(world: World, draft: Draft, name: str, case: str, truth: Truth) -> tuple[object, ...]:
    outcome = truth.outcome
    component = world.survey.codes[draft.component] if draft.component >= 0 else ""
    return (
        name,
        case,
        *(truth.areas[kind] for kind in KINDS),
        int(truth.boundary),
        int(outcome.reason == "outside"),
        outcome.lead,
        outcome.co_operating,
        outcome.supervising,
        outcome.lane,
        outcome.rule,
        outcome.reason,
        component,
    )
