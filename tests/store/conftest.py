"""Stores of every kind."""

from contextlib import ExitStack
from secrets import token_hex

import pytest

from pipelines.store.places import open_store
from tests.sources.servers import ACCESS, SECRET, s3_server


@pytest.fixture(scope="module", params=["folder", pytest.param("s3", marks=pytest.mark.thorough)])
def place(request, tmp_path_factory):
    """Where stores may be: below a folder whose name other libraries take for a pattern or an escape, or in a bucket."""
    with ExitStack() as stack:
        if request.param == "folder":
            yield str(tmp_path_factory.mktemp("stores") / "a?b #中文")
            return
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setenv("AWS_ENDPOINT_URL", stack.enter_context(s3_server()))
        patch.setenv("AWS_ACCESS_KEY_ID", ACCESS)
        patch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
        patch.setenv("AWS_REGION", "us-east-1")
        patch.setenv("AWS_ALLOW_HTTP", "true")
        yield "s3://homes"


@pytest.fixture
def store(place):
    return open_store(f"{place}/{token_hex(4)}")
