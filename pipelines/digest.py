"""Digests of tables: SHA-256 over the CSV text of sorted rows, which no version of a library's own hash can change."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

_SLICE = 200_000


def digest_tables(tables: Iterable[tuple[str, Path, list[str]]]) -> str:
    """SHA-256 over tables given as (name, Parquet file with its rows sorted, columns that count), a slice in memory at a time."""
    digest = hashlib.sha256()
    for name, path, columns in tables:
        digest.update(f"{name}\n".encode())
        for batch in pq.ParquetFile(path).iter_batches(_SLICE, columns=columns):
            part = pl.DataFrame(pl.from_arrow(batch)).select(columns)
            digest.update(part.write_csv(include_header=False).encode())
    return digest.hexdigest()
