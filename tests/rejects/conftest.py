"""The house of a test, with a desk."""

import pytest

from tests.lake.house import House
from tests.rejects.desk import Desk


@pytest.fixture
def house(tmp_path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture(scope="session")
def masters(tmp_path_factory) -> House:
    """A house whose first night took in one good row of every dataset that others refer to."""
    house = House(tmp_path_factory.mktemp("masters"))
    house.land_masters()
    house.night()
    return house
