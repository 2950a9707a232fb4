"""What a night changes in a figure table: the rows that come and the rows that go."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl


def differences(new: Path, old: Path, key: Sequence[str], came: Path, gone: Path) -> None:
    """Write the rows of `new` that `old` has not, and the rows of `old` that `new` has not.

    In: Parquet files with the same columns, each sorted by `key`, which is unique in it. A row that changed is
    in both outputs, an equal row in neither. The two are merged once from beginning to end, so that memory
    does not follow them.
    """
    columns = list(pl.read_parquet_schema(new))
    both = (
        pl.scan_parquet(old)
        .select(pl.col(columns), _new=pl.lit(False))
        .merge_sorted(
            pl.scan_parquet(new).with_columns(_new=pl.lit(True)), key=list(key), maintain_order=True
        )
    )
    equal = pl.all_horizontal(pl.col(c).eq_missing(pl.col(c).shift(1)) for c in columns)
    stays = (equal & pl.col("_new") & ~pl.col("_new").shift(1)).fill_null(
        False
    )  # as the row above it stood before
    changed = came.with_suffix(".part")
    both.with_columns(_stays=stays).filter(
        ~pl.col("_stays") & ~pl.col("_stays").shift(-1).fill_null(False)
    ).drop("_stays").sink_parquet(changed, compression="lz4")
    for is_new, path in ((True, came), (False, gone)):
        rows = pl.scan_parquet(changed).filter(pl.col("_new") == is_new).drop("_new")
        rows.sink_parquet(path, compression="lz4")
    changed.unlink()
