"""Rows that stay where they are: sorted no more than they need (the records mostly lie in the order in which they are
read), merged where parts are sorted each, and columns set beside them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise

import polars as pl

_CHUNK = 2_000_000
_MOST_RUNS = 1_000


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


def merge(rows: pl.LazyFrame, key: Sequence[str], chunk: int = _CHUNK, *, apart: Sequence[str] = ()) -> Iterator[pl.DataFrame]:
    """Yield the rows in the order of `key`, about `chunk` at a time: one sorted table, never whole in memory.

    In: rows whose key is unique and without nulls, sorted stretch by stretch, as the files of parts read one
    after another are. Cut at the same keys, each stretch gives a slice to each chunk. Rows that lie in no
    order at all are sorted as a whole. `apart`: the first columns of the key, where hardly two stretches have the
    same values in them; then these alone are sorted by.
    """
    begun = rows.head(chunk + 1).collect()
    if begun.height <= chunk:
        yield _put_together([begun], key, apart)
        return
    del begun
    keys = rows.select(key).collect()
    starts = keys.select(pl.arg_where(starts_anew(key))).to_series().to_list()
    stretches = list(pairwise([*starts, keys.height]))
    if len(stretches) > _MOST_RUNS:
        yield rows.collect().sort(key)
        return
    cuts = _cut(keys, key, chunk)
    places = [[start, *(bisect_left(range(end), cut, lo=start, key=keys.row) for cut in cuts), end] for start, end in stretches]
    del keys
    for n in range(len(cuts) + 1):
        slices = [rows.slice(at[n], at[n + 1] - at[n]).collect() for at in places]  # together they cost twice
        yield _put_together(slices, key, apart)


def _put_together(slices: list[pl.DataFrame], key: Sequence[str], apart: Sequence[str]) -> pl.DataFrame:
    rows = pl.concat(slices)
    if is_sorted(rows, key):
        return rows
    if apart:
        ordered = rows.sort(apart, maintain_order=True)
        if is_sorted(ordered, key):
            return ordered
    return rows.sort(key, maintain_order=True)  # of sorted stretches half the time of another sort


def _cut(keys: pl.DataFrame, key: Sequence[str], chunk: int) -> list[tuple[object, ...]]:
    """Keys that part all rows into pieces of about `chunk`, found in a sample."""
    number = -(-keys.height // chunk)
    if number < 2:
        return []
    sample = keys.gather_every(max(1, chunk // 100)).sort(key)
    at = [sample.height * n // number for n in range(1, number)]
    return [sample.row(n) for n in at]
