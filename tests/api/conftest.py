"""The service on a small town whose reports are committed."""

from collections.abc import Iterator

import httpx
import pytest

from tests.api import town
from tests.service import client


@pytest.fixture(scope="module")
def service(database: str) -> Iterator[httpx.Client]:
    town.build(database)
    with client(database) as found:
        yield found
