"""Where a row came from: the file as it was sent, the sheet, the line, and what stands there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from pipelines.ingest.archive import archived
from pipelines.ingest.take_in import read_sheets
from pipelines.lake.batches import Batch
from pipelines.store import keys
from pipelines.store.store import Store
from schemas.records import RECORDS


@dataclass(frozen=True)
class SentFile:
    """A file that a batch took in: its number in the order of upserts, the run, where it lay in the landing zone, its
    content, and where its copy stands below the home.
    """

    seq: int
    run_id: str
    dataset: str
    path: str
    sha256: str
    archived: str


def sent_files(batches: Iterable[Batch]) -> dict[int, SentFile]:
    """Every file of the batches by its number."""
    return {
        f["seq"]: SentFile(
            f["seq"],
            batch.run_id,
            f["dataset"],
            f["path"],
            f["sha256"],
            f"{keys.ARCHIVE}/{archived(f['dataset'], f['sha256'], f['path'])}",
        )
        for batch in batches
        for f in batch.files
    }


def read_line(home: Store, file: SentFile, sheet: str | None, line: int) -> list[tuple[str, Mapping[str, str]]]:
    """What stands on a line of the archived file: (sheet, header as sent → cell) for each sheet that has it.

    A line that could not be split has one cell, 整行. Blank lines and the header have none.
    """
    with home.local(file.archived) as path:
        sheets, _, _ = read_sheets(path, RECORDS[file.dataset])
    found: list[tuple[str, Mapping[str, str]]] = []
    for s in sheets:
        rows = s.rows.filter(pl.col("_line") == line)
        if rows.is_empty() or sheet not in (None, s.name):
            continue
        row = rows.row(0, named=True)
        cells = {name: row.get(f"c{n}") for n, name in enumerate(s.header.names) if name.strip()}
        if row.get("_raw"):
            cells = {"整行": row["_raw"]}
        found.append((s.name, {name: str(cell) for name, cell in cells.items() if cell is not None}))
    return found
