"""Components whose owner nobody knows, though reports had to be decided for them."""

from dataclasses import dataclass
from datetime import datetime

from gridsvc.store.connection import Connection
from gridsvc.store.rows import objects


@dataclass(frozen=True, kw_only=True)
class Ownerless:
    component_code: str
    version: int
    subclass_code: str
    owner: str | None
    """What a survey wrote, which is no department."""
    maintainer: str | None
    authority: str | None
    position: str | None
    reports: int
    newest: datetime
    open_cases: int
    lon: float
    lat: float


def ownership_todo(conn: Connection) -> list[Ownerless]:
    """As far as the caller sees the components and the reports, the most reported first."""
    return objects(conn, Ownerless, "ownership_todo")
