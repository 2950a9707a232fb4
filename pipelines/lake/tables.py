"""Delta tables of accepted records, one per dataset, partitioned by batch."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable, PostCommitHookProperties, WriterProperties, write_deltalake

from pipelines.errors import DamagedError
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
            str(path),
            stream,
            mode="append",
            schema_mode="merge",
            partition_by=["_batch"],
            writer_properties=_PROPERTIES,
            post_commithook_properties=_KEEP_LOG,
        )
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
    ever accepted. DamagedError where the table is not what was written, as far as its log and the sizes of its files tell.
    """
    empty = pl.LazyFrame(schema={**dataset.schema(), **PLACE})
    if version is None:
        return empty
    path = _path(home, dataset)
    files = _list_files(path, dataset, version)
    wanted = files.filter(pl.col("partition._batch").is_between(since + 1, batches))
    if wanted.is_empty():
        return empty
    # The log names files as addresses below the table; where the home lies is no part of an address.
    wanted = wanted.sort("partition._batch", "path")
    found = [path / unquote(name) for name in wanted["path"]]
    for file, size in zip(found, wanted["size_bytes"], strict=True):
        if not file.is_file() or file.stat().st_size != size:
            raise DamagedError(f"数据湖的表 {dataset.name}（{dataset.title}）", f"{file} 不在，或大小不是 {size} 字节")
    return _scan_as_declared(found, dataset)


def _scan_as_declared(files: list[Path], dataset: Dataset) -> pl.LazyFrame:
    """The rows of these files, the oldest first. What was accepted before a column came has the value of an empty cell."""
    schema = {**dataset.schema(), **PLACE}
    lacking = schema.keys() - pl.read_parquet_schema(files[0]).keys()
    came = [c for c in dataset.columns if c.name in lacking]
    if not came:
        return pl.scan_parquet(files, glob=False, hive_partitioning=False).select(list(schema))
    rows = pl.scan_parquet(files, schema=schema, missing_columns="insert", glob=False, hive_partitioning=False)
    return rows.with_columns(pl.col(c.name).fill_null(c.empty) for c in came if c.default is not None).select(list(schema))


def _list_files(path: Path, dataset: Dataset, version: int) -> pl.DataFrame:
    """The files of a version as the table's log names them."""
    name = f"数据湖的表 {dataset.name}（{dataset.title}）"
    logs = []
    for log in sorted((path / "_delta_log").glob("*")):
        stat = log.stat()
        if log.suffix == ".json" and int(log.stem) <= version and stat.st_size == 0:
            raise DamagedError(name, f"{log} 是空的")  # the library passes over it, rows and all
        logs.append((log.name, stat.st_size, stat.st_mtime_ns))
    try:
        return _read_log(path, version, tuple(logs))
    except Exception as error:  # the library's errors have no kind of their own
        raise DamagedError(name, f"{path} 的日志无法读取：{error}".splitlines()[0]) from error


@lru_cache(maxsize=64)
def _read_log(path: Path, version: int, logs: tuple[tuple[str, int, int], ...]) -> pl.DataFrame:
    """Read once in a night and process: a step asks for a table many times while its `logs` are the same files."""
    return pl.DataFrame(DeltaTable(str(path), version=version).get_add_actions(flatten=True))


def _take_back(path: Path, base: int | None) -> None:
    """Leave the table as it was at version `base`; without one no table was ever committed."""
    if base is None:
        shutil.rmtree(path, ignore_errors=True)
        return
    _forget_torn(path / "_delta_log", base)
    table = DeltaTable(str(path))
    if table.version() != base:
        table.restore(base, post_commithook_properties=_KEEP_LOG)


def _forget_torn(folder: Path, base: int) -> None:
    """Remove what was logged after `base`, which never happened, where a power cut tore some of it."""
    later = [log for log in folder.glob("[0-9]*") if int(log.name.partition(".")[0]) > base]
    if not all(_is_whole(log) for log in later):
        for log in (*later, folder / "_last_checkpoint"):  # which is but a hint
            log.unlink(missing_ok=True)


def _is_whole(log: Path) -> bool:
    if log.suffix != ".json":
        return log.stat().st_size > 0
    try:
        return bool([json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()])
    except ValueError:
        return False


def _path(home: Path, dataset: Dataset) -> Path:
    path = home / "lake" / dataset.name
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
