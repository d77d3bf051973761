"""Surveys of millions of components, written part by part, and what importing one takes."""

import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import psutil
import pyogrio
import shapely
from numpy.typing import NDArray

SRID = 4544
PART = 250_000
"""Rows of each shapefile of a survey: memory of writing stays in bounds, and the table below 2 GB."""
APART = 1.0
"""Metres from the edge of their unit grid that components keep."""
EVERY = 0.1
"""Seconds between two looks at memory."""
FIELDS = {
    "code": "ObjID", "subclass_name": "ObjName", "authority": "DeptCode1", "owner": "DeptCode2",
    "maintainer": "DeptCode3", "position": "ObjPos", "unit_grid": "BGID", "state": "ObjState", "surveyed_at": "ORDate",
    "changed_at": "CHDate", "data_source": "DataSource", "note": "Note",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What an import took."""

    rows: int
    seconds: float
    ours: int
    """Most bytes that the importing process was resident with."""
    reader: int
    """The same of the process that reads the file for it."""
    together: int
    """Most bytes of both at one moment, pages of mapped files that the system may take back included."""
    own: int
    """The same without mapped files."""

    @property
    def per_row(self) -> float:
        return self.seconds / self.rows


def write_survey(file: Path, city: Path, count: int) -> Path:
    """`count` components all over a synthetic city's unit grids, in GBK, in as many shapefiles as it takes."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for number, frame in enumerate(_parts(city, count), start=1):
            loose = file.parent / f"survey_{number:02d}.shp"
            pyogrio.write_dataframe(frame, loose, encoding="GBK", geometry_type="Point", RESIZE="YES")
            for part in sorted(file.parent.glob(f"{loose.stem}.*")):
                archive.write(part, part.name)
                part.unlink()
    return file


def _parts(city: Path, count: int) -> Iterator[Any]:
    """Frames of about PART rows."""
    grids = geopandas.read_file(f"zip://{city / 'unit_grid.zip'}")
    models, issued = _models(city), dict.fromkeys(grids["CODE"].str[:6], 0)
    each = np.full(len(grids), count // len(grids))
    each[: count % len(grids)] += 1
    for some in np.array_split(np.arange(len(grids)), -(-count // PART)):
        places = [_spread(shape, rows) for shape, rows in zip(grids.geometry.iloc[some], each[some], strict=True)]
        codes = grids["CODE"].iloc[some].repeat(each[some]).reset_index(drop=True)
        rows = _rows(codes, models, issued)
        yield geopandas.GeoDataFrame(rows, geometry=shapely.points(np.concatenate(places)), crs=SRID)


def _models(city: Path) -> dict[str, Any]:
    """One row of each subclass of points by district, to be made many of."""
    files = sorted(city.glob("components_*_point_*.zip"))
    rows = pd.concat([geopandas.read_file(f"zip://{file}") for file in files], ignore_index=True)
    rows["series"] = rows["ObjID"].str[:10]
    rows = pd.DataFrame(rows.drop_duplicates("series").drop(columns="geometry")).fillna("")
    return {str(district): found.reset_index(drop=True) for district, found in rows.groupby(rows["ObjID"].str[:6])}


def _spread(shape: Any, count: int) -> NDArray[np.float64]:
    """So many points inside a grid, in rows."""
    inside = shape.buffer(-APART)
    shapely.prepare(inside)
    west, south, east, north = inside.bounds
    step = np.sqrt(inside.area / max(count, 1))
    while True:
        x, y = (each.ravel() for each in np.meshgrid(np.arange(west, east, step), np.arange(south, north, step)))
        chosen = np.flatnonzero(shapely.contains_xy(inside, x, y))[:count]
        if len(chosen) == count:
            return np.round(np.column_stack([x[chosen], y[chosen]]), 3)
        step *= 0.97


def _rows(codes: Any, models: dict[str, Any], issued: dict[str, int]) -> Any:
    """By the codes of their grids. Subclasses take turns, so that none stands next to its like."""
    districts, parts = codes.str[:6], []
    for district, model in models.items():
        places = np.flatnonzero(districts == district)
        turn = np.arange(issued[district], issued[district] + len(places))
        issued[district] += len(places)
        rows = model.iloc[turn % len(model)].set_index(places)
        rows["ObjID"] = rows.pop("series") + pd.Series(turn // len(model) + 1, places).astype(str).str.zfill(6)
        house = pd.Series(turn % 1_997 + 1, places).astype(str) + "号旁"
        rows["ObjPos"] = rows["ObjPos"].str.replace(r"\d+号旁", "", regex=True) + house
        for column, days in (("ORDate", turn % 2_500), ("CHDate", 2_500 + turn % 700)):
            rows[column] = (np.datetime64("2016-03-01") + days).astype(str).astype(object)
        parts.append(rows)
    whole = pd.concat(parts).sort_index()
    whole["BGID"] = codes
    return whole


def import_survey(folder: Path, file: Path, rows: int, **settings: str) -> Taken:
    """By the command, in a process of its own; `settings` are those that an operator makes for a file of this size."""
    given = {name: value for name, value in os.environ.items() if not name.startswith("GRIDSVC_")}
    own = {"GRIDSVC_DATA_FOLDER": str(folder), **{f"GRIDSVC_{name.upper()}": value for name, value in settings.items()}}
    words = [word for name, column in FIELDS.items() for word in ("--field", f"{name}={column}")]
    command = [str(Path(sys.executable).parent / "gridsvc"), "import", str(file), "--layer", "components", *words]
    begun = time.perf_counter()
    run = subprocess.Popen([*command, "--json"], env=given | own, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    ours, reader, together, alone = _watched(psutil.Process(run.pid))
    seconds = time.perf_counter() - begun
    said, _ = run.communicate()
    if run.returncode:
        raise RuntimeError(said.decode()[-2_000:])
    return Taken(rows=rows, seconds=seconds, ours=ours, reader=reader, together=together, own=alone)


def _watched(process: psutil.Process) -> tuple[int, int, int, int]:
    """Until it ends: the most of it, of its children, of all, and of all without mapped files."""
    most = np.zeros(4, dtype=np.int64)
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        (ours, own), *others = [_resident(one) for one in (process, *_children(process))]
        reader = sum(size for size, _ in others)
        alone = own + sum(size for _, size in others)
        most = np.maximum(most, [ours, reader, ours + reader, alone])
        time.sleep(EVERY)
    return tuple(most.tolist())  # type: ignore[return-value]


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return list(process.children(recursive=True))
    except psutil.NoSuchProcess:
        return []


def _resident(process: psutil.Process) -> tuple[int, int]:
    """Bytes, all of them and without mapped files."""
    try:
        info = process.memory_info()
    except psutil.NoSuchProcess:
        return 0, 0
    return info.rss, info.rss - getattr(info, "shared", 0)
