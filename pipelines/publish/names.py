"""Names for codes, and registers: what a run's records say, published with its figures."""

from __future__ import annotations

import polars as pl
import sqlalchemy as sa

from pipelines.database.tables import METADATA
from pipelines.database.upsert import upsert
from pipelines.lake.scan_records import scan_records
from pipelines.store import keys
from pipelines.store.store import Store
from schemas.reports import REPORTS

NAMED: dict[str, str] = {
    "institution_names": "institutions",
    "enterprise_names": "enterprises",
    "product_names": "products",
    "lot_names": "lots",
    "agency_names": "agencies",
}
"""Table of names → dataset whose columns of the same names it holds."""
BY_KEY = (*NAMED, "excuse_register", "row_divisions")
"""Tables that a published run brings to what it wrote, row by row."""


def write_names(store: Store) -> None:
    """Write `ledger/<table>.parquet` for each table of names from the records of a run."""
    for name, dataset in NAMED.items():
        columns = REPORTS[name].column_names
        rows = scan_records(store.below(keys.RECORDS), dataset).select(pl.col(column).cast(pl.String) for column in columns)
        store.write(keys.ledger(name), rows.sort(REPORTS[name].key).collect())


def publish_names(connection: sa.Connection, store: Store) -> None:
    """Bring the tables of names and the registers to what the run wrote; what it no longer names keeps its last row, for
    figures of the past speak of it. A run computed before there was a table brings none.
    """
    for name in BY_KEY:
        if (rows := store.at(keys.ledger(name))).exists:
            upsert(connection, METADATA.tables[name], rows, REPORTS[name].key)
