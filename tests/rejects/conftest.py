"""The house of a test, with a desk."""

import pytest

from tests.rejects.desk import Desk


@pytest.fixture
def house(tmp_path) -> Desk:
    return Desk(tmp_path)
