"""A deployment that all tests of this folder share; its logs stay where a test fails."""

from collections.abc import Iterator

import pytest

from tests.cluster.services import Cluster
from tests.processes import ROOT


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory, postgres_server: str) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("cluster")
    with Cluster(folder, postgres_server, ROOT / "seeds" / "sample", str(folder / "home")).deployed() as running:
        yield running
