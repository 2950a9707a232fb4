"""Pandera on Polars, imported as where pandas and hypothesis are not installed: it needs neither for what we declare with it,
and takes three times as long to import with them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import polars  # noqa: F401  looks for numpy and pandas by itself, and takes note of them

__all__ = ["PolarsData", "pa"]

_NOT_NEEDED = ("pandas", "numpy", "hypothesis")


class _NotThere:
    """Finds nothing of what is not to be there."""

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: object = None) -> None:
        if (package := name.partition(".")[0]) in _NOT_NEEDED:
            raise ModuleNotFoundError(f"No module named '{package}'", name=package)


@contextmanager
def _without() -> Iterator[None]:
    """Let what is imported within do without; what was imported before is there."""
    finder = _NotThere()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


with _without():
    import pandera.backends.polars.builtin_checks  # noqa: F401  registers the checks whose expressions we read
    import pandera.polars as pa
    from pandera.api.polars.types import PolarsData
