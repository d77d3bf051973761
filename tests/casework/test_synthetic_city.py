"""The synthetic city, loaded as a user would, against the truth that was planted with it."""

import csv
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gridsvc import resources
from gridsvc.casework.matrix_checking import check_matrix
from gridsvc.casework.replaying import replay
from gridsvc.casework.simulate import simulate
from gridsvc.cli.city_folder import read_city_folder
from gridsvc.cli.load import initialise, load_city
from gridsvc.config import Settings
from gridsvc.domain.explaining import in_words
from gridsvc.localdb import Addresses
from gridsvc.store import casework, channels
from gridsvc.store.casework import ReportFilter
from gridsvc.store.city import the_city
from gridsvc.store.connection import Connection, connect
from gridsvc.store.rows import dicts
from tests.casework.truth import decided, differences
from tests.database import as_service

REASONS = {
    "accuracy_ambiguous_district": "ambiguous", "accuracy_ambiguous_subdistrict": "ambiguous",
    "component_twins": "ambiguous", "contradiction": "contradiction", "gap": "gap", "no_location": "no_location",
    "nobody": "nobody", "outside": "outside", "overlap": "overlap", "unmapped": "unmapped",
}  # fmt: skip
"""Situations that a person must decide, and why."""
AUTOMATIC = (
    "plain", "category", "area_duty_district", "area_duty_subdistrict", "area_duty_responsibility_grid", "lane_self",
    "lane_enforcement", "lane_by_area", "rule_three_levels", "rule_priority", "rule_expired",
    "rule_subclass_before_class", "hole_filled", "edge", "edge_outer", "corner", "accuracy_harmless",
    "component_matched", "component_named", "component_removed", "no_component", "maintainer_off_platform",
    "owner_off_platform", "owner_unknown", "foreign_owner", "component_twin_named",
)  # fmt: skip


@pytest.fixture(scope="module")
def loaded(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Connection, Path]]:
    folder = tmp_path_factory.mktemp("synthetic") / "city"
    script = resources.folder("geodata") / "make_city.py"
    size = ["--components", "5000", "--unit-grids", "300", "--reports", "2000", "--seed", "7"]
    subprocess.run([sys.executable, str(script), str(folder), *size], check=True, capture_output=True)
    city = read_city_folder(folder)
    initialise(city.city, Addresses(admin_url=database, database_url=as_service(database)))
    with connect(database) as conn:
        load_city(conn, city, Settings(data_folder=tmp_path_factory.mktemp("data")), lambda *_: None)
        yield conn, folder


def test_every_report_is_located_and_decided_as_planted(loaded: tuple[Connection, Path]) -> None:
    seen: Counter[str] = Counter()
    wrong: Counter[tuple[str, str, str, str]] = Counter()
    for row, truth in decided(*loaded):
        seen[truth["case"]] += 1
        for column, (planted, found) in differences(row, truth).items():
            wrong[truth["case"], column, planted, found] += 1
    assert wrong == Counter()
    assert set(seen) == {*AUTOMATIC, *REASONS}
    assert min(seen.values()) >= 9


def test_each_situation_is_decided_or_left_to_a_person(loaded: tuple[Connection, Path]) -> None:
    found: dict[str, set[str | None]] = {}
    for row, truth in decided(*loaded):
        found.setdefault(truth["case"], set()).add(row["manual_reason"])
        assert (row["lead"] is None) == (row["manual_reason"] is not None)
    assert found == {case: {reason} for case, reason in REASONS.items()} | {case: {None} for case in AUTOMATIC}


def test_a_simulation_with_the_same_rules_repeats_every_decision(loaded: tuple[Connection, Path]) -> None:
    conn, _ = loaded
    for channel in channels.channels(conn):
        stored = conn.execute(
            "SELECT manual_reason, count(*) FROM report WHERE channel = %s AND manual_reason IS NOT NULL GROUP BY 1",
            [channel],
        ).fetchall()
        assert simulate(conn, the_city(conn), channel, ReportFilter()).manual == dict(stored)


def planted(folder: Path) -> dict[str, list[dict[str, str]]]:
    """Rules of duty by subclass."""
    rules: dict[str, list[dict[str, str]]] = {}
    with (folder / "duties.csv").open(encoding="utf-8", newline="") as text:
        for row in csv.DictReader(text):
            rules.setdefault(row["subclass_code"] if row["kind"] == "event" else "", []).append(row)
    return rules


def test_the_faults_planted_in_the_matrix_are_found(loaded: tuple[Connection, Path]) -> None:
    conn, folder = loaded
    rules, found = planted(folder), check_matrix(conn, the_city(conn))
    of: dict[str, list[dict[str, Any]]] = {}
    for one in found.findings:
        of.setdefault(one["what"], []).append(one)
    first, *others = [rule["area_code"] for rule in rules["0306"] if rule["lead"].endswith("-ZJ")]
    (clash,) = of["contradiction"]
    assert {rule["name"] for rule in clash["rules"]} == {r["rule"] for r in rules["0306"] if r["area_code"] == first}
    assert clash["areas"] == [[{"kind": "district", "code": first}]]
    holes = {code["subclass_code"]: hole["areas"] for hole in of["hole"] for code in hole["subclasses"]}
    assert (holes.pop("0602"), holes["0604"]) == ([[{"kind": "district", "code": code}] for code in others], [])
    assert {code[:2] for code, areas in holes.items() if areas == []} == {code[:2] for code in holes} == {"06"}
    never = {one["rules"][0]["name"] for one in of["shadowed"]}
    assert never >= {
        rule["rule"]
        for rule in (*rules["0107"], *rules["0137"], *rules["0203"], *rules["0128"], *rules["0410"])
        if (rule["lane"] == "dispatched" and rule["subclass_code"] in ("0107", "0137"))
        or (rule["subclass_code"] == "0203" and rule["priority"] == "10")
        or (rule["subclass_code"] == "0128" and not rule["area_code"])
        or (rule["subclass_code"] == "0410" and rule["area_code"] != first)
    }
    assert {one["rules"][0]["name"] for one in of["over"]} == {rule["rule"] for rule in rules["0206"]}
    assert of.keys() == {"contradiction", "hole", "shadowed", "over"}


def test_every_decision_is_replayed_the_same_and_told_in_words(loaded: tuple[Connection, Path]) -> None:
    conn, _ = loaded
    told: Counter[str] = Counter()
    for (report,) in conn.execute("SELECT id FROM report ORDER BY id LIMIT 100").fetchall():
        told[str(replay(conn, the_city(conn), report).differs)] += 1
        found = casework.report_by_id(conn, report)
        assert found is not None
        words = in_words(found["explanation"], found)
        assert len(words["zh"]) == len(words["en"]) > 2
    assert told == {"{}": 100}


def test_gbk_surveys_came_in_whole(loaded: tuple[Connection, Path]) -> None:
    conn, _ = loaded
    ((count, classes, coded),) = conn.execute(
        "SELECT count(*), count(DISTINCT subclass_code), count(*) FILTER (WHERE component_code ~ '^5107[0-9]{12}$')"
        "  FROM component"
    ).fetchall()
    assert (count, classes, coded) == (5000, 124, 5000)
    named = dicts(conn, "departments")
    assert len(named) == 73
    assert any(department["name_zh"] == "市水利局" for department in named)
    ((misplaced,),) = conn.execute(
        "SELECT count(*) FROM component JOIN area ON area.id = ANY(area_ids) AND area.kind = 'unit_grid'"
        " WHERE area.code <> component.attributes ->> 'unit_grid'"
    ).fetchall()
    assert misplaced == 0
