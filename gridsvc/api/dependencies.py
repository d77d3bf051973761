"""What routes ask for: a connection, the city."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated

from fastapi import Depends, Query, Request

from gridsvc.maps.reports import Chosen
from gridsvc.store.city import City
from gridsvc.store.connection import Connection
from gridsvc.store.requests import request_connection

LONGEST_NAME = 100
"""Characters of a kind, code or other name in a question."""


def _connection(request: Request) -> Iterator[Connection]:
    with request_connection(request.app.state.pool) as conn:
        yield conn


def _city(request: Request) -> City:
    city: City = request.app.state.city
    return city


Kind = Annotated[str | None, Query(max_length=LONGEST_NAME, description="component or event")]
SubclassCode = Annotated[
    str | None, Query(max_length=LONGEST_NAME, description="subclass of that kind in the catalogue, such as 0110")
]


def _chosen(
    kind: Kind = None,
    subclass_code: SubclassCode = None,
    first_day: Annotated[date | None, Query(alias="from", description="first day, in the city's time")] = None,
    last_day: Annotated[date | None, Query(alias="to", description="last day, included")] = None,
) -> Chosen:
    return Chosen(kind=kind, subclass_code=subclass_code, first_day=first_day, last_day=last_day)


Conn = Annotated[Connection, Depends(_connection)]
TheCity = Annotated[City, Depends(_city)]
Filter = Annotated[Chosen, Depends(_chosen)]
Lon = Annotated[float, Query(description="longitude in degrees, WGS 84", allow_inf_nan=False)]
Lat = Annotated[float, Query(description="latitude in degrees, WGS 84", allow_inf_nan=False)]
Limit = Annotated[int, Query(ge=1, le=1_000, description="at most so many rows")]
Offset = Annotated[int, Query(ge=0, le=2**31, description="rows to leave out first")]
