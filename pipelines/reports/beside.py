"""Columns that stand beside those of a report table on pages, made from the rows of report tables when a page is made."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import polars as pl
import sqlalchemy as sa

from pipelines.database.tables import METADATA
from pipelines.reports.read_frame import read_frame
from schemas.declared import SHOWN
from schemas.reports import REPORTS, ReportTable
from schemas.shown import Beside


def beside_of(name: str) -> Beside | None:
    """What stands beside the columns of a report table, if anything does."""
    return next((s.beside for s in SHOWN.values() if s.beside and s.beside.table == name), None)


def shown_table(name: str) -> ReportTable:
    """The definition of a report table with the columns that stand beside its own."""
    table, beside = REPORTS[name], beside_of(name)
    return replace(table, columns=(*table.columns, *beside.columns)) if beside else table


def read_beside(connection: sa.Connection, name: str, as_of: dt.date) -> pl.DataFrame | None:
    """The key of each row of a published date, without the date, and the whole numbers beside it."""
    beside = beside_of(name)
    if beside is None:
        return None
    frames = {}
    for table, columns in beside.reads.items():
        t = METADATA.tables[table]
        stands = t.c.as_of == as_of if "as_of" in t.c else sa.true()
        frames[table] = read_frame(connection, sa.select(*(t.c[column] for column in columns)).where(stands))
    found: pl.DataFrame = beside.make(frames, as_of)
    return found
