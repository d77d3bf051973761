"""Areas of a kind as a layer for files; the columns are called as the fields that they are when the file comes back."""

from datetime import datetime
from pathlib import Path

import pyarrow as pa

from gridsvc.errors import one_of
from gridsvc.files import ATTRIBUTES, GEOMETRY, SpooledLayer, names, spool
from gridsvc.store import areas, audit, export
from gridsvc.store.areas import AsOf
from gridsvc.store.city import City
from gridsvc.store.connection import Connection
from gridsvc.store.export import AreaSelection

PLAIN = pa.schema(
    [(name, pa.string()) for name in ("code", "name_zh", "name_en", "parent_code")] + [(names.AREA_M2, pa.float64())]
)
DECIMALS = 4
"""Decimals of an area in m²."""


def chosen_areas(conn: Connection, kind: str, revision: int | None = None, at: datetime | None = None) -> AreaSelection:
    """Areas of a kind that exists: those of today, or those after a revision, or those at a moment."""
    known = [each.kind for each in areas.kinds(conn)]
    if kind not in known:
        raise one_of("area kind", kind, known, zh="区域类型")
    return AreaSelection(kind=kind, when=areas.known(conn, AsOf(at=at, revision=revision)))


def areas_layer(conn: Connection, city: City, chosen: AreaSelection, folder: Path) -> SpooledLayer:
    """The chosen areas on disk in the folder; that they were taken out is recorded.

    Needs an open transaction, to be committed before the file is given away.
    """
    lots = export.area_rows(conn, chosen)
    spooled = spool(chosen.kind, city.srid, PLAIN, map(_batch, lots), folder)
    after = {
        "kind": chosen.kind, "revision": chosen.when.revision,
        "at": chosen.when.at.isoformat() if chosen.when.at else None, "rows": len(spooled),
    }  # fmt: skip
    audit.record(conn, "export.areas", f"{len(spooled)} {chosen.kind}", after=after)
    return spooled


def _batch(rows: export.Rows) -> pa.RecordBatch:
    code, name_zh, name_en, parent_code, area_m2, attributes, shapes = zip(*rows, strict=True)
    texts = [pa.array(column, pa.string()) for column in (code, name_zh, name_en, parent_code)]
    rounded = pa.array([round(area, DECIMALS) for area in area_m2], pa.float64())
    rest = [pa.array(attributes, pa.string()), pa.array(shapes, pa.binary())]
    return pa.RecordBatch.from_arrays([*texts, rounded, *rest], names=[*PLAIN.names, ATTRIBUTES, GEOMETRY])
