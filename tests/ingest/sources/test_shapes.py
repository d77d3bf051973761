"""Types and bounds without making shapes are those of the shapes."""

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridsvc.ingest.sources import shapes
from tests.ingest.layers import write
from tests.ingest.sources.made import looked

CORNER = st.tuples(st.integers(-1000, 1000), st.integers(-1000, 1000))
LINE = st.lists(CORNER, min_size=2, max_size=5, unique=True).map(shapely.LineString)
BOX = st.tuples(CORNER, st.integers(1, 9), st.integers(1, 9)).map(
    lambda one: shapely.box(*one[0], one[0][0] + one[1], one[0][1] + one[2])
)
KINDS = {
    "Point": CORNER.map(shapely.Point),
    "LineString": LINE,
    "Polygon": BOX,
    "MultiPoint": st.lists(CORNER, min_size=1, max_size=3).map(shapely.MultiPoint),
}
ANY = st.lists(st.one_of(st.none(), *KINDS.values()), min_size=1, max_size=8)


@given(found=ANY, order=st.sampled_from([0, 1]), high=st.booleans())
def test_types_and_bounds_of_wkb(found: list[Any], order: int, high: bool) -> None:
    lifted = shapely.force_3d(np.array(found, dtype=object)) if high else np.array(found, dtype=object)
    wkb = pa.array(shapely.to_wkb(lifted, byte_order=order), pa.binary())
    assert shapes.types_of(wkb) == Counter("none" if one is None else one.geom_type for one in found)
    whole = shapes.bounds_of(shapes.load(wkb))
    known = [one for one in found if one is not None]
    assert (whole is None) == (not known)
    if whole is not None:
        assert tuple(whole) == shapely.GeometryCollection(known).bounds


@settings(max_examples=10, deadline=None)
@given(data=st.data(), kind=st.sampled_from(sorted(KINDS)))
def test_types_and_bounds_of_a_shp(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, kind: str) -> None:
    found = data.draw(st.lists(KINDS[kind], min_size=1, max_size=6))
    folder: Path = tmp_path_factory.mktemp("shp")
    (layer,) = looked(write(folder / "x.zip", [*found, None])).layers
    assert layer.geometry_types == {kind: len(found), "none": 1}
    assert layer.bounds == shapely.GeometryCollection(found).bounds
    assert layer.count == len(found) + 1
    xs = np.array(layer.sample)[:, 0]
    assert layer.bounds[0] == xs.min()
    assert layer.bounds[2] == xs.max()
