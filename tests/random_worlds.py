"""How many random worlds a test looks at: a few in the whole suite, `TEST_WORLDS` times as many in `make worlds`."""

import os

import pytest

_TIMES = int(os.environ.get("TEST_WORLDS", "1"))


def seeds(first: int, few: int) -> range:
    """The seeds of `few` worlds from `first` on, or of so many times more; a test that goes through them is marked `worlds`."""
    return range(first, first + few * _TIMES)


def worlds(first: int, few: int) -> list:
    """The same for a test, or a fixture, that is given one at a time."""
    return [pytest.param(seed, marks=pytest.mark.worlds, id=str(seed)) for seed in seeds(first, few)]
