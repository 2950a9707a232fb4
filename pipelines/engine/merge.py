"""One sorted table from parts that are sorted each, without holding it in memory."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise

import polars as pl

from pipelines.engine.order import in_order, is_sorted, starts_anew

_CHUNK = 2_000_000
_MOST_RUNS = 1_000


def merge(rows: pl.LazyFrame, key: Sequence[str], chunk: int = _CHUNK, *, apart: Sequence[str] = ()) -> Iterator[pl.DataFrame]:
    """Yield the rows in the order of `key`, about `chunk` at a time.

    In: rows whose key is unique and without nulls, sorted stretch by stretch, as the files of parts read one
    after another are. Cut at the same keys, each stretch gives a slice to each chunk. Rows that lie in no
    order at all are sorted as a whole. `apart`: the first columns of the key, where hardly two stretches have the
    same values in them; then these alone are sorted by.
    """
    if rows.select(pl.len()).collect().item() <= chunk:
        yield in_order(rows.collect(), key)
        return
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
    if apart:
        ordered = rows.sort(apart, maintain_order=True)
        if is_sorted(ordered, key):
            return ordered
    return in_order(rows, key)


def _cut(keys: pl.DataFrame, key: Sequence[str], chunk: int) -> list[tuple[object, ...]]:
    """Keys that part all rows into pieces of about `chunk`, found in a sample."""
    number = -(-keys.height // chunk)
    if number < 2:
        return []
    sample = keys.gather_every(max(1, chunk // 100)).sort(key)
    at = [sample.height * n // number for n in range(1, number)]
    return [sample.row(n) for n in at]
