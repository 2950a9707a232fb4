"""Read the records that a run was given."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import polars as pl

from pipelines.lake.parts import order_of, part_path
from schemas.records import RECORDS


def parts_of(folder: Path, dataset: str) -> list[int]:
    """The parts of a divided dataset; none where it lies whole."""
    return sorted(int(p.name[5:8]) for p in (folder / dataset).glob("part-???.parquet"))


def scan_records(
    folder: Path, dataset: str, part: int | None = None, *, only: pl.DataFrame | pl.LazyFrame | None = None
) -> pl.LazyFrame:
    """The records of a dataset below `folder`, of one part or of all; columns as in `schemas/records`, with
    `_file`, `_sheet`, `_line`. With `only`, those whose values in its columns occur there.

    A part lies in its order, and what changed since it was written is merged in as it is read. A divided
    dataset that lies whole in one file is one part.
    """
    whole = folder / f"{dataset}.parquet"
    if whole.exists():
        return meet(pl.scan_parquet(whole, glob=False), only)
    numbers = parts_of(folder, dataset) if part is None else [part]
    return pl.concat([_scan_part(folder, dataset, number, only) for number in numbers])


def _scan_part(folder: Path, dataset: str, part: int, only: pl.DataFrame | pl.LazyFrame | None) -> pl.LazyFrame:
    path = part_path(folder, dataset, part)
    if not (folder / dataset / "changed.parquet").exists():
        return meet(pl.scan_parquet(path, glob=False), only)
    changes = meet(pl.scan_parquet(path.with_suffix(".changes.parquet"), glob=False), only)
    return _scan_kept(folder, dataset, part, only).merge_sorted(changes, order_of(RECORDS[dataset]))


def _scan_kept(folder: Path, dataset: str, part: int, only: pl.DataFrame | pl.LazyFrame | None) -> pl.LazyFrame:
    """What still stands of a part. Mostly that is all of it, for what comes is new: no key is read to find out."""
    path, replaced = part_path(folder, dataset, part), folder / dataset / "replaced.parquet"
    if not replaced.exists():  # an earlier version wrote the keys alone
        keys = pl.scan_parquet(folder / dataset / "changed.parquet", glob=False)
        rows = meet(pl.scan_parquet(path, glob=False), only)
        return rows.join(keys, on=list(RECORDS[dataset].key), how="anti", maintain_order="left")
    gone = pl.read_parquet(replaced, columns=["_part", "_row"], glob=False).filter(_part=part).select("_row")
    if gone.is_empty():
        return meet(pl.scan_parquet(path, glob=False), only)
    rows = meet(pl.scan_parquet(path, row_index_name="_row", glob=False), only)
    return rows.join(gone.lazy(), on="_row", how="anti", maintain_order="left").drop("_row")


def meet(rows: pl.LazyFrame, only: pl.DataFrame | pl.LazyFrame | None, how: Literal["semi", "anti"] = "semi") -> pl.LazyFrame:
    """The rows whose values in the columns of `only` occur there, or occur there nowhere; all of them where it is None."""
    if only is None:
        return rows
    on, types = only.lazy().collect_schema().names(), rows.collect_schema()
    only = only.lazy().cast({name: types[name] for name in on})
    return rows.join(only, on=on, how=how, nulls_equal=True, maintain_order="left")
