"""What two frames do not have in common."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl


def unequal(left: pl.DataFrame, right: pl.DataFrame) -> pl.DataFrame:
    """The rows that only one of two frames with the same columns has; nulls are equal."""
    return pl.concat(unequal_sides(left, right, left.columns))


def unequal_sides(left: pl.DataFrame, right: pl.DataFrame, on: Sequence[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows of each of two frames whose values in the columns `on` the other has nowhere; nulls are equal."""
    return (left.join(right, on=on, how="anti", nulls_equal=True), right.join(left, on=on, how="anti", nulls_equal=True))
