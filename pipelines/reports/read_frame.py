"""The rows of a query as columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
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

    SQLite, which has no days and flags, hands over what it keeps: SQLAlchemy would convert it cell by cell.
    """
    schema = {
        column.name: next(kind for sql, kind in _TYPES if isinstance(column.type, sql)) for column in query.selected_columns
    }
    days, flags = ([name for name, kind in schema.items() if kind is one] for one in (pl.Date, pl.Boolean))
    if connection.dialect.name == "sqlite":
        kept = {name: _IN_SQLITE.get(kind, kind) for name, kind in schema.items()}
        read = _concat(kept, _fetch(connection.execute(query)))
        if read.is_empty():
            return pl.DataFrame(schema=schema | dict.fromkeys(flags, pl.String))
        read = read.with_columns(pl.col(days).str.to_date("%Y-%m-%d"), pl.col(flags).cast(pl.Boolean))
    else:
        found = connection.execute(query, execution_options={"yield_per": _SLICE})
        read = _concat(schema, (list(map(tuple, part)) for part in found.partitions()))
    return read.with_columns(pl.col(flags).cast(pl.String))


def _concat(schema: dict[str, type[pl.DataType]], slices: Iterable[Sequence[Any]]) -> pl.DataFrame:
    return pl.concat([pl.DataFrame(schema=schema), *(pl.DataFrame(rows, schema, orient="row") for rows in slices)])


def _fetch(found: sa.CursorResult[Any]) -> Iterator[Sequence[Any]]:
    """The rows of a result that is not streamed, as the driver has them."""
    assert found.cursor is not None
    while rows := found.cursor.fetchmany(_SLICE):
        yield rows
    found.close()
