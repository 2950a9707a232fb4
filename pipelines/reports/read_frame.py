"""The rows of a query as columns."""

from __future__ import annotations

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


def read_frame(connection: sa.Connection, query: sa.Select[Any]) -> pl.DataFrame:
    """The rows of a query as a frame typed by the query's columns, flags as the texts that words stand for; memory is bounded by
    slices.
    """
    schema = {
        column.name: next(kind for sql, kind in _TYPES if isinstance(column.type, sql)) for column in query.selected_columns
    }
    found = connection.execute(query, execution_options={"yield_per": _SLICE})
    slices = [pl.DataFrame(list(map(tuple, part)), schema, orient="row") for part in found.partitions()]
    return pl.concat([pl.DataFrame(schema=schema), *slices]).with_columns(pl.col(pl.Boolean).cast(pl.String))
