"""What a run took in: files and rows per dataset, beside the run published before it."""

from __future__ import annotations

from dataclasses import dataclass, fields

import sqlalchemy as sa

from pipelines.database.open import METADATA
from schemas.records import RECORDS

_FILES = METADATA.tables["source_files"]
_STATUSES = ("accepted", "failed", "skipped", "waiting")
_ROWS = ("rows_read", "rows_accepted", "rows_rejected", "rows_duplicate")


@dataclass(frozen=True)
class Counts:
    """Files by what became of them (taken in, refused as a whole, known from before, not read yet) and rows."""

    accepted: int = 0
    failed: int = 0
    skipped: int = 0
    waiting: int = 0
    rows_read: int = 0
    rows_accepted: int = 0
    rows_rejected: int = 0
    rows_duplicate: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


@dataclass(frozen=True)
class DatasetIntake:
    """One dataset: its counts in this run, and in the run it is compared with (None: there is none)."""

    dataset: str
    now: Counts
    before: Counts | None

    @property
    def is_quiet(self) -> bool:
        """Whether nothing came or waited in either run but files known from before."""
        return not any(c and (c.accepted or c.failed or c.waiting) for c in (self.now, self.before))


def read_intake(connection: sa.Connection, run_id: str, previous: str | None) -> tuple[list[DatasetIntake], DatasetIntake]:
    """Per dataset that either run had files of, in the order of the interface, and the total of all.

    Empty for a run that has no file on record: a failed one enters none, and it is not known what it read.
    """
    now = _read_counts(connection, run_id)
    before = None if previous is None else _read_counts(connection, previous)
    known = [*RECORDS, *sorted({*now, *(before or {})} - {*RECORDS})]
    rows = [
        DatasetIntake(name, now.get(name, Counts()), _of(before, name))
        for name in known
        if now and (name in now or name in (before or {}))
    ]
    total = DatasetIntake(
        "", sum((row.now for row in rows), Counts()), None if before is None else sum(before.values(), Counts())
    )
    return rows, total


def _read_counts(connection: sa.Connection, run_id: str) -> dict[str, Counts]:
    files = [sa.func.sum(sa.case((_FILES.c.status == status, 1), else_=0)) for status in _STATUSES]
    rows = [sa.func.sum(_FILES.c[name]) for name in _ROWS]
    query = sa.select(_FILES.c.dataset, *files, *rows).where(_FILES.c.run_id == run_id)
    found = connection.execute(query.group_by(_FILES.c.dataset))
    return {str(dataset): Counts(*(int(count or 0) for count in counts)) for dataset, *counts in found}


def _of(counts: dict[str, Counts] | None, dataset: str) -> Counts | None:
    return None if counts is None else counts.get(dataset, Counts())
