"""Take rows out of the lake again: those accepted under a waiver that is over."""

from __future__ import annotations

import polars as pl

from pipelines.lake.tables import PLACE, open_table, scan, table_of
from pipelines.store.store import Store
from schemas.records import Dataset


def take_out(
    home: Store, dataset: Dataset, places: pl.DataFrame, base: int | None, batch: int
) -> tuple[pl.DataFrame, int | None]:
    """Return the rows that stood at `places` (`_file`, `_sheet`, `_line`), and the version of the table without
    them.

    Earlier versions keep them: a batch is read as it was. As long as the new version is in no manifest it does
    not count, and the next batch takes it back.
    """
    if base is None or places.is_empty():
        return pl.DataFrame(schema={**dataset.schema(), **PLACE}), base
    rows = scan(home, dataset, base, batch).join(places.lazy().unique(), on=list(PLACE), how="semi").collect()
    if rows.is_empty():
        return rows, base
    table = open_table(table_of(home, dataset))
    if table.version() != base:
        table.restore(base)
    same = " AND ".join(f"lake.{c} = gone.{c}" for c in PLACE)
    source = rows.select(*PLACE).to_arrow()
    table.merge(source, same, source_alias="gone", target_alias="lake").when_matched_delete().execute()
    return rows, table.version()


def withdraw(rows: pl.DataFrame, left: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
    """A withdrawal for each key of `rows` (taken out) of which nothing is `left`, at the place where it stood:
    what refers to that record must count no more.
    """
    key = list(dataset.key)
    gone = rows.join(left, on=key, how="anti").sort("_file").unique(key, keep="last", maintain_order=True)
    empty = [pl.lit(None, t).alias(c) for c, t in dataset.schema().items() if c not in key]
    return gone.select(*key, *PLACE, *empty).with_columns(is_withdrawn=pl.lit(True)).select(rows.columns)
