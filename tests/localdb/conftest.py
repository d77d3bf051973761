from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gridsvc.localdb import Cluster


@pytest.fixture
def make_cluster() -> Iterator[Callable[[Path], Cluster]]:
    """Makes clusters that are removed afterwards, wherever their files lie."""
    made: list[Cluster] = []

    def make(folder: Path) -> Cluster:
        made.append(Cluster(folder, fsync=False))
        return made[-1]

    yield make
    for cluster in made:
        cluster.remove()


@pytest.fixture
def cluster(tmp_path: Path, make_cluster: Callable[[Path], Cluster]) -> Cluster:
    return make_cluster(tmp_path / "data")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """One running cluster for tests that only look at it."""
    cluster = Cluster(tmp_path_factory.mktemp("running") / "data", fsync=False)
    try:
        cluster.up()
        yield cluster
    finally:
        cluster.remove()
