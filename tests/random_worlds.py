"""How many random worlds a test looks at: a few in `make thorough`, `TEST_WORLDS` times as many if asked."""

import os

import pytest

_TIMES = int(os.environ.get("TEST_WORLDS", "1"))


def worlds(first: int, few: int) -> list:
    """The seeds of `few` worlds from `first` on, for a test or a fixture that is given one at a time."""
    return [pytest.param(seed, marks=pytest.mark.thorough, id=str(seed)) for seed in range(first, first + few * _TIMES)]
