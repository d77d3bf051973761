"""What a draft changes, with the areas that are drawn anew because of it."""

from gridsvc.areas.redrawing import redraw
from gridsvc.store import drafts
from gridsvc.store.connection import Connection
from gridsvc.store.drafts import Change, Draft


def prepared(conn: Connection, draft: Draft, srid: int) -> list[Change]:
    """Compared with the newest areas; staged until the transaction ends."""
    redraw(conn, draft, srid)
    drafts.stage_changes(conn, draft.id)
    return drafts.changed_areas(conn, draft.id)
