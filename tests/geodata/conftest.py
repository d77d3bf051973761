"""The smallest synthetic city, built once."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from pyproj import Transformer

from tests.geodata.folder import FAULTY, KINDS, SMALLEST, build, read_csv


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("city"), *SMALLEST)


@pytest.fixture(scope="session")
def areas(city: Path) -> dict[str, gpd.GeoDataFrame]:
    return {kind: pyogrio.read_dataframe(city / f"{kind}.zip") for kind in (*KINDS, *FAULTY)}


@pytest.fixture(scope="session")
def components(city: Path) -> gpd.GeoDataFrame:
    files = sorted(city.glob("components_*.zip"))
    return pd.concat([pyogrio.read_dataframe(file) for file in files], ignore_index=True)


@pytest.fixture(scope="session")
def truth(city: Path) -> list[dict[str, str]]:
    return read_csv(city / "truth.csv")


@pytest.fixture(scope="session")
def reports(city: Path) -> list[dict[str, str]]:
    return read_csv(city / "reports.csv.gz")


@pytest.fixture(scope="session")
def points(reports: list[dict[str, str]]) -> np.ndarray:
    """Places of the reports in metres, empty points where they have none."""
    forward = Transformer.from_crs("EPSG:4490", "EPSG:4544", always_xy=True)
    places = [forward.transform(float(r["lon"]), float(r["lat"])) if r["lon"] else None for r in reports]
    return np.array([shapely.Point(p) if p else shapely.Point() for p in places], dtype=object)
