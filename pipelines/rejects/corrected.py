"""What was accepted under the number of a rejected record, so that a second correction takes the place of the first."""

from __future__ import annotations

import polars as pl

from pipelines.lake import batches
from pipelines.lake.tables import PLACE
from pipelines.rejects.register import natural_key
from pipelines.store.store import Store
from schemas.records import Dataset

_KEPT = "corrected.parquet"

CORRECTED: dict[str, pl.DataType] = {"dataset": pl.String(), "record_id": pl.String(), "natural_key": pl.String(), **PLACE}
"""The rows of the last file that corrects a record: a record may become several rows of one file."""


def find_replaced(before: pl.DataFrame, recorded: pl.DataFrame, dataset: Dataset) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the rows that now correct each record, and the places of those that did and do no more.

    `before`: columns of CORRECTED, of the dataset; `recorded`: the rows accepted in this batch that are or correct a record:
    key, `is_withdrawn`, `record_id` and PLACE. The last file decides, in whatever order files are accepted. A row whose key
    a later one has is replaced by that anyway.
    """
    rows = recorded.filter(~pl.col("is_withdrawn"))
    key = natural_key(dataset).alias("natural_key")
    every = pl.concat([before, rows.select(pl.lit(dataset.name).alias("dataset"), "record_id", key, *PLACE)]).unique()
    is_last = pl.col("_file") == pl.col("_file").max().over("record_id")
    latest, earlier = every.filter(is_last), every.filter(~is_last)
    by_others = latest.select("natural_key").unique()
    replaced = earlier.join(by_others, on="natural_key", how="anti")
    return latest.sort(*CORRECTED), replaced.select(*PLACE).unique()


def read_corrected(home: Store, batch: int) -> pl.DataFrame:
    """The rows that corrected records as they stood after a batch; columns of CORRECTED."""
    kept = batches.objects_of_batch(home, batch).at(_KEPT)
    return kept.scan().collect() if kept.exists else pl.DataFrame(schema=CORRECTED)


def write_corrected(batch: Store, corrected: pl.DataFrame) -> None:
    """Keep them for the next batch."""
    if not corrected.is_empty():
        batch.write(_KEPT, corrected)
