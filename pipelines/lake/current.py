"""The records as they stand: of each key the last version, unless it was withdrawn."""

from __future__ import annotations

import polars as pl

from schemas.records import Dataset


def current(versions: pl.LazyFrame, dataset: Dataset) -> pl.LazyFrame:
    """Of each natural key the row with the highest place (`_file`), withdrawn ones left out.

    In and out: the dataset's columns with `_file`, `_sheet`, `_line`. Within one file a key stands once, so `_file` decides alone.
    """
    key = list(dataset.key)
    latest = versions.group_by(key).agg(pl.col("_file").max())
    return versions.join(latest, on=[*key, "_file"], how="semi").filter(~pl.col("is_withdrawn"))


def with_references(rows: pl.LazyFrame, dataset: Dataset, known: dict[str, pl.LazyFrame]) -> pl.LazyFrame:
    """Leave out rows whose institution, product, lot, commitment or delivery was withdrawn after they were accepted.

    `known` holds the current rows of the datasets referred to. What a withdrawn record carried counts no more, as if it had
    been withdrawn on the night its rows came in.
    """
    for column, (target, columns) in dataset.references.items():
        if target not in known:
            continue
        keys = known[target].select(pl.all().name.prefix("ref:"))
        names = [f"ref:{k}" for k in known[target].collect_schema().names()]
        missing = rows.filter(pl.col(column).is_not_null() & (pl.col(column) != "")).join(
            keys, left_on=list(columns), right_on=names, how="anti"
        )
        key = list(dataset.key)
        rows = rows.join(missing.select(key), on=key, how="anti")
    return rows
