"""Time progress of many commitments with the weights of their execution rate: what would be bought by now, in yuan."""

from __future__ import annotations

import datetime as dt

import polars as pl
import sqlalchemy as sa

from pipelines.reports.beside import read_beside

KEY = ("level", "code", "phase", "duty")


def read_expected(connection: sa.Connection, as_of: dt.date) -> pl.DataFrame:
    """`level`, `code`, `phase`, `duty` and `expected_fen` of every row of the roll-up of a published date."""
    found = read_beside(connection, "agreed_volume_rollup", as_of)
    assert found is not None
    return found
