"""Simulations in other areas: two rooms that edges bring together."""

from collections.abc import Iterator
from contextlib import contextmanager

from gridsvc.areas.trying import by_draft, by_revision
from gridsvc.casework.simulate import OtherAreas
from gridsvc.errors import InputError
from gridsvc.store import casework
from gridsvc.store.city import City
from gridsvc.store.connection import Connection


@contextmanager
def other_areas(
    conn: Connection, city: City, *, revision: int | None = None, draft: int | None = None
) -> Iterator[OtherAreas | None]:
    """Those of a revision or as a draft would leave them, good within the block, which leaves nothing behind; or None.

    A draft needs the system's rights.
    """
    if revision is not None and draft is not None:
        raise InputError("say a revision or a draft of areas, not both", zh="区划版本与草案只能指定一项")
    with conn.transaction(force_rollback=draft is not None):
        if revision is None and draft is None:
            yield None
            return
        casework.keep_areas(conn)
        locate, heirs = by_draft(conn, city, draft) if draft is not None else by_revision(conn, revision or 0)
        yield OtherAreas(locate=locate, heirs=heirs)
