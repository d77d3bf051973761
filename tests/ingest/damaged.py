"""What is planted into a file, and what a check of it has to find."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import shapely

from gridsvc.ingest.layers import COMPONENTS, Layer
from tests.ingest.layers import LAMP, TOWN
from tests.sketch import frame

WHOLE_FILE = None


@dataclass(frozen=True, kw_only=True)
class Expected:
    """A finding; `words` stand in its English sentence, `near` is a place that it has to touch."""

    damage: str
    """The kind of damage, in words."""
    rule: str
    severity: str
    feature: int | None = WHOLE_FILE
    words: str = ""
    near: Any = None


@dataclass(frozen=True, kw_only=True)
class Damaged:
    """A file that is damaged in ways that do not hide each other."""

    name: str
    make: Callable[[Path], Path]
    layer: Layer
    found: tuple[Expected, ...]
    reads: tuple[str, ...] = ()
    """What the positions of its features say, where that is in doubt."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """A feature of a file; what is not said of it is as it should be. `found`: of it, or (`whole`) of the file."""

    damage: str
    rule: str = ""
    severity: str = "error"
    whole: bool = False
    words: str = ""
    shape: Any = "its own place"
    says: Mapping[str, Any] = field(default_factory=dict)
    also: tuple[tuple[str, str], ...] = ()
    """Rules that the same damage breaks too, and how grave that is."""

    def expected(self, number: int, shape: Any) -> list[Expected]:
        placed = isinstance(shape, shapely.Geometry) and not self.whole and shapely.is_valid(shape)
        feature, near = (WHOLE_FILE if self.whole else number), shape if placed and not shape.is_empty else None
        rules = [(self.rule, self.severity, self.words), *((*each, "") for each in self.also)]
        return [
            Expected(damage=self.damage, rule=rule, severity=severity, words=words, feature=feature, near=near)
            for rule, severity, words in rules
        ]


FIELDS = {
    "code": "CODE", "subclass": "KIND", "subclass_name": "NAME", "state": "STATE", "authority": "DEPT",
    "owner": "OWNER", "maintainer": "KEEPER", "position": "PLACE", "unit_grid": "BGID", "surveyed_at": "SURVEYED",
    "changed_at": "CHANGED", "data_source": "SOURCE", "note": "REMARK",
}  # fmt: skip
THINGS = Layer(layer=COMPONENTS, target=COMPONENTS, fields=FIELDS)
GRID, NEXT_GRID = "510703001001001", "510703001001002"
"""The western and the eastern half of the town."""


def clean(number: int) -> dict[str, Any]:
    """What row `number` says if nothing is wrong with it: a lamp in the west."""
    return {
        "CODE": f"5107030137{number:06d}", "KIND": LAMP, "NAME": "路灯", "STATE": "完好", "DEPT": "LIGHT",
        "OWNER": "LIGHT", "KEEPER": "LIGHT", "PLACE": f"东街{number}号", "BGID": GRID, "SURVEYED": "2020-05-01",
        "CHANGED": "2021-05-01", "SOURCE": "实测", "REMARK": None,
    }  # fmt: skip


def spot(number: int, east: float = 0.0) -> Any:
    """A place of its own for each row in the west of the town, with some metres to spare."""
    x, y = TOWN.xy("a")
    return shapely.Point(x + 20 + 36 * (number % 10) + east, y - 20 - 36 * (number // 10))


def of_rows(name: str, rows: Sequence[Row]) -> Damaged:
    """A GeoPackage of these rows. A row without a rule is one that another needs beside it."""
    shapes = [spot(n) if isinstance(row.shape, str) else row.shape for n, row in enumerate(rows, start=1)]
    records = [clean(n) | dict(row.says) for n, row in enumerate(rows, start=1)]

    def make(folder: Path) -> Path:
        columns = {column: [record[column] for record in records] for column in clean(0)}
        frame(shapes, **columns).to_file(folder / f"{name}.gpkg")
        return folder / f"{name}.gpkg"

    planted = [(n, row, shape) for n, (row, shape) in enumerate(zip(rows, shapes, strict=True), start=1) if row.rule]
    found = [each for n, row, shape in planted for each in row.expected(n, shape)]
    return Damaged(name=name, make=make, layer=THINGS, found=tuple(found))
