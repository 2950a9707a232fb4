"""Rows of a query as reports say them."""

from __future__ import annotations

from typing import Any

import polars as pl
import sqlalchemy as sa

from pipelines.database.unload import unload_whole


def read_frame(connection: sa.Connection, query: sa.Select[Any]) -> pl.DataFrame:
    """All rows of a query, as `in_words` says."""
    return in_words(unload_whole(connection, query))


def in_words(rows: pl.DataFrame) -> pl.DataFrame:
    """Flags as the texts that words stand for, whole numbers in a type that holds the sums of many."""
    return rows.with_columns(pl.col(pl.Boolean).cast(pl.String), pl.col(pl.Int32).cast(pl.Int64))
