"""The tables of the city: departments, duties, lanes, taxonomy, rosters."""

import csv
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from synthetic import rosters
from synthetic.areas import Areas
from synthetic.departments import Department
from synthetic.duties import Rule
from synthetic.files import write_csv
from synthetic.reports import HOTLINE

SUBJECT = ("kind", "class_code", "subclass_code", "area_kind", "area_code", "lane")
DUTY_COLUMNS = (*SUBJECT, "lead", "co_operating", "supervising", "priority", "valid_from", "valid_to", "source", "rule")
LANE_COLUMNS = (*SUBJECT, "priority", "valid_from", "valid_to", "source", "rule")
DEPARTMENT_COLUMNS = ("code", "name_zh", "name_en", "parent", "level", "on_platform")


def read_event_names(catalogue: Path) -> dict[str, tuple[str, str]]:
    """Event subclass code → Chinese and English name."""
    with (catalogue / "events.csv").open(encoding="utf-8", newline="") as file:
        return {row["subclass_code"]: (row["subclass_zh"], row["subclass_en"]) for row in csv.DictReader(file)}


def write_tables(
    folder: Path,
    departments: dict[str, Department],
    duties: list[Rule],
    lanes: list[Rule],
    events: dict[str, tuple[str, str]],
) -> None:
    """Write departments.csv, duties.csv, lanes.csv and taxonomy.csv."""
    rows = [(d.code, d.name_zh, d.name_en, d.parent, d.level, str(d.on_platform).lower()) for d in departments.values()]
    write_csv(folder / "departments.csv", DEPARTMENT_COLUMNS, rows)
    _write_rules(folder / "duties.csv", DUTY_COLUMNS, duties)
    _write_rules(folder / "lanes.csv", LANE_COLUMNS, lanes)
    header = ("channel", "category", "name_zh", "name_en", "kind", "subclass_code")
    mapped = [(HOTLINE, f"H{code}", zh, en, "event", code) for code, (zh, en) in events.items()]
    write_csv(folder / "taxonomy.csv", header, mapped)


def _write_rules(path: Path, columns: tuple[str, ...], rules: Iterable[Rule]) -> None:
    write_csv(path, columns, ([getattr(rule, column) for column in columns] for rule in rules))


def write_rosters(folder: Path, areas: Areas, departments: dict[str, Department], rng: np.random.Generator) -> None:
    """Write rosters.csv."""
    write_csv(folder / "rosters.csv", rosters.HEADER, rosters.make_rosters(areas, departments, rng))
