"""`/health`: the process lives. `/ready`: it can answer, with its database at the right schema."""

from typing import Any

from fastapi import APIRouter

from gridsvc import __version__
from gridsvc.api.dependencies import OPEN, Conn
from gridsvc.api.problems import CALLER, UNAVAILABLE
from gridsvc.store import areas
from gridsvc.store.setup import check_schema

router = APIRouter(tags=["service"])


@router.get("/health")
def health() -> dict[str, str]:
    """The process lives."""
    return {"status": "ok", "version": __version__}


@router.get("/ready", responses=UNAVAILABLE | CALLER, openapi_extra=OPEN)
def ready(conn: Conn) -> dict[str, Any]:
    """The service can answer: its database is there, at the schema of this release."""
    check_schema(conn)
    return {"status": "ready", "area_revision": areas.current_revision(conn)}
