"""A deployment that all tests of this folder share, with its home in an object store; its logs stay where a test fails."""

from collections.abc import Iterator

import pytest

from pipelines.store.places import open_store
from tests.cluster.gate import Gate
from tests.cluster.services import Cluster
from tests.processes import ROOT
from tests.sources.servers import ACCESS, SECRET, s3_server


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
