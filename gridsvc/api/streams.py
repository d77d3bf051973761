"""Answers that are sent while they are read. Their transaction begins when that of the request has ended."""

from collections.abc import Callable, Iterator

from fastapi import Request
from fastapi.responses import StreamingResponse

from gridsvc.api.dependencies import Service, credentials_of, the_origin
from gridsvc.domain.access import Right
from gridsvc.store.callers import acting, as_caller
from gridsvc.store.connection import Connection

Lines = Callable[[Connection], Iterator[bytes]]


def csv_file(
    request: Request, service: Service, name: str, right: Right, lines: Lines, *, as_system: bool = False
) -> StreamingResponse:
    """A CSV file to be saved; `as_system`: read with the system's rights, which `right` gives."""
    return StreamingResponse(
        _stream(request, service, right, lines, as_system),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _stream(request: Request, service: Service, right: Right, lines: Lines, as_system: bool) -> Iterator[bytes]:
    origin, credentials = the_origin(request), credentials_of(request, service.settings)
    with as_caller(service.pool, credentials, origin, demo=service.demo) as (conn, caller):
        caller.check(right)
        if as_system:
            with acting(conn, right):
                yield from lines(conn)
        else:
            yield from lines(conn)
