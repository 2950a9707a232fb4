"""Batches: what each night added to the lake. A batch counts once its manifest stands; until then it never
happened.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pipelines.errors import ConflictError, DamagedError
from pipelines.store import keys
from pipelines.store.durable import as_json
from pipelines.store.store import Store

_MANIFEST = "manifest.json"
APPLIED = "decisions.json"
"""The decisions on rejected rows that a batch applies, by number."""


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


def committed(home: Store) -> Iterator[Batch]:
    """All committed batches, the oldest first."""
    for number in home.folders("batches"):
        if home.has(manifest := f"batches/{number}/{_MANIFEST}"):
            try:
                yield Batch(**home.read_json(manifest))
            except TypeError as error:  # JSON, but no manifest
                raise DamagedError(home.address(manifest), f"内容不是批次清单：{error}") from error


def committed_contents(home: Store) -> set[tuple[str, str]]:
    """(dataset, SHA-256) of every file that the lake holds."""
    return {(f["dataset"], f["sha256"]) for batch in committed(home) for f in batch.files}


def last_batch(home: Store) -> Batch:
    """The last committed batch, or batch 0 of an empty lake."""
    return max(committed(home), key=lambda b: b.number, default=Batch(0, ""))


def find_batch(home: Store, number: int) -> Batch:
    """The committed batch of that number; batch 0 is the empty lake."""
    return next((b for b in committed(home) if b.number == number), Batch(0, ""))


def objects_of_batch(home: Store, number: int) -> Store:
    """What a batch keeps: its manifest and the register of rejected rows as it stood after it."""
    return home.below(keys.batch(number))


def refuse_committed(home: Store, number: int) -> None:
    """ConflictError where a batch of that number stands: who is about to write one was asleep while another did."""
    if objects_of_batch(home, number).has(_MANIFEST):
        raise ConflictError(f"数据湖第 {number} 批")


def commit(home: Store, batch: Batch) -> None:
    """Make a batch count: the one atomic step of taking files in. What the manifest names is on the disk before it is:
    the archive, the lake, the batch's own folder, each brought there in one pass. ConflictError where another batch of that
    number stands.
    """
    home.settle("", keys.ARCHIVE, keys.LAKE, "batches")
    manifest = objects_of_batch(home, batch.number).at(_MANIFEST)
    if not manifest.store.put(manifest.key, as_json(batch.__dict__), if_absent=True):
        raise ConflictError(f"数据湖第 {batch.number} 批")


def input_digest(home: Store, number: int) -> str:
    """SHA-256 over what the lake was made from up to a batch: its files in the order of upserts (dataset and
    content of each), and the decisions on rejected rows that each batch applied.
    """
    digest = hashlib.sha256()
    for batch in committed(home):
        if batch.number <= number:
            for file in sorted(batch.files, key=lambda f: int(f["seq"])):
                digest.update(f"{file['seq']} {file['dataset']} {file['sha256']}\n".encode())
            decisions = objects_of_batch(home, batch.number).at(APPLIED)
            digest.update(decisions.read() if decisions.exists else b"")
    return digest.hexdigest()
