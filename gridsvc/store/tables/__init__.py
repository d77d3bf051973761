"""All tables, declared once. Alembic and the tests read this; at run time psycopg runs the SQL of `store/sql`."""

from sqlalchemy import MetaData

from gridsvc.store.tables import (
    access,
    areas,
    audit,
    cases,
    casework,
    city,
    clocks,
    ingest,
    inventory,
    places,
    profiles,
    rosters,
    whistles,
)


def declare(srid: int) -> MetaData:
    """Every table of a city whose CRS has the EPSG number `srid` (the typmod of every geometry column)."""
    metadata = MetaData(
        naming_convention={
            "pk": "%(table_name)s_pkey",
            "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
            "uq": "%(table_name)s_%(column_0_N_name)s_key",
            "ck": "%(table_name)s_%(constraint_name)s_check",
        }
    )
    for room in (
        city, areas, inventory, casework, cases, ingest, access, audit, profiles, rosters, clocks, places, whistles,
    ):  # fmt: skip
        room.declare(metadata, srid)
    return metadata
