"""Build a synthetic city and read its tables."""

import csv
import gzip
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "geodata" / "make_city.py"
SMALLEST = ("--components", "5000", "--unit-grids", "300", "--reports", "2000", "--seed", "1", "--quiet")
KINDS = ("district", "subdistrict", "community", "unit_grid", "community_grid")
FAULTY = ("responsibility_grid", "sub_grid", "patrol_grid")
PARENTS = {
    "subdistrict": "district",
    "community": "subdistrict",
    "unit_grid": "community",
    "community_grid": "community",
    "responsibility_grid": "subdistrict",
    "sub_grid": "responsibility_grid",
}
SIGMA = {"A": 0.5, "B": 1.0, "C": 10.0}
MILLIMETRE = 0.001


def build(folder: Path, *arguments: str) -> Path:
    subprocess.run([sys.executable, str(SCRIPT), str(folder), *arguments], check=True)
    return folder


def read_csv(path: Path) -> list[dict[str, str]]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
