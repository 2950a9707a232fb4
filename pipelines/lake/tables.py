"""Delta tables of accepted records, one per dataset, partitioned by batch."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from deltalake import DeltaTable, write_deltalake

from schemas.records import Dataset

PLACE: dict[str, pl.DataType] = {"_file": pl.Int64(), "_sheet": pl.String(), "_line": pl.Int64()}


def write_batch(home: Path, dataset: Dataset, rows: pl.DataFrame, number: int) -> int:
    """Put the accepted rows of a batch into the table of the dataset and return the table's version.

    Rows: the dataset's columns, `_file` (number of the file in the order of upserts), `_sheet`, `_line`. The batch's partition is
    replaced in one atomic step, so a batch that was interrupted and is done again leaves no row twice.
    """
    path = _path(home, dataset)
    columns = {**dataset.schema(), **PLACE}
    rows = rows.select(pl.col(c).cast(t) for c, t in columns.items()).with_columns(
        _batch=pl.lit(number, pl.Int32)
    )
    exists = DeltaTable.is_deltatable(str(path))
    write_deltalake(
        str(path),
        rows.to_arrow(),
        mode="overwrite" if exists else "error",
        predicate=f"_batch = {number}" if exists else None,
        partition_by=None if exists else ["_batch"],
    )
    return DeltaTable(str(path)).version()


def scan(home: Path, dataset: Dataset, version: int | None, batches: int) -> pl.LazyFrame:
    """Accepted rows of the committed batches, every version of every key; empty where none was ever accepted."""
    path = _path(home, dataset)
    if version is None:
        return pl.LazyFrame(schema={**dataset.schema(), **PLACE})
    return pl.scan_delta(str(path), version=version).filter(pl.col("_batch") <= batches).drop("_batch")


def _path(home: Path, dataset: Dataset) -> Path:
    path = home / "lake" / dataset.name
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
