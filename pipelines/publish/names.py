"""Names for codes, and registers: what a run's records say, published with its figures."""

from __future__ import annotations

import polars as pl
import sqlalchemy as sa

from pipelines.database.tables import METADATA
from pipelines.lake.laid_out import records_of
from pipelines.lake.scan_records import scan_records
from pipelines.publish.upsert import upsert
from pipelines.store import keys
from pipelines.store.store import Store
from schemas.records.products import head_of_code
from schemas.reports import REPORTS

NAMED: dict[str, str] = {
    "institution_names": "institutions",
    "enterprise_names": "enterprises",
    "product_names": "products",
    "lot_names": "lots",
    "agency_names": "agencies",
}
"""Table of names → dataset whose columns of the same names it holds."""
GENERICS = "generic_names"
BY_KEY = (*NAMED, GENERICS, "excuse_register", "row_divisions")
"""Tables that a published run brings to what it wrote, row by row."""


def write_names(store: Store) -> None:
    """Write `ledger/<table>.parquet` for each table of names from the records of a run."""
    records = records_of(store)
    for name, dataset in NAMED.items():
        columns = REPORTS[name].column_names
        rows = scan_records(records, dataset).select(pl.col(column).cast(pl.String) for column in columns)
        store.write(keys.ledger(name), rows.sort(REPORTS[name].key).collect())
    store.write(keys.ledger(GENERICS), name_generics(scan_records(records, "products")))


def name_generics(products: pl.LazyFrame) -> pl.DataFrame:
    """In: `product_code`, `generic_code`, `generic_name`. Out: the columns of `generic_names`, for generics and for drug codes
    (obligations §12), which are heads of product codes.
    """
    texts = pl.col("product_code", "generic_code", "generic_name").cast(pl.String)
    rows = products.select(texts).with_columns(head=head_of_code())
    own = rows.select(pl.col("generic_code"), "product_code", "generic_name")
    of_drugs = rows.filter(pl.col("head") != pl.col("product_code")).select(
        pl.col("head").alias("generic_code"), "product_code", "generic_name"
    )
    several = pl.when(pl.col("generic_name").n_unique() > 1).then(pl.lit("等")).otherwise(pl.lit(""))
    return (
        pl.concat([own, of_drugs])
        .group_by("generic_code")
        .agg(name=pl.col("generic_name").sort_by("product_code").first() + several)
        .sort("generic_code")
        .collect()
    )


def publish_names(connection: sa.Connection, store: Store) -> None:
    """Bring the tables of names and the registers to what the run wrote; what it no longer names keeps its last row, for
    figures of the past speak of it. A run computed before there was a table brings none.
    """
    for name in BY_KEY:
        if (rows := store.at(keys.ledger(name))).exists:
            upsert(connection, METADATA.tables[name], rows, REPORTS[name].key)
