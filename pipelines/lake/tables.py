"""Delta tables of accepted records, one per dataset, partitioned by batch."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import unquote

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable, PostCommitHookProperties, WriterProperties, write_deltalake

from schemas.records import Dataset

_ROWS = 800_000
_PROPERTIES = WriterProperties(compression="SNAPPY", max_row_group_size=100_000)
"""Whoever reads holds whole row groups, and by itself the writer makes each as large as the file."""
_KEEP_LOG = PostCommitHookProperties(cleanup_expired_logs=False)
"""By itself the library removes log entries of more than a month: nobody could read the lake as a past run did."""

PLACE: dict[str, pl.DataType] = {"_file": pl.Int64(), "_sheet": pl.String(), "_line": pl.Int64()}


def write_batch(home: Path, dataset: Dataset, parts: Sequence[Path], number: int, base: int | None) -> int:
    """Put the accepted rows of a batch into the table of the dataset and return the table's version.

    `parts` are Parquet files with the dataset's columns, `_file` (number of the file in the order of upserts),
    `_sheet`, `_line`; they are streamed, and count once the batch's manifest stands. `base` is the
    version that the batch before left, None where there was no table: what an interrupted batch wrote after it
    is taken back first, even where that was another batch's work.
    """
    path = _path(home, dataset)
    _take_back(path, base)
    columns = {**dataset.schema(), **PLACE, "_batch": pl.Int32()}

    def read(part: Path) -> pl.DataFrame:
        rows = pl.read_parquet(part, glob=False).with_columns(_batch=pl.lit(number, pl.Int32))
        return rows.select(pl.col(c).cast(t) for c, t in columns.items())

    schema = pl.DataFrame(schema=columns).to_arrow().schema
    for group in _group(parts):
        batches = (b for part in group for b in read(part).to_arrow().to_batches())
        stream = pa.RecordBatchReader.from_batches(schema, batches)
        write_deltalake(
            str(path), stream, mode="append", partition_by=["_batch"], writer_properties=_PROPERTIES,
            post_commithook_properties=_KEEP_LOG,
        )  # fmt: skip
    return DeltaTable(str(path)).version()


def _group(parts: Sequence[Path]) -> Iterator[list[Path]]:
    """The parts in runs of about a million rows: the writer keeps in memory what it writes in one go."""
    group, rows = [], 0
    for part in parts:
        group.append(part)
        rows += pq.read_metadata(part).num_rows
        if rows >= _ROWS:
            yield group
            group, rows = [], 0
    if group:
        yield group


def scan(home: Path, dataset: Dataset, version: int | None, batches: int, *, since: int = 0) -> pl.LazyFrame:
    """Accepted rows of the committed batches after `since`, every version of every key; empty where none was
    ever accepted.
    """
    path = _path(home, dataset)
    empty = pl.LazyFrame(schema={**dataset.schema(), **PLACE})
    if version is None:
        return empty
    table = DeltaTable(str(path), version=version)
    files = pl.DataFrame(table.get_add_actions(flatten=True))
    wanted = files.filter(pl.col("partition._batch").is_between(since + 1, batches))
    if wanted.is_empty():
        return empty
    # The log names files as addresses below the table; where the home lies is no part of an address.
    found = [path / unquote(name) for name in wanted.sort("partition._batch", "path")["path"]]
    return pl.scan_parquet(found, glob=False, hive_partitioning=False).select(empty.collect_schema().names())


def _take_back(path: Path, base: int | None) -> None:
    """Leave the table as it was at version `base`; without one no table was ever committed."""
    if base is None:
        shutil.rmtree(path, ignore_errors=True)
    elif (table := DeltaTable(str(path))).version() != base:
        table.restore(base, post_commithook_properties=_KEEP_LOG)


def _path(home: Path, dataset: Dataset) -> Path:
    path = home / "lake" / dataset.name
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
