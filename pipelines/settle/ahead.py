"""Rows of new files that were judged by themselves, in any process, before the night is settled: objects that settling reads.

What is judged depends on nothing but the files and the state of the home before the night. It lies below a digest of that
state: where another batch or decision came in between, nothing is found, and settling judges itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from pipelines.lake.batches import Batch
from pipelines.rejects.decisions import Decision
from pipelines.rejects.sources import Judged, Source
from pipelines.store.store import Store
from schemas.records import Dataset

_FRAMES = ("rows", "bad", "repeats", "twins", "waived", "records")
_FILES = "files.json"


@dataclass(frozen=True)
class Ahead:
    """Judged groups of new files, below the state that they were judged in."""

    store: Store

    @classmethod
    def of_state(cls, store: Store, before: Batch, decisions: Sequence[Decision], as_of: date | None) -> Ahead:
        """Those that were judged after that batch, with these decisions pending, for that day."""
        state = (before.number, before.run_id, sorted(before.versions.items()), tuple(decisions), as_of)
        return cls(store.below(hashlib.sha256(repr(state).encode()).hexdigest()[:16]))

    def put(self, group: Sequence[Source], dataset: Dataset, judged: Judged) -> None:
        """Keep what was judged of a group; written again, it is the same."""
        place = self._place(group, dataset)
        for name in _FRAMES:
            place.write(f"{name}.parquet", getattr(judged, name))
        place.put_json(_FILES, _contents(group))  # last: without it the rest is none

    def find(self, group: Sequence[Source], dataset: Dataset, read_text: Callable[[], pl.DataFrame]) -> Judged | None:
        """What was judged of a group; None where nothing was, or of other files."""
        place = self._place(group, dataset)
        if not place.has(_FILES) or place.read_json(_FILES) != _contents(group):
            return None
        return Judged(read_text(), **{name: place.scan(f"{name}.parquet").collect() for name in _FRAMES})

    def _place(self, group: Sequence[Source], dataset: Dataset) -> Store:
        return self.store.below(f"{dataset.name}/{group[0].seq:09d}")


def _contents(group: Sequence[Source]) -> list[str]:
    return [source.file.sha256 for source in group]
