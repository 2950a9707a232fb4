"""Delta tables of accepted records, one per dataset, partitioned by batch."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from functools import lru_cache
from secrets import token_hex
from urllib.parse import unquote

import polars as pl
from deltalake import DeltaTable, PostCommitHookProperties, Schema
from deltalake.exceptions import DeltaError
from deltalake.transaction import AddAction, create_table_with_add_actions

from pipelines.errors import ConflictError, DamagedError
from pipelines.store import keys
from pipelines.store.store import Object, Store, scan_objects
from schemas.records import Dataset

_ROWS = 100_000
"""So many rows at least make a file of their own, unless a batch has no more of them."""
_KEEP_LOG = PostCommitHookProperties(cleanup_expired_logs=False)
"""By itself the library removes log entries of more than a month: nobody could read the lake as a past run did."""

LOG = "_delta_log"
"""Below it, the log of a table."""

PLACE: dict[str, pl.DataType] = {"_file": pl.Int64(), "_sheet": pl.String(), "_line": pl.Int64()}


def rows_of(dataset: Dataset) -> dict[str, pl.DataType]:
    """The columns of an accepted row, in the order in which they lie in a file."""
    return {**dataset.schema(), **PLACE}


def write_batch(home: Store, dataset: Dataset, parts: Sequence[Object], number: int, base: int | None) -> int:
    """Put the accepted rows of a batch into the table of the dataset and return the table's version.

    `parts` are objects with the columns of `rows_of`; large ones become files of the table as they are. They count once the
    batch's manifest stands. `base` is the version that the batch before left, None where there was no table: what an
    interrupted batch wrote after it is taken back first, even where that was another batch's work. ConflictError where
    somebody else writes meanwhile.
    """
    before = _take_back(table := table_of(home, dataset), base)
    folder = f"_batch={number}"
    files = [_put_into(table, f"{folder}/{n:05d}-{token_hex(8)}.parquet", group) for n, group in enumerate(_group(parts))]
    sizes = table.sizes_of([file.key for file in files])
    added = [
        AddAction(
            path=file.key,
            size=int(size or 0),
            partition_values={"_batch": str(number)},
            modification_time=int(time.time() * 1000),
            data_change=True,
            stats=json.dumps({"numRecords": file.rows}),
        )
        for file, size in zip(files, sizes, strict=True)
    ]
    after = _enter(table, dataset, added, before)
    if open_table(table).version() != after:
        raise ConflictError(f"数据湖的表 {dataset.name}（{dataset.title}）")
    return after


def _put_into(table: Store, key: str, parts: Sequence[Object]) -> Object:
    """Make one file of some parts."""
    if len(parts) > 1:
        return table.write(key, scan_objects(parts))
    (part,) = parts
    part.store.copy(part.key, key, table)
    return table.at(key)


def _enter(table: Store, dataset: Dataset, added: list[AddAction], before: int) -> int:
    """Enter new files in the log of a table, with the columns that came since its version `before` (-1: there is no table);
    return the version that this makes.
    """
    schema = Schema.from_arrow(pl.DataFrame(schema={**rows_of(dataset), "_batch": pl.Int32()}).to_arrow().schema)
    by, hooks = ["_batch"], _KEEP_LOG
    if before < 0:
        try:
            create_table_with_add_actions(
                table.address(), schema, added, partition_by=by, storage_options=table.options, post_commithook_properties=hooks
            )
        except DeltaError as error:
            if table.has(f"{LOG}/{0:020d}.json"):
                raise ConflictError(f"数据湖的表 {dataset.name}（{dataset.title}）") from error
            raise
        return 0
    opened = open_table(table, before)
    known = {field.name for field in opened.schema().fields}
    if came := [field for field in schema.fields if field.name not in known]:
        opened.alter.add_columns(came, post_commithook_properties=hooks)
    opened.create_write_transaction([*added], "append", schema, by, post_commithook_properties=hooks)
    return before + bool(came) + 1


def open_table(table: Store, version: int | None = None) -> DeltaTable:
    """The table of these objects, as it is or was."""
    return DeltaTable(table.address(), version=version, storage_options=table.options)


def _group(parts: Sequence[Object]) -> Iterator[list[Object]]:
    """The parts in runs of at least _ROWS rows: many small files would be read slowly for good."""
    group, rows = [], 0
    for part in parts:
        group.append(part)
        rows += part.rows
        if rows >= _ROWS:
            yield group
            group, rows = [], 0
    if group:
        yield group


def scan(home: Store, dataset: Dataset, version: int | None, batches: int, *, since: int = 0) -> pl.LazyFrame:
    """Accepted rows of the committed batches after `since`, every version of every key; empty where none was
    ever accepted. DamagedError where the table is not what was written, as far as its log and the sizes of its files tell.
    """
    empty = pl.LazyFrame(schema=rows_of(dataset))
    if version is None:
        return empty
    table = table_of(home, dataset)
    files = _list_files(table, dataset, version)
    wanted = files.filter(pl.col("partition._batch").is_between(since + 1, batches))
    if wanted.is_empty():
        return empty
    # The log names files as addresses below the table; where the home lies is no part of an address.
    wanted = wanted.sort("partition._batch", "path")
    found = [unquote(name) for name in wanted["path"]]
    for file, stands, size in zip(found, table.sizes_of(found), wanted["size_bytes"], strict=True):
        if stands != size:
            where = table.address(file)
            raise DamagedError(f"数据湖的表 {dataset.name}（{dataset.title}）", f"{where} 不在，或大小不是 {size} 字节")
    return _scan_as_declared(table, found, dataset)


def _scan_as_declared(table: Store, files: list[str], dataset: Dataset) -> pl.LazyFrame:
    """The rows of these files, the oldest first. What was accepted before a column came has the value of an empty cell."""
    schema = rows_of(dataset)
    lacking = schema.keys() - table.scan(files[0]).collect_schema().keys()
    came = [c for c in dataset.columns if c.name in lacking]
    if not came:
        return table.scan(*files).select(list(schema))
    rows = table.scan(*files, schema=schema)
    return rows.with_columns(pl.col(c.name).fill_null(c.empty) for c in came if c.default is not None).select(list(schema))


def _list_files(table: Store, dataset: Dataset, version: int) -> pl.DataFrame:
    """The files of a version as the table's log names them."""
    name = f"数据湖的表 {dataset.name}（{dataset.title}）"
    logs = table.sizes(LOG)
    for log, (size, _) in logs.items():
        number, _, kind = log.rpartition("/")[2].partition(".")
        if kind == "json" and int(number) <= version and size == 0:
            raise DamagedError(name, f"{table.address(log)} 是空的")  # the library passes over it, rows and all
    try:
        return _read_log(table, version, tuple(logs.items()))
    except Exception as error:  # the library's errors have no kind of their own
        raise DamagedError(name, f"{table} 的日志无法读取：{error}".splitlines()[0]) from error


@lru_cache(maxsize=64)
def _read_log(table: Store, version: int, logs: tuple[tuple[str, tuple[int, str]], ...]) -> pl.DataFrame:
    """Read once in a night and process: a step asks for a table many times while its `logs` are the same files."""
    return pl.DataFrame(open_table(table, version).get_add_actions(flatten=True))


def _take_back(table: Store, base: int | None) -> int:
    """Leave the table as it was at version `base`, and return its version now; without one no table was ever committed.

    Nothing is removed but a torn log: another worker may have committed what lies here since, and who woke up too late must
    not take it away.
    """
    _forget_torn(table, -1 if base is None else base)
    if base is None and not table.sizes(LOG):
        return -1
    opened = open_table(table)
    if opened.version() == base:
        return base
    if base is None:
        opened.delete(post_commithook_properties=_KEEP_LOG)
    else:
        opened.restore(base, post_commithook_properties=_KEEP_LOG)
    return int(open_table(table).version())


def _forget_torn(table: Store, base: int) -> None:
    """Remove what was logged after `base`, which never happened, where a power cut tore some of it."""
    logs = [(log, log.rpartition("/")[2].partition(".")) for log in table.list(LOG)]
    later = [log for log, (number, _, _) in logs if number.isdecimal() and int(number) > base]
    if not all(_is_whole(table.at(log)) for log in later):
        for log in (*later, f"{LOG}/_last_checkpoint"):  # which is but a hint
            table.drop(log)


def _is_whole(log: Object) -> bool:
    if not log.key.endswith(".json"):
        return bool(log.read())
    try:
        return bool([json.loads(line) for line in log.read().decode().splitlines()])
    except ValueError:
        return False


def table_of(home: Store, dataset: Dataset) -> Store:
    """The objects of the table of a dataset."""
    return home.below(f"{keys.LAKE}/{dataset.name}")
