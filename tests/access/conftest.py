"""A provider, and the service that relies on it."""

from collections.abc import Iterator

import httpx
import pytest

from gridsvc.access import oidc_provider
from tests.access import town
from tests.access.journey import settings
from tests.access.provider import Provider, providing
from tests.service import asking, running


@pytest.fixture(scope="module")
def provider_of_module() -> Iterator[Provider]:
    with providing() as provider:
        yield provider


@pytest.fixture
def provider(provider_of_module: Provider) -> Provider:
    provider_of_module.behave()
    oidc_provider._known.clear()
    return provider_of_module


@pytest.fixture(scope="module")
def host(database: str, provider_of_module: Provider) -> Iterator[str]:
    with running(database, **settings(provider_of_module.issuer)) as found:
        yield found


@pytest.fixture
def browser(host: str) -> Iterator[httpx.Client]:
    with asking(host) as found:
        yield found


@pytest.fixture(scope="module")
def asked(database: str) -> Iterator[dict[str, httpx.Client]]:
    """A client of the service on the town for everybody in it, by name."""
    tokens = town.build(database)
    with running(database) as host:
        clients = {name: asking(host, token) for name, token in tokens.items()}
        yield clients
        for client in clients.values():
            client.close()
