"""Read the records that a run was given."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from pipelines.lake.parts import order_of, part_path
from schemas.records import RECORDS


def parts_of(folder: Path, dataset: str) -> list[int]:
    """The parts of a divided dataset; none where it lies whole."""
    return sorted(int(p.name[5:8]) for p in (folder / dataset).glob("part-???.parquet"))


def scan_records(folder: Path, dataset: str, part: int | None = None) -> pl.LazyFrame:
    """The records of a dataset below `folder`, of one part or of all; columns as in `schemas/records`, with
    `_file`, `_sheet`, `_line`.

    A part lies in its order, and what changed since it was written is merged in as it is read. A divided
    dataset that lies whole in one file is one part.
    """
    whole = folder / f"{dataset}.parquet"
    if whole.exists():
        return pl.scan_parquet(whole)
    numbers = parts_of(folder, dataset) if part is None else [part]
    return pl.concat([_scan_part(folder, dataset, number) for number in numbers])


def _scan_part(folder: Path, dataset: str, part: int) -> pl.LazyFrame:
    path = part_path(folder, dataset, part)
    rows = pl.scan_parquet(path)
    changed = folder / dataset / "changed.parquet"
    if not changed.exists():
        return rows
    declared = RECORDS[dataset]
    keys, changes = pl.scan_parquet(changed), pl.scan_parquet(path.with_suffix(".changes.parquet"))
    kept = rows.join(keys, on=list(declared.key), how="anti", maintain_order="left")
    return kept.merge_sorted(changes, order_of(declared))
