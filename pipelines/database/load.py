"""Bulk load of an object into a table of the report database, slice by slice."""

import io
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import polars as pl
import sqlalchemy as sa

from pipelines.database.unload import SLICE_ROWS, schema_of
from pipelines.errors import VbpError
from pipelines.store.store import Object

if TYPE_CHECKING:
    import pyarrow.parquet as pq


class ReportFileError(VbpError):
    """A report file that is missing or has not the columns of its table; the message names the remedy."""


def load(
    connection: sa.Connection, table: sa.Table, given: Object, constants: Mapping[str, object], *, surplus: bool = False
) -> int:
    """Append the rows of an object to `table` within the caller's transaction and return their number.

    It must hold exactly the columns of the table that `constants` does not give, in any order; with
    `surplus` it may hold more, which are not read. Memory is bounded by slices of 50,000 rows. Raises
    ReportFileError for a missing file, wrong columns or values of another type.
    """
    import pyarrow.parquet as pq

    if not given.exists:
        raise ReportFileError(f"缺少结果文件 {given}(表 {table.name}),请重新运行计算步骤")
    write = _copy_slice if connection.dialect.name == "postgresql" else _insert_slice
    rows = 0
    with given.open() as content, pq.ParquetFile(content) as file:
        expected = [column.name for column in table.columns if column.name not in constants]
        _check_columns(file.schema_arrow.names, expected, table, given, surplus)
        for piece in _read_slices(file, expected):
            write(connection, table, _shape_slice(piece, table, given, constants))
            rows += piece.height
    return rows


def _check_columns(found: list[str], expected: list[str], table: sa.Table, given: Object, surplus: bool) -> None:
    if missing := sorted(set(expected) - set(found)):
        raise ReportFileError(f"结果文件 {given} 缺少列 {missing}(表 {table.name}),请核对该指标的输出列")
    if (extra := sorted(set(found) - set(expected))) and not surplus:
        raise ReportFileError(f"结果文件 {given} 多出列 {extra}(表 {table.name}),请核对该指标的输出列")


def _read_slices(file: "pq.ParquetFile", columns: list[str]) -> Iterator[pl.DataFrame]:
    for batch in file.iter_batches(batch_size=SLICE_ROWS, columns=columns):
        frame = pl.from_arrow(batch)
        assert isinstance(frame, pl.DataFrame)
        yield frame


def _shape_slice(frame: pl.DataFrame, table: sa.Table, given: Object, constants: Mapping[str, object]) -> pl.DataFrame:
    """The table's columns in the table's order, each in the type the database expects."""
    types = schema_of(sa.select(table))
    shaped = [
        (pl.lit(constants[column.name]) if column.name in constants else pl.col(column.name))
        .cast(types[column.name])
        .alias(column.name)
        for column in table.columns
    ]
    try:
        return frame.select(shaped)
    except pl.exceptions.PolarsError as error:
        raise ReportFileError(f"结果文件 {given} 的列类型与表 {table.name} 不符：{error}") from error


def _insert_slice(connection: sa.Connection, table: sa.Table, frame: pl.DataFrame) -> None:
    marks = ", ".join("?" * frame.width)
    texts = frame.with_columns(pl.col(pl.Date).dt.to_string("%Y-%m-%d"))
    # Column by column and past SQLAlchemy: half the time of tuples made row by row.
    driver: Any = connection.connection.driver_connection
    driver.executemany(
        f"INSERT INTO {table.name} ({', '.join(frame.columns)}) VALUES ({marks})",
        zip(*(column.to_list() for column in texts.iter_columns()), strict=True),
    ).close()


def _copy_slice(connection: sa.Connection, table: sa.Table, frame: pl.DataFrame) -> None:
    text = io.BytesIO()
    # Strings are quoted and nulls are not: COPY reads "" as the empty text and nothing as null.
    frame.write_csv(text, include_header=False, quote_style="non_numeric", null_value="")
    driver: Any = connection.connection.driver_connection
    with (
        driver.cursor() as cursor,
        cursor.copy(f"COPY {table.name} ({', '.join(frame.columns)}) FROM STDIN (FORMAT csv)") as copy,
    ):
        copy.write(text.getvalue())
