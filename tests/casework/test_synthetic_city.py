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
from gridsvc.cli.city_folder import read_city_folder
from gridsvc.cli.load import initialise, load_city
from gridsvc.config import Settings
from gridsvc.localdb import Addresses
from gridsvc.store.connection import Connection, connect
from gridsvc.store.rows import dicts
from tests.database import as_service

KINDS = (
    "district", "subdistrict", "community", "unit_grid", "community_grid", "responsibility_grid", "sub_grid",
    "patrol_grid",
)  # fmt: skip
BY_AREA_AND_RULE = (
    "plain", "category", "area_duty_district", "area_duty_subdistrict", "area_duty_responsibility_grid",
    "rule_three_levels", "rule_priority", "rule_expired", "rule_subclass_before_class", "contradiction", "nobody",
    "hole_filled", "unmapped", "no_location", "edge", "edge_outer", "corner", "outside", "accuracy_harmless",
)  # fmt: skip
"""Situations that areas and duties alone decide; the others need components, lanes and the accuracy of phones."""


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


def decided(loaded: tuple[Connection, Path]) -> list[tuple[dict[str, Any], dict[str, str]]]:
    """Each stored decision with the truth about its report."""
    conn, folder = loaded
    with (folder / "truth.csv").open(encoding="utf-8", newline="") as text:
        truth = {row["external_id"]: row for row in csv.DictReader(text)}
    rows = conn.execute(
        "SELECT external_id, explanation, lead, co_operating, supervising, lane, routing_decision.manual_reason"
        "  FROM report JOIN routing_decision ON report_id = report.id"
    ).fetchall()
    names = ("external_id", "explanation", "lead", "co_operating", "supervising", "lane", "manual_reason")
    found = [dict(zip(names, row, strict=True)) for row in rows]
    assert {row["external_id"] for row in found} == truth.keys()
    return [(row, truth[row["external_id"]]) for row in found]


def test_every_report_lies_in_the_planted_areas(loaded: tuple[Connection, Path]) -> None:
    wrong: Counter[tuple[str, str]] = Counter()
    for row, truth in decided(loaded):
        found = {area["kind"]: area for area in row["explanation"]["areas"]}
        for kind in KINDS:
            wrong[kind, truth["case"]] += (found[kind]["code"] if kind in found else "") != truth[kind]
        on_edge = "unit_grid" in found and found["unit_grid"]["on_boundary"]
        wrong["boundary", truth["case"]] += on_edge != (truth["boundary"] == "1")
        wrong["overlap", truth["case"]] += any(a["overlap"] for a in found.values()) != (truth["case"] == "overlap")
    assert +wrong == Counter()


def test_areas_and_duties_decide_as_planted(loaded: tuple[Connection, Path]) -> None:
    seen: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for row, truth in decided(loaded):
        if truth["case"] not in BY_AREA_AND_RULE:
            continue
        seen[truth["case"]] += 1
        parties = (row["lead"], ";".join(row["co_operating"]), ";".join(row["supervising"]), row["manual_reason"])
        planted = (truth["lead"], truth["co_operating"], truth["supervising"], truth["manual_reason"])
        wrong[truth["case"]] += tuple(part or "" for part in parties) != planted
    assert +wrong == Counter()
    assert set(seen) == set(BY_AREA_AND_RULE)
    assert min(seen.values()) >= 10


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
