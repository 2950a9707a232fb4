"""Sums of parts, added up."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl
import polars.selectors as cs

MEASURES = cs.by_dtype(pl.Int64, pl.Int128)
"""The measures of a frame of sums; every other column belongs to its key, so whole numbers in a key are
Int32.
"""


def add_up(frames: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """The frames of sums as one: measures added where the keys are equal, in no order.

    In: frames of one schema with `rows`, the number of rows behind each sum. A key behind which no row is
    left vanishes: sums of a part taken away again (as negative measures) leave nothing.
    """
    return _add(frames).filter(pl.col("rows") != 0)


class RunningSum:
    """The sums of parts added up as they come: what waits is never more than what it is added to, so that memory follows the
    sum, not the number of parts.
    """

    def __init__(self) -> None:
        self._frames: list[pl.DataFrame] = []

    def add(self, rows: pl.DataFrame) -> None:
        """One more frame, as in `add_up`."""
        self._frames.append(rows)
        first, *waiting = self._frames
        if sum(frame.height for frame in waiting) > first.height:
            self._frames = [_add(self._frames)]

    def whole(self) -> pl.DataFrame:
        """What all come to, as `add_up` says."""
        return add_up(self._frames)


def _add(frames: Iterable[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(frames).group_by(~MEASURES).agg(MEASURES.sum())


def taken_away(rows: pl.DataFrame) -> pl.DataFrame:
    """Sums that cancel the given ones when they are added up with them."""
    return rows.with_columns(MEASURES.as_expr() * -1)
