"""The records of one run: the lake as it stands at the versions the run reads, sorted by key, and their
digest.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import polars as pl

from pipelines.lake.batches import Batch, committed
from pipelines.lake.current import current, with_references
from pipelines.lake.tables import scan
from schemas.records import RECORDS

_SLICE = 200_000


def snapshot(home: Path, batch: Batch, target: Path) -> str:
    """Write `target/<dataset>.parquet` for every dataset and return the digest of their contents.

    Columns: those of the dataset with `_file`, `_sheet`, `_line`. The digest covers the records alone, not
    where they stood, so that the same records give it whatever files they came in.
    """
    target.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    known: dict[str, pl.LazyFrame] = {}
    has_withdrawn = any(b.changes["withdrawn"] for b in committed(home))
    for dataset in RECORDS.values():
        versions = scan(home, dataset, batch.versions.get(dataset.name), batch.number)
        if has_withdrawn:
            versions = with_references(versions, dataset, known)
        rows = current(versions, dataset)
        path = target / f"{dataset.name}.parquet"
        frame = rows.sort(dataset.key).collect()
        frame.write_parquet(path, compression="lz4")
        known[dataset.name] = pl.scan_parquet(path).select(dataset.key)
        digest.update(f"{dataset.name}\n".encode())
        columns = [c.name for c in dataset.columns]
        for part in frame.select(columns).iter_slices(_SLICE):
            digest.update(part.write_csv(include_header=False).encode())
    return digest.hexdigest()
