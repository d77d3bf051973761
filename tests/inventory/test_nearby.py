"""What stands near: true distances, the nearest first, whatever radius the search grows through."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import psycopg
import psycopg.sql
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridsvc.domain.crs import project
from gridsvc.errors import InputError
from gridsvc.inventory.nearby import MOST, nearby
from gridsvc.store.city import City, the_city
from gridsvc.store.connection import Connection, connect
from gridsvc.store.queries import sql
from tests.sketch import ORIGIN, SRID, to_degrees

COUNT = 4_000
SPREAD = 3_000.0
"""Metres to each side of ORIGIN; half of the components stand within a tenth of it."""


def scatter() -> tuple[Any, list[str], list[str]]:
    """Places (in metres), subclasses and states; the same every time."""
    random = np.random.default_rng(7)
    spread = np.where(np.arange(COUNT) % 2, SPREAD, SPREAD / 10)[:, None]
    xy = random.uniform(-1, 1, (COUNT, 2)) * spread + ORIGIN
    subclasses = random.choice(["0599", "0106", "0124"], COUNT, p=[0.6, 0.39, 0.01]).tolist()
    states = random.choice(["intact", "damaged", "lost", "removed", "abandoned"], COUNT).tolist()
    return xy, subclasses, states


XY, SUBCLASSES, STATES = scatter()


@pytest.fixture(scope="module")
def full(database: str) -> Iterator[Connection]:
    """A connection to a town whose components are committed and analysed."""
    with connect(database) as conn:
        conn.execute(
            "INSERT INTO import_batch (layer, target, file_name, sha256, state)"
            " VALUES ('l', 'components', 'f', 'h', 'promoted')"
        )
        with (
            conn.cursor() as cursor,
            cursor.copy(
                "COPY component (component_code, code_scheme, subclass_code, state, batch_id, geom) FROM STDIN"
            ) as copy,
        ):
            for n, ((x, y), subclass, state) in enumerate(zip(XY, SUBCLASSES, STATES, strict=True)):
                copy.write_row((f"{n:05d}", "x", subclass, state, 1, f"SRID={SRID};POINT({x!s} {y!s})"))
        conn.execute("ANALYZE component")
        yield conn


def brute_force(lon: float, lat: float, limit: int, radius: float, subclass: str | None) -> list[tuple[str, float]]:
    x, y = project(SRID, np.array([lon]), np.array([lat]))
    away = np.hypot(XY[:, 0] - x, XY[:, 1] - y)
    live = [
        (float(away[n]), f"{n:05d}")
        for n in np.flatnonzero(away <= radius)
        if STATES[n] not in ("removed", "abandoned") and subclass in (None, SUBCLASSES[n])
    ]
    return [(code, distance) for distance, code in sorted(live)[:limit]]


@settings(max_examples=40, deadline=None)
@given(
    place=st.tuples(st.floats(-1.2, 1.2), st.floats(-1.2, 1.2)),
    limit=st.integers(1, MOST),
    radius=st.floats(0.5, 2_000),
    subclass=st.sampled_from([None, "0599", "0124"]),
)
def test_the_same_as_by_brute_force(
    full: Connection, place: tuple[float, float], limit: int, radius: float, subclass: str | None
) -> None:
    lon, lat = to_degrees(ORIGIN[0] + place[0] * SPREAD, ORIGIN[1] + place[1] * SPREAD)
    found = nearby(full, the_city(full), lon, lat, limit=limit, radius=radius, subclass_code=subclass)
    expected = brute_force(lon, lat, limit, radius, subclass)
    assert [row["component_code"] for row in found] == [code for code, _ in expected]
    assert [row["distance_m"] for row in found] == pytest.approx([distance for _, distance in expected], abs=1e-6)


def test_components_that_are_gone_are_not_shown(full: Connection) -> None:
    found = nearby(full, the_city(full), *to_degrees(*ORIGIN), limit=MOST)
    assert len(found) == MOST
    assert {row["state"] for row in found} == {"intact", "damaged", "lost"}


def test_a_place_comes_back_in_degrees(full: Connection) -> None:
    n = STATES.index("intact")
    lon, lat = to_degrees(*XY[n])
    (found,) = nearby(full, the_city(full), lon, lat, limit=1)
    assert found["component_code"] == f"{n:05d}"
    assert found["geometry"]["type"] == "Point"
    assert found["geometry"]["coordinates"] == pytest.approx([lon, lat], abs=1e-6)


def prepared(name: str) -> str:
    """A named query with $1, $2, … for its parameters."""
    statement = sql(name)
    for number, parameter in enumerate(("x", "y", "srid", "radius", "subclass_code", "limit"), start=1):
        statement = statement.replace(f"%({parameter})s", f"${number}")
    return statement


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
@pytest.mark.parametrize("subclass", [None, "0124"])
@pytest.mark.parametrize("radius", [25.0, 500.0, 2_000.0])
def test_the_spatial_index_is_used(full: Connection, mode: str, subclass: str | None, radius: float) -> None:
    with full.transaction(force_rollback=True):
        full.execute("SELECT set_config('plan_cache_mode', %s, true)", [mode])
        full.execute(f"PREPARE near (float8, float8, int, float8, text, int) AS {prepared('components_nearby')}")
        asked = psycopg.sql.SQL(", ").join([*ORIGIN, SRID, radius, subclass, 20])
        lines = full.execute(psycopg.sql.SQL("EXPLAIN EXECUTE near ({})").format(asked)).fetchall()
        full.execute("DEALLOCATE near")
    plan = "\n".join(line for (line,) in lines)
    assert "component_geom" in plan
    assert "Seq Scan" not in plan


@pytest.mark.parametrize(
    ("given", "cause"),
    [
        ({"limit": 0}, "limit 0 is not between 1 and 200"),
        ({"limit": 201}, "limit 201 is not between"),
        ({"radius": 0.0}, "radius 0.0 m is not between"),
        ({"radius": 2_001.0}, "radius 2001.0 m is not between"),
        ({"radius": float("nan")}, "radius nan m is not between"),
        ({"subclass_code": "9999"}, "component subclass '9999' is not known; choose one of: 0101"),
    ],
)
def test_questions_that_make_no_sense(conn: Connection, town: City, given: dict[str, Any], cause: str) -> None:
    with pytest.raises(InputError, match=cause):
        nearby(conn, town, *to_degrees(*ORIGIN), **given)


@pytest.mark.parametrize(("lon", "lat"), [(31.4, 104.7), (181.0, 31.0), (float("nan"), 31.0), (104.7, float("inf"))])
def test_places_that_are_none(conn: Connection, town: City, lon: float, lat: float) -> None:
    with pytest.raises(InputError):
        nearby(conn, town, lon, lat)
