"""The records of one run: the lake as it stands at the versions the run reads, sorted by key, and their digest."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from pipelines.digest import digest_tables
from pipelines.lake.batches import Batch, committed
from pipelines.lake.current import current, with_references
from pipelines.lake.tables import scan
from schemas.records import RECORDS


def snapshot(home: Path, batch: Batch, target: Path) -> str:
    """Write `target/<dataset>.parquet` for every dataset and return the digest of their contents.

    Columns: those of the dataset with `_file`, `_sheet`, `_line`. The digest covers the records alone, not
    where they stood, so that the same records give it whatever files they came in.
    """
    target.mkdir(parents=True, exist_ok=True)
    known: dict[str, pl.LazyFrame] = {}
    has_withdrawn = any(b.changes["withdrawn"] for b in committed(home))
    paths = {dataset: target / f"{dataset.name}.parquet" for dataset in RECORDS.values()}
    for dataset, path in paths.items():
        versions = scan(home, dataset, batch.versions.get(dataset.name), batch.number)
        if has_withdrawn:
            versions = with_references(versions, dataset, known)
        current(versions, dataset).sort(dataset.key).sink_parquet(
            path, compression="lz4", row_group_size=200_000
        )
        known[dataset.name] = pl.scan_parquet(path).select(dataset.key)
    return digest_tables((d.name, path, [c.name for c in d.columns]) for d, path in paths.items())
