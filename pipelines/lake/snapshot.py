"""The records of one run: the lake as it stands at the versions the run reads, divided and in order."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from pipelines.lake.batches import Batch, committed
from pipelines.lake.current import current, current_and_lost
from pipelines.lake.parts import AXES, count_parts, finest, order_of, places_of
from pipelines.lake.tables import scan
from pipelines.store import keys
from pipelines.store.store import Store
from schemas.records import RECORDS, Dataset


def snapshot(home: Store, batch: Batch, target: Store) -> None:
    """Write the records of every dataset to `target`, in place of what stands there.

    `<dataset>.parquet`, sorted by key; of the large datasets (`AXES`) `<dataset>/part-NNN.parquet`, every part
    in the order in which it is read (`order_of`), and `<axis>.places.parquet` (`places_of`). Columns: those of the
    dataset with `_file`, `_sheet`, `_line`. `lost/<dataset>.parquet`: the keys that have versions but no longer stand.
    Memory follows the largest part.
    """
    target.drop()
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
            write_divided(rows, dataset, target, parts)
        else:
            write_whole(rows.collect(), dataset, target, keys.whole(dataset.name))
    for name, gone in lost.items():
        if not gone.is_empty():
            target.write(keys.lost(name), gone)


def write_divided(rows: pl.LazyFrame, dataset: Dataset, target: Store, parts_of: Mapping[str, int]) -> None:
    """Write a divided dataset to `target`, whose institutions and products stand there already: first every row
    to the heap of its part as it comes, in a scratch place, then each part into its order. `parts_of`: dataset → number of
    parts.
    """
    axis, parts = AXES[dataset.name], parts_of[dataset.name]
    places = places_of(axis, target, finest(axis, parts_of))
    target.write(keys.places(axis), places)
    places = places.with_columns(pl.col("part") % parts)
    if parts == 1:
        write_whole(rows.collect(), dataset, target, keys.part(dataset.name, 0))
        return
    empty = pl.LazyFrame(schema=rows.collect_schema())
    with target.scratch() as heap:
        heap.write_divided(rows.join(places.lazy(), on=f"{axis}_code", how="left"), "part")
        for part in range(parts):
            found = list(heap.list(f"part={part}"))
            own = heap.scan(*found) if found else empty
            write_whole(own.collect(), dataset, target, keys.part(dataset.name, part))


def write_whole(rows: pl.DataFrame, dataset: Dataset, target: Store, key: str) -> None:
    """Write records in the order in which they are read."""
    target.write(key, rows.sort(order_of(dataset)))
