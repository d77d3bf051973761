"""The application, wired in one place from one address."""

from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager
from contextlib import nullcontext as _idle

import anyio
from fastapi import FastAPI
from psycopg_pool import ConnectionPool
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from gridsvc import __version__
from gridsvc.access import passwords
from gridsvc.access.work import Folders, working
from gridsvc.api import problems
from gridsvc.api.assets import Assets
from gridsvc.api.dependencies import Service
from gridsvc.api.guard import Guard
from gridsvc.api.limits import Limits
from gridsvc.api.routes import (
    account,
    area_figures,
    areas,
    areas_check,
    areas_desk,
    audit,
    cases,
    channels,
    component_edits,
    components,
    departments,
    due,
    duplicates,
    figures,
    health,
    import_profiles,
    import_rows,
    imports,
    locate,
    locate_many,
    ownership,
    photos,
    places,
    reports,
    reports_bulk,
    rosters,
    rules,
    rules_simulate,
    statistics,
    taxonomies,
    tiles,
    whistles,
)
from gridsvc.areas.live_index import LiveIndex
from gridsvc.config import Settings
from gridsvc.jobs.seconds import every_second
from gridsvc.store.city import the_city
from gridsvc.store.connection import Connection, open_pool
from gridsvc.store.permissions import check_service_role
from gridsvc.store.setup import check_schema
from gridsvc.web import ASSETS, accounts, oidc, orders, pages, sign_in
from gridsvc.web import account as own_account
from gridsvc.web import areas as areas_page
from gridsvc.web import audit as audit_page
from gridsvc.web import components as components_page
from gridsvc.web import imports as imports_page

DESCRIPTION = (
    "City grids, urban components and departments: where a point lies, who is responsible there, and why. "
    "Coordinates are WGS 84 longitude and latitude in degrees. Problems are RFC 9457 `application/problem+json`. "
    "An account sees what lies in its areas of duty; programs sign in with an API token."
)
POOL = 8


def folders_of(settings: Settings) -> Folders:
    return Folders(data=settings.data_folder, photos=settings.photos, uploads=settings.uploads)


def _at_work(pool: ConnectionPool[Connection], settings: Settings) -> AbstractContextManager[None]:
    return working(pool, folders_of(settings), settings.session_idle_minutes, every_second)


def create_app(
    database_url: str, settings: Settings, *, demo: bool = False, work: bool = True, pool_size: int = POOL
) -> FastAPI:
    """The service on a database; it opens its pool when it starts and refuses one that is not ready.

    `demo`: demo accounts may sign in. `work`: what is done every second and every day is done in this process.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        pool = open_pool(database_url, pool_size)
        try:
            with pool.connection() as conn:
                check_service_role(conn)
                city = the_city(conn)
                check_schema(conn)
            index = LiveIndex(database_url)
            app.state.service = Service(
                settings=settings, pool=pool, city=city, index=index, limits=Limits(settings),
                turns=anyio.Semaphore(pool_size), demo=demo,
            )  # fmt: skip
            passwords.warm_up()
            with (
                index.following(),
                _at_work(pool, settings) if work else _idle(),
            ):
                yield
        finally:
            pool.close()

    app = FastAPI(
        title="gridsvc", version=__version__, description=DESCRIPTION, lifespan=lifespan, docs_url=None, redoc_url=None,
        redirect_slashes=False,
    )  # fmt: skip
    problems.register(app)
    for room in (  # they are looked through in this order: first what thousands ask for
        reports, locate, components, locate_many, reports_bulk, account, ownership, component_edits, areas,
        area_figures, areas_check, areas_desk, rosters, rules, rules_simulate, departments, taxonomies, duplicates,
        channels, places, cases, whistles, figures, photos, statistics, audit, due,
    ):  # fmt: skip
        app.include_router(room.router, prefix="/api/v1")
    for importing in (imports.sending, imports.router, import_rows.router, import_profiles.router):
        app.include_router(importing, prefix="/api/v1")
    app.include_router(tiles.router)
    app.include_router(health.router)
    for page in (
        pages,
        sign_in,
        oidc,
        own_account,
        accounts,
        audit_page,
        imports_page,
        areas_page,
        components_page,
        orders,
    ):
        app.include_router(page.router)
    app.mount("/assets", Assets(directory=ASSETS), name="assets")
    app.add_middleware(Guard, upload_megabytes=settings.upload_megabytes)
    if settings.trusted_proxies:
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=settings.trusted_proxies)
    return app
