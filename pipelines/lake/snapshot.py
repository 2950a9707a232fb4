"""The records of one run: the lake as it stands at the versions the run reads, divided and in order."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl

from pipelines.lake.batches import Batch, committed
from pipelines.lake.current import current, current_and_lost
from pipelines.lake.parts import AXES, count_parts, order_of, part_path, places_of
from pipelines.lake.tables import scan
from schemas.records import RECORDS, Dataset

_GROUP = 200_000


def snapshot(home: Path, batch: Batch, target: Path) -> None:
    """Write the records of every dataset below `target`.

    `<dataset>.parquet`, sorted by key; of the large datasets (`AXES`) `<dataset>/part-NNN.parquet`, every part
    in the order in which it is read (`order_of`). Columns: those of the dataset with `_file`, `_sheet`,
    `_line`. `lost/<dataset>.parquet`: the keys that have versions but no longer stand. Memory follows the
    largest part.
    """
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    versions = {d.name: scan(home, d, batch.versions.get(d.name), batch.number) for d in RECORDS.values()}
    parts = count_parts({d: versions[d].select(pl.len()).collect().item() for d in AXES})
    has_withdrawn = any(b.changes["withdrawn"] for b in committed(home) if b.number <= batch.number)
    lost: dict[str, pl.DataFrame] = {}
    for dataset in RECORDS.values():
        if has_withdrawn:
            rows, lost[dataset.name] = current_and_lost(versions[dataset.name], dataset, lost)
        else:
            rows = current(versions[dataset.name], dataset)
        if dataset.name in AXES:
            write_divided(rows, dataset, target, parts[AXES[dataset.name]])
        else:
            write_whole(rows.collect(), dataset, target / f"{dataset.name}.parquet")
    for name, keys in lost.items():
        if not keys.is_empty():
            (target / "lost").mkdir(exist_ok=True)
            keys.write_parquet(target / "lost" / f"{name}.parquet")


def write_divided(rows: pl.LazyFrame, dataset: Dataset, target: Path, parts: int) -> None:
    """Write a divided dataset below `target`, whose institutions and products stand there already: first every row
    into the file of its part as it comes, then each part into its order.
    """
    if parts == 1:
        write_whole(rows.collect(), dataset, part_path(target, dataset.name, 0))
        return
    places = places_of(AXES[dataset.name], target, parts)
    heap = target / f"{dataset.name}.heap"
    key = f"{AXES[dataset.name]}_code"
    rows.join(places.lazy(), on=key, how="left").sink_parquet(
        pl.PartitionBy(heap, key="part", include_key=False), compression="lz4", statistics=False, mkdir=True
    )
    empty = pl.LazyFrame(schema=rows.collect_schema())
    for part in range(parts):
        files = sorted((heap / f"part={part}").glob("*.parquet"))
        found = pl.scan_parquet(files, hive_partitioning=False, glob=False) if files else empty
        write_whole(found.collect(), dataset, part_path(target, dataset.name, part))
    shutil.rmtree(heap, ignore_errors=True)  # no row, no heap


def write_whole(rows: pl.DataFrame, dataset: Dataset, path: Path) -> None:
    """Write records in the order in which they are read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows.sort(order_of(dataset)).write_parquet(path, compression="lz4", row_group_size=_GROUP, statistics=False)
