"""Dividing areas of a kind into parts: sub-grids of responsibility grids."""

from typing import Any

from gridsvc.domain.areas import fits_scheme
from gridsvc.domain.splitting import fit_seams, split
from gridsvc.errors import InputError, NotFoundError, one_of
from gridsvc.store import areas, audit, drafts
from gridsvc.store.city import City
from gridsvc.store.connection import Connection

MOST_PARTS = 64


def split_kind(conn: Connection, city: City, parent: str, into: str, parts: int) -> int:
    """A draft in which every area of `parent` is divided into `parts` of nearly equal area."""
    if not 2 <= parts <= MOST_PARTS:
        raise InputError(f"an area can be split into 2 to {MOST_PARTS} parts, not {parts}")
    scheme = _check_kinds(conn, parent, into)
    whole = areas.areas_in_force(conn, parent)
    if not whole:
        raise NotFoundError(f"there are no areas of {parent} to split")
    rows = [row for area in whole for row in _parts_of(area, parts)]
    _check_codes([row[0] for row in rows], into, scheme)
    shapes = fit_seams([row[-1] for row in rows])
    with conn.transaction():
        draft_id = drafts.add_draft(conn, into, None, f"{parent} split into {parts}", deed="split")
        drafts.fill_draft(
            conn, draft_id, city.srid, [(*row[:-1], shape) for row, shape in zip(rows, shapes, strict=True)]
        )
        audit.record(conn, "areas.split", f"draft {draft_id}", after={"kind": into, "of": parent, "parts": parts})
    return draft_id


def _check_kinds(conn: Connection, parent: str, into: str) -> str:
    """The code scheme of the parts."""
    known = {kind.kind: kind for kind in areas.kinds(conn)}
    for kind in (parent, into):
        if kind not in known:
            raise one_of("area kind", kind, sorted(known))
    if known[into].parent != parent:
        raise InputError(f"{into} does not lie inside {parent} (its parent is {known[into].parent or 'none'})")
    return known[into].code_scheme


def _check_codes(codes: list[str], into: str, scheme: str) -> None:
    wrong = [code for code in codes if not fits_scheme(code, scheme)]
    if wrong:
        raise InputError(f"code {wrong[0]} of a part does not follow the scheme {scheme} of {into}; parts need `free`")


def _parts_of(area: areas.Area, parts: int) -> list[tuple[str, str, str, str, Any]]:
    """Code, names, parent code and shape of each part, numbered from 1."""
    return [
        (f"{area.code}-{n}", f"{area.name_zh}-{n}", f"{area.name_en}-{n}", area.code, shape)
        for n, shape in enumerate(split(area.geom, parts), start=1)
    ]
