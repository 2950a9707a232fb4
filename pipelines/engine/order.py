"""Rows that stay where they are: sorted no more than they need (the records mostly lie in the order in which they are
read), and columns set beside them.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl


def in_order(rows: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    """The rows sorted by `key`, in which no two rows are equal and which holds no nulls.

    Rows that lie in order already are returned as they are, and rows in order but for the first column of
    the key are sorted by that column alone.
    """
    if is_sorted(rows, key):
        return rows
    if is_sorted(rows, key[1:]):
        return rows.sort(key[0], maintain_order=True)
    return rows.sort(key)


def is_sorted(rows: pl.DataFrame, key: Sequence[str]) -> bool:
    """No row comes before the one above it; far cheaper to find out than to sort again."""
    return not rows.select(starts_anew(key).slice(1).any()).item()


def starts_anew(key: Sequence[str]) -> pl.Expr:
    """True in the first row, and wherever a row does not come after the one above it."""
    follows = pl.lit(True)
    for name in reversed(key):
        above = pl.col(name).shift(1)
        follows = (pl.col(name) > above) | ((pl.col(name) == above) & follows)
    return ~follows.fill_null(False)


def look_up(rows: pl.DataFrame, found: pl.DataFrame, on: Sequence[str]) -> pl.DataFrame:
    """The rows with the other columns of `found` beside them, null where it has nothing for their key.

    `on` is unique in `found`. Unlike a left join of the whole rows this copies the key alone.
    """
    beside = rows.select(on).join(found, on=list(on), how="left", maintain_order="left").drop(on)
    return rows.hstack(beside)
