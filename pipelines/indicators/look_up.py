"""Columns found by a key, set beside rows that stay where they are."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl


def look_up(rows: pl.DataFrame, found: pl.DataFrame, on: Sequence[str]) -> pl.DataFrame:
    """The rows with the other columns of `found` beside them, null where it has nothing for their key.

    `on` is unique in `found`. Unlike a left join of the whole rows this copies the key alone.
    """
    beside = rows.select(on).join(found, on=list(on), how="left", maintain_order="left").drop(on)
    return rows.hstack(beside)
