"""Batches: what each night added to the lake. A batch counts once its manifest stands; until then it never
happened.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipelines.errors import DamagedError
from pipelines.store.durable import as_json, read_json, sync_all
from pipelines.store.store import Store


@dataclass(frozen=True)
class Batch:
    """A committed batch: its number, the run that made it, its files (with their counts), the Delta version
    of every table after it.
    """

    number: int
    run_id: str
    files: list[dict[str, Any]] = field(default_factory=list)
    versions: dict[str, int] = field(default_factory=dict)
    changes: dict[str, int] = field(default_factory=dict)


def committed(home: Path) -> Iterator[Batch]:
    """All committed batches, the oldest first."""
    for path in sorted((home / "batches").glob("*/manifest.json")):
        try:
            yield Batch(**read_json(path))
        except TypeError as error:  # JSON, but no manifest
            raise DamagedError(str(path), f"内容不是批次清单：{error}") from error


def committed_contents(home: Path) -> set[tuple[str, str]]:
    """(dataset, SHA-256) of every file that the lake holds."""
    return {(f["dataset"], f["sha256"]) for batch in committed(home) for f in batch.files}


def last_batch(home: Path) -> Batch:
    """The last committed batch, or batch 0 of an empty lake."""
    return max(committed(home), key=lambda b: b.number, default=Batch(0, ""))


def find_batch(home: Path, number: int) -> Batch:
    """The committed batch of that number; batch 0 is the empty lake."""
    return next((b for b in committed(home) if b.number == number), Batch(0, ""))


def folder(home: Path, number: int) -> Path:
    """Where a batch keeps its manifest and the register of rejected rows as it stood after it."""
    return home / "batches" / f"{number:06d}"


def commit(home: Path, batch: Batch) -> None:
    """Make a batch count: the one atomic step of taking files in. What the manifest names is on the disk before it is:
    the archive, the lake, the batch's own folder, each brought there in one pass.
    """
    sync_all(home, home / "archive", home / "lake", home / "batches")
    Store(home).put(f"batches/{batch.number:06d}/manifest.json", as_json(batch.__dict__))


def input_digest(home: Path, number: int) -> str:
    """SHA-256 over what the lake was made from up to a batch: its files in the order of upserts (dataset and
    content of each), and the decisions on rejected rows that each batch applied.
    """
    digest = hashlib.sha256()
    for batch in committed(home):
        if batch.number <= number:
            for file in sorted(batch.files, key=lambda f: int(f["seq"])):
                digest.update(f"{file['seq']} {file['dataset']} {file['sha256']}\n".encode())
            decisions = folder(home, batch.number) / "decisions.json"
            digest.update(decisions.read_bytes() if decisions.exists() else b"")
    return digest.hexdigest()
