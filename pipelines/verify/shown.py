"""What a figure table shows for a date, in the form of a run's report file; and the digest of such files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import sqlalchemy as sa

from pipelines.database.made import NOT_IN_FILES, Made
from pipelines.database.tables import FIGURES, valid_at, versions_of
from pipelines.engine.compute import DTYPES
from pipelines.engine.digest import Tally, tally_file
from schemas.reports import REPORTS

_SLICE = 50_000


def shown_tables(connection: sa.Connection, made: Made) -> list[str]:
    """The figure tables that the run made, and those of later that the database has by now: of a date of the run they show
    nothing.
    """
    inspector = sa.inspect(connection)
    return [name for name in FIGURES if name in made.tables or inspector.has_table(versions_of(name).name)]


def write_shown(connection: sa.Connection, table: str, as_of: dt.date, path: Path, columns: Sequence[str] = ()) -> Path:
    """Write the rows that stand for the published date `as_of`, as they came from the night: without run and clock
    columns, and of findings the open ones alone; of `columns` those that are named, else all. They are read past the
    view, which may be another's by now.
    """
    versions = versions_of(table)
    wanted = [c for c in REPORTS[table].columns if c.name in columns or not (columns or c.name in NOT_IN_FILES)]
    query = sa.select(*(versions.c[c.name] for c in wanted)).where(valid_at(versions, as_of))
    if table == "findings":
        query = query.where(versions.c.state == "open")
    schema = {c.name: DTYPES[c.type] for c in wanted}
    result = connection.execute(query, execution_options={"yield_per": _SLICE})
    with pq.ParquetWriter(path, pl.DataFrame(schema=schema).to_arrow().schema) as writer:
        for part in result.partitions():
            rows = [tuple(row) for row in part]
            writer.write_table(pl.DataFrame(rows, schema=schema, orient="row").to_arrow())
    return path


def tally_figures(reports: Path, made: Made) -> dict[str, Tally]:
    """The digest of every figure table that a run made, from the files below `reports`: what `seal` makes the result digest
    of.
    """
    return {name: tally_file(reports / f"{name}.parquet", columns) for name, columns in made.tables.items()}
