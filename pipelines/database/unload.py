"""Rows of a query as frames, slice by slice: the way back from `load`."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl
import sqlalchemy as sa

SLICE_ROWS = 50_000
_TYPES: tuple[tuple[type[sa.types.TypeEngine[Any]], type[pl.DataType]], ...] = (
    (sa.Date, pl.Date),
    (sa.BigInteger, pl.Int64),
    (sa.Integer, pl.Int32),
    (sa.Double, pl.Float64),
    (sa.Boolean, pl.Boolean),
    (sa.Text, pl.String),
)
_IN_SQLITE: Mapping[type[pl.DataType], type[pl.DataType]] = {pl.Date: pl.String, pl.Boolean: pl.Int64}
"""How SQLite keeps what it has no type for."""


def unload(connection: sa.Connection, query: sa.Select[Any], rows: int | None = None) -> Iterator[pl.DataFrame]:
    """The rows of a query in their order, at most so many (default 50,000) in a frame, in the types of `schema_of`; no frame of
    a query without rows.

    SQLite, which has no days and flags, hands over what it keeps: SQLAlchemy would convert it cell by cell.
    """
    schema, rows = schema_of(query), rows or SLICE_ROWS
    if connection.dialect.name == "sqlite":
        days, flags = ([name for name, kind in schema.items() if kind is one] for one in (pl.Date, pl.Boolean))
        kept = {name: _IN_SQLITE.get(kind, kind) for name, kind in schema.items()}
        for part in _fetch(connection.execute(query), rows):
            read = pl.DataFrame(part, kept, orient="row")
            yield read.with_columns(pl.col(days).str.to_date("%Y-%m-%d"), pl.col(flags).cast(pl.Boolean))
        return
    found = connection.execute(query, execution_options={"yield_per": rows})
    for partition in found.partitions():
        yield pl.DataFrame(list(map(tuple, partition)), schema, orient="row")


def unload_whole(connection: sa.Connection, query: sa.Select[Any]) -> pl.DataFrame:
    """All rows of a query in one frame."""
    return pl.concat([pl.DataFrame(schema=schema_of(query)), *unload(connection, query)])


def schema_of(query: sa.Select[Any]) -> dict[str, type[pl.DataType]]:
    """The columns of a query with the types of the columns of the database."""
    return {
        column.name: next(kind for sql, kind in _TYPES if isinstance(column.type, sql)) for column in query.selected_columns
    }


def _fetch(found: sa.CursorResult[Any], rows: int) -> Iterator[Sequence[Any]]:
    """The rows of a result that is not streamed, as the driver has them."""
    assert found.cursor is not None
    while part := found.cursor.fetchmany(rows):
        yield part
    found.close()
