"""How visible component subclasses are."""

from gridsvc.domain.access import USUAL_VISIBILITY, VISIBILITIES, visibility_rank
from gridsvc.errors import one_of
from gridsvc.store import accounts, audit
from gridsvc.store.city import subclasses
from gridsvc.store.connection import Connection

__all__ = ["USUAL_VISIBILITY", "set_visibility", "visibilities"]


def visibilities(conn: Connection) -> dict[str, str]:
    """Subclasses that are not as visible as usual."""
    return {code: VISIBILITIES[rank] for code, rank in accounts.visibilities(conn).items()}


def set_visibility(conn: Connection, subclass_code: str, name: str) -> None:
    """For every component of the subclass, with the next statement."""
    rank = visibility_rank(name)
    known = sorted(s.subclass_code for s in subclasses(conn) if s.kind == "component")
    if subclass_code not in known:
        raise one_of("component subclass", subclass_code, known)
    before = visibilities(conn).get(subclass_code, USUAL_VISIBILITY)
    accounts.set_visibility(conn, subclass_code, None if name == USUAL_VISIBILITY else rank)
    audit.record(
        conn, "visibility.set", f"subclass {subclass_code}", before={"visibility": before}, after={"visibility": name}
    )
