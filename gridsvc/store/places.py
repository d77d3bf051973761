"""Layers of addresses, names of places and roads, and what is found in them."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import shapely

from gridsvc.domain.addresses import Sought, parts
from gridsvc.store.connection import Connection
from gridsvc.store.rows import copy_in, dicts, execute, objects, value

KINDS = ("address", "place", "road")
GAP = 100.0
"""Metres; sections of one name that are no farther apart are one road."""
CROSSING_GAP = 30.0
"""Metres; roads that come so near to each other meet: drawn lines often end short."""
Point = tuple[float, float]
"""x, y in the city's CRS."""


@dataclass(frozen=True, kw_only=True)
class PlaceLayer:
    """What counts of a layer."""

    id: int
    layer: str
    kind: str
    file_name: str
    sha256: str
    loaded_at: datetime
    places: int
    set_aside: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class NewPlace:
    name: str
    spelled: Sequence[str]
    road: str | None
    number: int | None
    shape: Any
    """In the city's CRS."""


@dataclass(frozen=True, kw_only=True)
class Named:
    """A place whose name may be meant; `reach_m`: how far it reaches from the point, None for points."""

    id: int
    kind: str
    name: str
    spelled: str
    road: str | None
    number: int | None
    alike: float
    """0 to 1: how much of what was asked for the name says."""
    layer: str
    file_name: str
    loaded_at: datetime
    x: float
    y: float
    reach_m: float | None


@dataclass(frozen=True, kw_only=True)
class House:
    id: int
    number: int
    layer: str
    file_name: str
    loaded_at: datetime
    x: float
    y: float


@dataclass(frozen=True, kw_only=True)
class Crossing:
    """Where two roads meet, by the ids of both."""

    one: int
    other: int
    one_name: str
    other_name: str
    alike: float
    layer: str
    file_name: str
    loaded_at: datetime
    x: float
    y: float


def layers(conn: Connection, layer: str | None = None) -> list[PlaceLayer]:
    return objects(conn, PlaceLayer, "current_places", layer=layer)


def lock_places(conn: Connection) -> None:
    execute(conn, "lock_places")


def words_are_letters(conn: Connection) -> bool:
    """Whether the database's locale takes Chinese characters for letters."""
    return bool(value(conn, "words_are_letters"))


def replace_layer(
    conn: Connection, srid: int, batch: Mapping[str, Any], set_aside: Mapping[str, Any], places: Iterable[NewPlace]
) -> PlaceLayer:
    """The places instead of those of the layer, which are kept to go back to; older ones go.

    `batch`: layer, kind, file_name and sha256. Runs in the caller's transaction.
    """
    known = dicts(conn, "place_batches", layer=batch["layer"])
    for old in known:
        if old["current"]:
            execute(conn, "set_place_batch", id=old["id"], current=False)
        else:
            execute(conn, "drop_place_batch", id=old["id"])
    told = json.dumps(set_aside, ensure_ascii=False)
    batch_id = value(conn, "add_place_batch", **batch, places=0, set_aside=told)
    execute(conn, "make_place_stage")
    execute(conn, "empty_place_stage")
    copy_in(
        conn,
        "COPY place_stage (n, name, spelled, road, number, geom) FROM STDIN",
        (
            (n, p.name, list(p.spelled), p.road, p.number, shapely.to_wkb(p.shape, hex=True))
            for n, p in enumerate(places)
        ),
    )
    execute(conn, "add_places", batch_id=batch_id, kind=batch["kind"], gap_m=GAP, srid=srid)
    execute(conn, "count_places", id=batch_id)
    execute(conn, "analyse_places")
    return layers(conn, batch["layer"])[0]


def go_back(conn: Connection, layer: str) -> bool:
    """The file before the last one is the layer again; False if none is kept."""
    batches = dicts(conn, "place_batches", layer=layer)
    if len(batches) < 2:
        return False
    execute(conn, "drop_place_batch", id=batches[0]["id"])
    execute(conn, "set_place_batch", id=batches[1]["id"], current=True)
    return True


def places_named(conn: Connection, srid: int, asked: Sought, near: Point | None, limit: int) -> list[Named]:
    x, y = near or (None, None)
    return objects(
        conn, Named, "places_named", phrases=list(asked.phrases), parts=parts(asked.core),
        letters=max(len(asked.core), 1), x=x, y=y, srid=srid, limit=limit,
    )  # fmt: skip


def crossings(conn: Connection, roads: tuple[str, str], limit: int) -> list[Crossing]:
    one, other = roads
    return objects(
        conn, Crossing, "crossings", one=one, other=other, one_begins=_begins(one), other_begins=_begins(other),
        gap_m=CROSSING_GAP, limit=limit,
    )  # fmt: skip


def _begins(text: str) -> str:
    """A pattern of LIKE for what begins so; signs that mean something there are letters like others."""
    return re.sub(r"([\\%_])", r"\\\1", text) + "%"


def houses_beside(conn: Connection, road: str, number: int) -> list[House]:
    """The nearest house numbers of the same side, below and above, where there are any."""
    return objects(conn, House, "houses_beside", road=road, number=number)


def keep_report(conn: Connection, report_id: UUID) -> None:
    """Nobody else changes it until the transaction ends; turns of folding are taken before."""
    execute(conn, "keep_report", id=report_id)


def place_report(conn: Connection, srid: int, report_id: UUID, place: Point, said: Mapping[str, Any]) -> None:
    """A report gets its place. `said`: account, asked, name, kind, layer, file_name, accuracy_m."""
    x, y = place
    execute(
        conn, "place_report", report_id=report_id, x=x, y=y, srid=srid, accuracy_m=said["accuracy_m"]
    )  # fmt: skip
    execute(conn, "note_place", report_id=report_id, x=x, y=y, srid=srid, **said)


def places_given(conn: Connection, report_id: UUID) -> list[dict[str, Any]]:
    return dicts(conn, "places_given", report_id=report_id)
