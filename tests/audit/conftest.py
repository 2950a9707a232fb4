"""The house of a test."""

import pytest

from tests.lake.house import House


@pytest.fixture
def house(tmp_path) -> House:
    return House(tmp_path)
