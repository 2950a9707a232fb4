"""The records as they stand: of each key the last version, unless it was withdrawn."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from schemas.records import Dataset


def current(versions: pl.LazyFrame, dataset: Dataset) -> pl.LazyFrame:
    """Of each natural key the version with the highest place (`_file`), withdrawn ones left out.

    In and out: the dataset's columns with `_file`, `_sheet`, `_line`. Within one file a key stands once, so
    `_file` decides alone.
    """
    return _latest(versions, dataset).filter(~pl.col("is_withdrawn"))


def current_and_lost(
    versions: pl.LazyFrame, dataset: Dataset, lost: Mapping[str, pl.DataFrame]
) -> tuple[pl.LazyFrame, pl.DataFrame]:
    """The same where records were withdrawn; and the keys that have versions but no longer stand.

    `lost` holds those keys of the datasets referred to. What a withdrawn institution, product, lot, commitment
    or delivery carried counts no more, as if it had been withdrawn on the night its rows came in: an older
    version that refers to nothing withdrawn stands again. A withdrawal itself refers to nothing.
    """
    orphans = pl.DataFrame(schema=_version_schema(dataset))
    while True:  # more than twice only where a dataset refers to itself
        rows = _latest(_leave_out(versions, orphans, dataset), dataset)
        gone = _find_gone(rows, orphans, dataset)
        own = {dataset.name: gone} if dataset.name in dataset.targets else {}
        found = _find_orphans(versions, dataset, {**lost, **own})
        if found.height == orphans.height:
            return rows.filter(~pl.col("is_withdrawn")), gone
        orphans = found


def _latest(versions: pl.LazyFrame, dataset: Dataset) -> pl.LazyFrame:
    """Of each key the last version. Few keys have more than one: only those are looked up."""
    several = _find_several(versions, dataset)
    if several.is_empty():
        return versions
    return (
        versions.join(several.lazy(), on=list(dataset.key), how="left")
        .filter(pl.col("_last").is_null() | (pl.col("_file") == pl.col("_last")))
        .drop("_last")
    )


def _find_several(versions: pl.LazyFrame, dataset: Dataset) -> pl.DataFrame:
    """The keys with several versions, and `_last`, the place of the last.

    Only keys whose hash occurs twice are looked at, so that memory holds a number per row and not the keys.
    """
    key = list(dataset.key)
    hashed = pl.struct(key).hash().alias("_hash")
    hashes = versions.select(hashed).collect()["_hash"].sort()
    twice = hashes.filter(hashes == hashes.shift(1)).unique().to_frame().lazy()
    return (
        versions.select(*key, "_file", hashed)
        .join(twice, on="_hash", how="semi")
        .group_by(key)
        .agg(pl.len().alias("_versions"), pl.col("_file").max().alias("_last"))
        .filter(pl.col("_versions") > 1)
        .drop("_versions")
        .collect()
    )


def _leave_out(versions: pl.LazyFrame, orphans: pl.DataFrame, dataset: Dataset) -> pl.LazyFrame:
    if orphans.is_empty():
        return versions
    return versions.join(orphans.lazy(), on=[*dataset.key, "_file"], how="anti")


def _find_gone(rows: pl.LazyFrame, orphans: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
    """The keys whose last version is a withdrawal, or none of whose versions is left."""
    key = list(dataset.key)
    withdrawn = rows.filter("is_withdrawn").select(key).collect()
    if orphans.is_empty():
        return withdrawn
    suspects = orphans.select(key).unique()
    left = rows.select(key).join(suspects.lazy(), on=key, how="semi").collect()
    return pl.concat([withdrawn, suspects.join(left, on=key, how="anti")])


def _find_orphans(versions: pl.LazyFrame, dataset: Dataset, lost: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """The versions (key and `_file`) that refer to a record that no longer stands."""
    version = _version_schema(dataset)
    found = [pl.DataFrame(schema=version)]
    for column, (target, columns) in dataset.references.items():
        if target in lost and not lost[target].is_empty():
            refers = (pl.col(column) != "").fill_null(False) & ~pl.col("is_withdrawn")
            names = [f"ref:{k}" for k in lost[target].columns]
            keys = lost[target].rename(dict(zip(lost[target].columns, names, strict=True))).lazy()
            orphans = versions.filter(refers).join(keys, left_on=list(columns), right_on=names, how="semi")
            found.append(orphans.select(*version).collect())
    return pl.concat(found).unique()


def _version_schema(dataset: Dataset) -> dict[str, pl.DataType]:
    return {**{k: dataset.schema()[k] for k in dataset.key}, "_file": pl.Int64()}
