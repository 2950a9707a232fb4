"""What a night changes in a figure table: the rows that come and the rows that go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from pipelines.store.store import Object

SLICE_ROWS = 100_000


def differences(new: Object, old: Object, key: Sequence[str], came: Object, gone: Object, slice_rows: int = SLICE_ROWS) -> None:
    """Write the rows of `new` that `old` has not, and the rows of `old` that `new` has not.

    In: objects with the same columns, each sorted by `key`, which is unique in it. A row that changed is
    in both outputs, an equal row in neither. The two are merged once from beginning to end, at most twice
    `slice_rows` rows of each in memory.
    """
    if not (new.rows or old.rows):
        for none in (came, gone):
            new.store.copy(new.key, none.key, none.store)
        return
    schema = new.scan().collect_schema()
    with came.writing(schema) as comes, gone.writing(schema) as goes:
        for both in _merge(old, new, key, slice_rows):
            changed = _leave_out_equal(both, schema.names())
            for is_new, write in ((True, comes), (False, goes)):
                write(changed.filter(pl.col("_new") == is_new).select(schema.names()))


def _merge(old: Object, new: Object, key: Sequence[str], slice_rows: int) -> Iterator[pl.DataFrame]:
    """Both in the order of the key, piece by piece, an old row before the new one of its key; with `_new`.

    Rows of one key are in one piece: it ends before the last row that is known of one which has more.
    """
    sources = [rows.slices(slice_rows) for rows in (old, new)]
    held = [pl.DataFrame(schema=new.scan().collect_schema())] * 2
    columns = held[0].columns
    has_more = [True, True]
    while any(has_more):
        for side, source in enumerate(sources):
            if has_more[side] and held[side].height <= slice_rows:
                more = next(source, None)
                has_more[side] = more is not None
                held[side] = held[side] if more is None else pl.concat([held[side], more.select(columns)])
        marked = [rows.with_columns(_new=pl.lit(bool(side))) for side, rows in enumerate(held)]
        both = marked[0].merge_sorted(marked[1], key=list(key), maintain_order=True)
        end = min((_find_last(both, side, key) for side in (0, 1) if has_more[side]), default=both.height)
        yield both[:end]
        held = [both[end:].filter(pl.col("_new") == bool(side)).select(columns) for side in (0, 1)]


def _find_last(both: pl.DataFrame, side: int, key: Sequence[str]) -> int:
    """Where the last row of a side stands, or the one before it that has its key."""
    last = int((both["_new"] == bool(side)).arg_true()[-1])
    pair = both[max(last - 1, 0) : last + 1].select(key)
    return last - 1 if pair.height == 2 and pair.n_unique() == 1 else last


def _leave_out_equal(both: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """Those that do not stand in both files as they are."""
    equal = pl.all_horizontal(pl.col(c).eq_missing(pl.col(c).shift(1)) for c in columns)
    # As the row above it stood before.
    stays = (equal & pl.col("_new") & ~pl.col("_new").shift(1)).fill_null(False)
    marked = both.with_columns(_stays=stays)
    return marked.filter(~pl.col("_stays") & ~pl.col("_stays").shift(-1).fill_null(False))
