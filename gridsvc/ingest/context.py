"""What the rules may ask of the store."""

from functools import cache

import numpy as np
import shapely

from gridsvc.ingest.rules.contract import Context, KnownAreas
from gridsvc.store import areas, batches
from gridsvc.store.city import City, departments, subclasses
from gridsvc.store.connection import Connection


def context_of(conn: Connection, city: City) -> Context:
    outline = batches.city_outline(conn)
    components = {s.subclass_code: s for s in subclasses(conn) if s.kind == "component"}

    @cache
    def areas_of(kind: str) -> KnownAreas:
        found = areas.areas_in_force(conn, kind)
        return KnownAreas(
            codes=np.array([area.code for area in found], dtype=object),
            shapes=np.array([area.geom for area in found], dtype=object),
        )

    return Context(
        srid=city.srid,
        outline=shapely.from_wkb(outline) if outline else None,
        districts=frozenset({city.district_code, *areas_of("district").codes.tolist()}),
        subclasses=components,
        kinds={kind.kind: kind for kind in areas.kinds(conn)},
        departments=frozenset(department.code for department in departments(conn)),
        near=dict.fromkeys(components, DEFAULT_NEAR) | batches.near_distances(conn),
        areas_of=areas_of,
    )


DEFAULT_NEAR = 0.5
"""Metres within which two components of a subclass are remarked upon, unless the city says otherwise."""
