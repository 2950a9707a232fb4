"""A house whose nights are foretold."""

import pytest

from tests.senders.foretold import Foretold


@pytest.fixture
def house(tmp_path) -> Foretold:
    return Foretold(tmp_path)
