"""The inventory: codes, promotion, areas of components, what is near."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import shapely

from gridsvc.domain.codes import LAST_SERIAL, SCHEME, component_code
from gridsvc.domain.components import anchors
from gridsvc.errors import InputError
from gridsvc.store.areas import SqlLocator
from gridsvc.store.connection import Connection
from gridsvc.store.queries import sql
from gridsvc.store.rows import array_text, csv_out, dicts, execute, value, values

LOT = 5_000
"""Components assigned to their areas in one go."""


def issue_codes(
    conn: Connection, batch_id: int, wanted: list[tuple[str, str] | None], brought: Sequence[int] = ()
) -> list[str | None]:
    """The next code for each (district, code digits of the subclass) that is wanted; None stays None.

    `brought` are the features whose own codes belong to one of these series: they burn their serials first.
    """
    execute(conn, "brought_serials", batch_id=batch_id, features=list(brought))
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place, want in enumerate(wanted):
        if want is not None:
            groups[want].append(place)
    codes: list[str | None] = [None] * len(wanted)
    for (district, part), places in groups.items():
        for place, code in zip(places, _next_codes(conn, batch_id, district, part, len(places)), strict=True):
            codes[place] = code
    return codes


def _next_codes(conn: Connection, batch_id: int, district: str, part: str, count: int) -> list[str]:
    """Codes of a series, past those that files brought before anybody knew that they belong to it."""
    found: list[str] = []
    while len(found) < count:
        missing = count - len(found)
        last = value(conn, "take_serials", district_code=district, subclass_part=part, count=missing)
        if last > LAST_SERIAL:
            raise InputError(
                f"no codes are left for district {district}, subclass {part}: serial {LAST_SERIAL} was issued or "
                f"brought by a file; bring codes for these {count} components, or correct code {district}{part}"
                f"{LAST_SERIAL} and its row of code_serial"
            )
        made = [component_code(district, part, serial) for serial in range(last - missing + 1, last + 1)]
        used = set(values(conn, "codes_in_use", codes=made, batch_id=batch_id))
        found += [code for code in made if code not in used]
    return found


def place_rows(
    conn: Connection, batch_id: int, features: list[int], areas: list[list[int]], codes: list[str | None]
) -> None:
    """Areas and issued codes go to the staged rows."""
    texts = [array_text(ids) for ids in areas]
    execute(conn, "place_rows", batch_id=batch_id, features=features, area_ids=texts, codes=codes)


def promote_rows(conn: Connection, batch_id: int, foreign: Sequence[int]) -> int:
    """`foreign` are the features whose codes follow a scheme of their source."""
    return execute(conn, "components_from_batch", batch_id=batch_id, code_scheme=SCHEME, foreign_features=list(foreign))


def assign_all(conn: Connection, locator: SqlLocator, at: datetime) -> int:
    """Give the whole inventory the areas that hold it, after the areas changed; how many rows changed."""
    changed = 0
    with conn.cursor(name="shapes") as cursor:
        cursor.execute(sql("shapes_of_all"))
        while lot := cursor.fetchmany(LOT):
            ids, shapes = zip(*lot, strict=True)
            x, y = anchors(shapely.from_wkb(shapes))
            found = locator.areas(x, y, [at] * len(ids))
            texts = [array_text(sorted(area_id for area_id, _ in kinds.values())) for kinds in found]
            changed += execute(conn, "assign_areas", ids=list(ids), area_ids=texts)
    return changed


def nearby(
    conn: Connection, srid: int, x: float, y: float, *, radius: float, limit: int, subclass_code: str | None
) -> list[dict[str, Any]]:
    return dicts(
        conn, "components_nearby", x=x, y=y, srid=srid, radius=radius, limit=limit, subclass_code=subclass_code
    )


Box = tuple[float, float, float, float]
"""Least x, least y, greatest x, greatest y in the city's CRS."""


@dataclass(frozen=True, kw_only=True)
class ComponentFilter:
    """Live components that touch a box, of a subclass."""

    box: Box | None = None
    subclass_code: str | None = None

    def values(self, srid: int) -> dict[str, Any]:
        sides = dict(zip(("xmin", "ymin", "xmax", "ymax"), self.box or (None,) * 4, strict=True))
        return {**sides, "subclass_code": self.subclass_code, "srid": srid}


def components_page(
    conn: Connection, srid: int, chosen: ComponentFilter, *, limit: int, offset: int
) -> list[dict[str, Any]]:
    return dicts(conn, "components_page", limit=limit, offset=offset, **chosen.values(srid))


def components_total(conn: Connection, srid: int, chosen: ComponentFilter) -> int:
    return int(value(conn, "components_total", **chosen.values(srid)))


def components_csv(conn: Connection, srid: int, chosen: ComponentFilter) -> Iterator[bytes]:
    return csv_out(conn, "components_csv", **chosen.values(srid))


def component_tile(conn: Connection, srid: int, z: int, x: int, y: int) -> bytes:
    """A Mapbox vector tile with one layer, `components`; empty bytes if nothing is in it."""
    return bytes(value(conn, "component_tile", srid=srid, z=z, x=x, y=y))


def newest_batch(conn: Connection) -> int:
    return int(value(conn, "newest_batch"))


def component_count(conn: Connection) -> int:
    return int(value(conn, "component_count"))


def current_checksum(conn: Connection) -> str:
    """One number over the current rows; unequal numbers mean that something changed."""
    return str(value(conn, "current_checksum"))
