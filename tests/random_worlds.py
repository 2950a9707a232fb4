"""How many random worlds a test looks at: a few in the whole suite, `TEST_WORLDS` times as many in `make test-slow`."""

import os

_TIMES = int(os.environ.get("TEST_WORLDS", "1"))


def seeds(first: int, few: int) -> range:
    """The seeds of `few` worlds from `first` on, or of so many times more."""
    return range(first, first + few * _TIMES)
