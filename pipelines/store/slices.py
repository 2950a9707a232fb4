"""A Parquet file slice by slice, so that memory does not follow it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq


def read_slices(path: Path, rows: int) -> Iterator[pl.DataFrame]:
    """Yield the file's rows in their order, so many at a time; nothing of a file without rows."""
    scan = pl.scan_parquet(path, glob=False)
    for offset in range(0, pq.read_metadata(path).num_rows, rows):
        yield scan.slice(offset, rows).collect()
