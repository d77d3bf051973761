"""Brute force over the files of the synthetic city confirms the planted answers."""

import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from tests.geodata.folder import FAULTY, KINDS, MILLIMETRE, SCRIPT, SIGMA, read_csv


def test_truth_has_a_row_per_report_and_every_situation(
    reports: list[dict[str, str]], truth: list[dict[str, str]]
) -> None:
    assert [r["external_id"] for r in reports] == [t["external_id"] for t in truth]
    assert len(truth) == 2000
    cases = Counter(t["case"] for t in truth)
    assert len(cases) == 36
    assert min(cases.values()) >= 5
    reasons = {t["manual_reason"] for t in truth} - {""}
    assert reasons == {
        "outside", "gap", "overlap", "nobody", "ambiguous", "contradiction", "unmapped", "no_location"
    }  # fmt: skip
    assert {t["lane"] for t in truth} == {"", "self", "dispatched", "enforcement"}
    assert len({r["channel"] for r in reports}) == 4


def found_areas(frame: gpd.GeoDataFrame, points: np.ndarray) -> tuple[list[str], list[int], np.ndarray]:
    """Lowest code within 1 mm per point, how many areas there are, and which points touch an edge."""
    codes, shapes = frame["CODE"].to_numpy(), frame.geometry.values
    lowest, count = [""] * len(points), [0] * len(points)
    edges = shapely.boundary(shapes)
    near = np.zeros(len(points), dtype=bool)
    for number, point in enumerate(points):
        if point.is_empty:
            continue
        hits = np.flatnonzero(shapely.dwithin(shapes, point, MILLIMETRE))
        count[number] = len(hits)
        lowest[number] = min(codes[hits], default="")
        near[number] = bool(shapely.dwithin(edges[hits], point, MILLIMETRE).any())
    return lowest, count, near


@pytest.mark.parametrize("kind", [*KINDS, *FAULTY])
def test_brute_force_finds_the_planted_areas(
    areas: dict[str, gpd.GeoDataFrame], points: np.ndarray, truth: list[dict[str, str]], kind: str
) -> None:
    lowest, count, near = found_areas(areas[kind], points)
    assert lowest == [t[kind] for t in truth]
    if kind == "unit_grid":
        assert near.tolist() == [t["boundary"] == "1" for t in truth]
        outside = [not n and not p.is_empty for n, p in zip(count, points, strict=True)]
        assert outside == [t["manual_reason"] == "outside" for t in truth]
    if kind == "patrol_grid":
        doubled = [n > 1 and not b for n, b in zip(count, near, strict=True)]
        assert doubled == [t["manual_reason"] == "overlap" for t in truth]
    if kind == "responsibility_grid":
        holes = [not n and t["unit_grid"] != "" for n, t in zip(count, truth, strict=True)]
        assert holes == [t["manual_reason"] == "gap" for t in truth]


def fits(
    components: gpd.GeoDataFrame, reports: list[dict[str, str]], points: np.ndarray
) -> Iterator[tuple[int, pd.DataFrame]]:
    """Reports of components, each with the live ones of the subclass within the radius, nearest first."""
    catalogue = {r["subclass_code"]: r for r in read_csv(SCRIPT.parent / "catalogue" / "components_124.csv")}
    live = components[~components["ObjState"].isin(["废弃", "移除"])]
    by_name = dict(iter(live.groupby("ObjName")))
    for number, report in enumerate(reports):
        if report["kind"] == "component":
            row = catalogue[report["subclass_code"]]
            pool = by_name[row["subclass_zh"]]
            distance = shapely.distance(pool.geometry.values, points[number])
            radius = 2 * SIGMA[row["accuracy_class"]] + float(report["accuracy_m"] or 0)
            near = pool.assign(distance=distance)[distance <= radius].sort_values("distance")
            yield number, near if not report["component_code"] else pool[pool["ObjID"] == report["component_code"]]


def test_brute_force_matches_the_planted_components(
    city: Path,
    components: gpd.GeoDataFrame,
    reports: list[dict[str, str]],
    truth: list[dict[str, str]],
    points: np.ndarray,
) -> None:
    works = {r["code"]: r["on_platform"] == "true" for r in read_csv(city / "departments.csv")}
    seen = 0
    for number, near in fits(components, reports, points):
        expected = truth[number]
        if expected["manual_reason"] == "ambiguous":
            assert len(near) > 1
            assert len(set(near["DeptCode2"].fillna(""))) > 1
            continue
        assert (near["ObjID"].iloc[0] if len(near) else "") == expected["component_code"], expected
        if len(near):
            seen += 1
            authority, owner, maintainer = near.iloc[0][["DeptCode1", "DeptCode2", "DeptCode3"]].fillna("")
            lead = next((d for d in (maintainer, owner) if d and works[d]), authority) if owner else "MY-CG"
            assert (expected["lead"], expected["supervising"]) == (lead, authority)
    assert seen > 100


def test_foreign_owners_answer_from_the_other_district(truth: list[dict[str, str]]) -> None:
    rows = [t for t in truth if t["case"] == "foreign_owner"]
    assert rows
    assert all(not t["lead"].startswith("MY" + t["district"][4:]) for t in rows)


def test_reports_near_an_edge_are_ambiguous_only_where_the_duty_differs(
    areas: dict[str, gpd.GeoDataFrame],
    reports: list[dict[str, str]],
    truth: list[dict[str, str]],
    points: np.ndarray,
) -> None:
    cells = areas["unit_grid"].set_index("CODE").geometry
    tree = shapely.STRtree(cells.values)
    for report, expected, point in zip(reports, truth, points, strict=True):
        accuracy = float(report["accuracy_m"] or 0)
        if not expected["unit_grid"] or report["kind"] == "component" or not accuracy:
            continue
        wide = len(tree.query(point, predicate="dwithin", distance=accuracy)) > 1
        assert wide == expected["case"].startswith("accuracy_")


def applying(
    rules: list[dict[str, str]], specificity: dict[str, int], subject: tuple[str, str], row: dict[str, str], day: str
) -> list[tuple[tuple[bool, int, int], dict[str, str]]]:
    """The rules that apply to a subject in these areas on this day, with their rank, best first."""
    kind, subclass = subject
    found = []
    for rule in rules:
        same = rule["kind"] == kind and rule["class_code"] == subclass[:2] and rule["subclass_code"] in ("", subclass)
        here = not rule["area_kind"] or row[rule["area_kind"]] == rule["area_code"]
        if same and here and rule["valid_from"] <= day <= (rule["valid_to"] or "9999"):
            level = specificity[rule["area_kind"]] if rule["area_kind"] else 0
            found.append(((bool(rule["subclass_code"]), level, int(rule["priority"])), rule))
    return sorted(found, key=lambda f: f[0], reverse=True)


def test_brute_force_over_the_rules_gives_the_planted_decision(
    city: Path, reports: list[dict[str, str]], truth: list[dict[str, str]]
) -> None:
    manifest = tomllib.loads((city / "city.toml").read_text(encoding="utf-8"))
    specificity = {kind["kind"]: kind["specificity"] for kind in manifest["area_kinds"]}
    taxonomy = {r["category"]: (r["kind"], r["subclass_code"]) for r in read_csv(city / "taxonomy.csv")}
    duties, lanes = read_csv(city / "duties.csv"), read_csv(city / "lanes.csv")
    seen: Counter[str] = Counter()
    for report, row in zip(reports, truth, strict=True):
        if row["component_code"] or row["manual_reason"] in ("unmapped", "no_location", "outside", "ambiguous"):
            continue
        subject = taxonomy[report["category"]] if report["category"] else (report["kind"], report["subclass_code"])
        day = report["reported_at"][:10]
        lane = next((r["lane"] for _, r in applying(lanes, specificity, subject, row, day)), "dispatched")
        best = [f for f in applying(duties, specificity, subject, row, day) if f[1]["lane"] == lane]
        top = [rule for rank, rule in best if rank == best[0][0]]
        seen[row["manual_reason"]] += 1
        assert row["lane"] == lane
        if len(top) == 1:
            assert (row["winning_rule"], row["lead"]) == (top[0]["rule"], top[0]["lead"])
            assert (row["co_operating"], row["supervising"]) == (top[0]["co_operating"], top[0]["supervising"])
            assert row["manual_reason"] in ("", "gap", "overlap")
        else:
            assert row["manual_reason"] == ("contradiction" if top else "nobody")
    assert min(seen[reason] for reason in ("", "gap", "overlap", "contradiction", "nobody")) >= 30
