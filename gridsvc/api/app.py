"""The application, wired in one place from one address."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from gridsvc import __version__
from gridsvc.api import problems
from gridsvc.api.guard import Guard
from gridsvc.api.routes import areas, components, health, locate, reports, statistics
from gridsvc.store.city import the_city
from gridsvc.store.connection import open_pool
from gridsvc.store.setup import check_schema
from gridsvc.web import ASSETS, pages

DESCRIPTION = (
    "City grids, urban components and departments: where a point lies, who is responsible there, and why. "
    "Coordinates are WGS 84 longitude and latitude in degrees. Problems are RFC 9457 `application/problem+json`."
)


def create_app(database_url: str) -> FastAPI:
    """The service on a database; it opens its pool when it starts and refuses one that is not ready."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        pool = open_pool(database_url)
        try:
            with pool.connection() as conn:
                app.state.city = the_city(conn)
                check_schema(conn)
            app.state.pool = pool
            yield
        finally:
            pool.close()

    app = FastAPI(
        title="gridsvc", version=__version__, description=DESCRIPTION, lifespan=lifespan, docs_url=None, redoc_url=None
    )
    problems.register(app)
    for room in (locate, components, areas, reports, statistics):
        app.include_router(room.router, prefix="/api/v1")
    app.include_router(health.router)
    app.include_router(pages.router)
    app.mount("/assets", StaticFiles(directory=ASSETS), name="assets")
    app.add_middleware(Guard)
    return app
