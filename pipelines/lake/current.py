"""The records as they stand: of each key the last version, unless it was withdrawn."""

from __future__ import annotations

import polars as pl

from schemas.records import Dataset


def current(versions: pl.LazyFrame, dataset: Dataset) -> pl.LazyFrame:
    """Of each natural key the row with the highest place (`_file`), withdrawn ones left out.

    In and out: the dataset's columns with `_file`, `_sheet`, `_line`. Within one file a key stands once, so
    `_file` decides alone.
    """
    key = list(dataset.key)
    latest = versions.group_by(key).agg(pl.col("_file").max())
    return versions.join(latest, on=[*key, "_file"], how="semi").filter(~pl.col("is_withdrawn"))


def with_references(versions: pl.LazyFrame, dataset: Dataset, known: dict[str, pl.LazyFrame]) -> pl.LazyFrame:
    """Leave out versions whose institution, product, lot, commitment or delivery was withdrawn after they
    were accepted.

    `known` holds the keys of the current rows of the datasets referred to. What a withdrawn record carried
    counts no more, as if it had been withdrawn on the night its rows came in: an older version that refers to
    nothing withdrawn stands again. A withdrawal itself refers to nothing.
    """
    for column, (target, columns) in dataset.references.items():
        if target in known:
            versions = _drop_orphans(versions, dataset, column, columns, known[target])
        elif target == dataset.name:
            versions = _drop_own_orphans(versions, dataset, column, columns)
    return versions


def _drop_own_orphans(
    versions: pl.LazyFrame, dataset: Dataset, column: str, columns: tuple[str, ...]
) -> pl.LazyFrame:
    """A dataset that refers to itself: what leaves takes with it what refers to it, until nothing more falls."""
    standing = versions.collect()
    while True:
        keys = current(standing.lazy(), dataset).select(dataset.key)
        left = _drop_orphans(standing.lazy(), dataset, column, columns, keys).collect()
        if left.height == standing.height:
            return left.lazy()
        standing = left


def _drop_orphans(
    versions: pl.LazyFrame, dataset: Dataset, column: str, columns: tuple[str, ...], keys: pl.LazyFrame
) -> pl.LazyFrame:
    names = [f"ref:{k}" for k in keys.collect_schema().names()]
    keys = keys.select(pl.all().name.prefix("ref:"))
    refers = (pl.col(column) != "").fill_null(False) & ~pl.col("is_withdrawn")
    orphans = versions.filter(refers).join(keys, left_on=list(columns), right_on=names, how="anti")
    version = [*dataset.key, "_file"]
    return versions.join(orphans.select(version), on=version, how="anti")
