"""`/health`: the process lives. `/ready`: it can answer, with its database at the right schema."""

from typing import Any

from fastapi import APIRouter

from gridsvc import __version__
from gridsvc.api.dependencies import OPEN, Conn, TheService
from gridsvc.api.problems import CALLER, UNAVAILABLE
from gridsvc.store import areas
from gridsvc.store.setup import check_schema

router = APIRouter(tags=["service"])


@router.get("/health")
def health() -> dict[str, str]:
    """The process lives."""
    return {"status": "ok", "version": __version__}


@router.get("/ready", responses=UNAVAILABLE | CALLER, openapi_extra=OPEN)
def ready(conn: Conn, service: TheService) -> dict[str, Any]:
    """The service can answer: its database is there, at the schema of this release.

    `index_revision`: of the areas that it holds in memory; while that is null or older, the database locates points.
    """
    check_schema(conn)
    index = service.index.now()
    return {
        "status": "ready",
        "area_revision": areas.current_revision(conn),
        "index_revision": index.revision if index else None,
    }
