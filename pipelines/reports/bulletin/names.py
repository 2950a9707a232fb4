"""Names for codes as the bulletin's own run knew them: a hospital renamed since keeps its name of that day."""

from __future__ import annotations

import tempfile
from pathlib import Path

import polars as pl
import sqlalchemy as sa

from pipelines.database.load import load
from pipelines.database.tables import METADATA
from pipelines.lake.current import current
from pipelines.past.past_run import PastRun
from pipelines.publish.names import NAMED
from pipelines.store.local import Local
from schemas.records import RECORDS
from schemas.reports import REPORTS


def take_names(connection: sa.Connection, run: PastRun) -> None:
    """Lay temporary tables of names over the present ones, for this connection and until its transaction ends.

    A query that speaks of `institution_names` then reads what the records said at the run's place in the lake.
    """
    for name, dataset in NAMED.items():
        table = METADATA.tables[name]
        columns = (sa.Column(c.name, c.type, primary_key=c.primary_key) for c in table.columns)
        own = sa.Table(name, sa.MetaData(), *columns, prefixes=["TEMPORARY"])
        own.create(connection, checkfirst=False)
        stand = current(run.versions(dataset), RECORDS[dataset])
        rows = stand.select(pl.col(column).cast(pl.String) for column in REPORTS[name].column_names)
        with tempfile.TemporaryDirectory(prefix="vbp_names_") as folder:
            load(connection, own, Local(Path(folder)).write("names.parquet", rows.collect()), {})
