"""Read the records that a run was given."""

from __future__ import annotations

from typing import Literal

import polars as pl

from pipelines.lake.parts import AXES, order_of
from pipelines.store import keys
from pipelines.store.store import Store
from schemas.records import RECORDS


def parts_of(records: Store, dataset: str) -> list[int]:
    """The parts of a divided dataset; none where it lies whole."""
    names = (key.split("/part-")[-1].split(".") for key in records.list(dataset) if "/part-" in key)
    return [int(name[0]) for name in names if len(name) == 2]


def count_parts_of(records: Store) -> dict[str, int]:
    """Large dataset → number of its parts; 1 where it lies whole."""
    return {dataset: max(1, len(parts_of(records, dataset))) for dataset in AXES}


def scan_records(
    records: Store, dataset: str, part: int | None = None, *, only: pl.DataFrame | pl.LazyFrame | None = None
) -> pl.LazyFrame:
    """The records of a dataset, of one part or of all; columns as in `schemas/records`, with
    `_file`, `_sheet`, `_line`. With `only`, those whose values in its columns occur there.

    A part lies in its order, and what changed since it was written is merged in as it is read. A divided
    dataset that lies whole is one part.
    """
    if records.has(whole := keys.whole(dataset)):
        return _read(records.scan(whole), only)
    numbers = parts_of(records, dataset) if part is None else [part]
    return pl.concat([_scan_part(records, dataset, number, only) for number in numbers])


def _scan_part(records: Store, dataset: str, part: int, only: pl.DataFrame | pl.LazyFrame | None) -> pl.LazyFrame:
    if not records.has(keys.changed(dataset)):
        return _read(records.scan(keys.part(dataset, part)), only)
    changes = meet(records.scan(keys.part_changes(dataset, part)), only)
    return _scan_kept(records, dataset, part, only).merge_sorted(changes, order_of(RECORDS[dataset]))


def _scan_kept(records: Store, dataset: str, part: int, only: pl.DataFrame | pl.LazyFrame | None) -> pl.LazyFrame:
    """What still stands of a part. Mostly that is all of it, for what comes is new: no key is read to find out."""
    key, replaced = keys.part(dataset, part), keys.replaced(dataset)
    if not records.has(replaced):  # an earlier version wrote the keys alone
        changed = records.scan(keys.changed(dataset))
        return _read(records.scan(key), only).join(changed, on=list(RECORDS[dataset].key), how="anti", maintain_order="left")
    gone = records.scan(replaced).select("_part", "_row").collect().filter(_part=part).select("_row")
    if gone.is_empty():
        return _read(records.scan(key), only)
    rows = _read(records.scan(key, numbered="_row"), only)
    return rows.join(gone.lazy(), on="_row", how="anti", maintain_order="left").drop("_row")


def _read(rows: pl.LazyFrame, only: pl.DataFrame | pl.LazyFrame | None) -> pl.LazyFrame:
    """The same as `meet`: a reader that knows the values of a column passes over all else of other rows."""
    if isinstance(only, pl.DataFrame):
        name = only.columns[-1]
        values = only[name].unique().cast(rows.collect_schema()[name])
        rows = rows.filter(pl.col(name).is_in(values.implode(), nulls_equal=True))
    return meet(rows, only)


def meet(rows: pl.LazyFrame, only: pl.DataFrame | pl.LazyFrame | None, how: Literal["semi", "anti"] = "semi") -> pl.LazyFrame:
    """The rows whose values in the columns of `only` occur there, or occur there nowhere; all of them where it is None."""
    if only is None:
        return rows
    on, types = only.lazy().collect_schema().names(), rows.collect_schema()
    only = only.lazy().cast({name: types[name] for name in on})
    return rows.join(only, on=on, how=how, nulls_equal=True, maintain_order="left")
