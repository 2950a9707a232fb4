"""The rows of a query as columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl
import sqlalchemy as sa

_SLICE = 50_000
_TYPES: tuple[tuple[type[sa.types.TypeEngine[Any]], type[pl.DataType]], ...] = (
    (sa.Date, pl.Date),
    (sa.Integer, pl.Int64),
    (sa.Double, pl.Float64),
    (sa.Boolean, pl.Boolean),
    (sa.Text, pl.String),
)
_IN_SQLITE: dict[type[pl.DataType], type[pl.DataType]] = {pl.Date: pl.String, pl.Boolean: pl.Int64}
"""How SQLite keeps what it has no type for."""


def read_frame(connection: sa.Connection, query: sa.Select[Any]) -> pl.DataFrame:
    """The rows of a query as a frame typed by the query's columns, flags as the texts that words stand for; memory is bounded by
    slices.
    """
    return pl.concat([pl.DataFrame(schema=schema_of(query)), *read_slices(connection, query)])


def schema_of(query: sa.Select[Any]) -> dict[str, type[pl.DataType]]:
    """The columns that `read_frame` returns."""
    return {name: pl.String if kind is pl.Boolean else kind for name, kind in _types_of(query).items()}


def read_slices(connection: sa.Connection, query: sa.Select[Any], rows: int = _SLICE) -> Iterator[pl.DataFrame]:
    """The rows of a query in their order, at most so many in a frame; none of a query without rows.

    SQLite, which has no days and flags, hands over what it keeps: SQLAlchemy would convert it cell by cell.
    """
    schema = _types_of(query)
    days, flags = ([name for name, kind in schema.items() if kind is one] for one in (pl.Date, pl.Boolean))
    if connection.dialect.name == "sqlite":
        kept = {name: _IN_SQLITE.get(kind, kind) for name, kind in schema.items()}
        for part in _fetch(connection.execute(query), rows):
            read = pl.DataFrame(part, kept, orient="row")
            read = read.with_columns(pl.col(days).str.to_date("%Y-%m-%d"), pl.col(flags).cast(pl.Boolean))
            yield read.with_columns(pl.col(flags).cast(pl.String))
        return
    found = connection.execute(query, execution_options={"yield_per": rows})
    for partition in found.partitions():
        yield pl.DataFrame(list(map(tuple, partition)), schema, orient="row").with_columns(pl.col(flags).cast(pl.String))


def _types_of(query: sa.Select[Any]) -> dict[str, type[pl.DataType]]:
    return {
        column.name: next(kind for sql, kind in _TYPES if isinstance(column.type, sql)) for column in query.selected_columns
    }


def _fetch(found: sa.CursorResult[Any], rows: int) -> Iterator[Sequence[Any]]:
    """The rows of a result that is not streamed, as the driver has them."""
    assert found.cursor is not None
    while part := found.cursor.fetchmany(rows):
        yield part
    found.close()
