"""What a run's checks said, which published figures it changed, and how the findings moved."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from pipelines.database.open import METADATA

_CHECKS = METADATA.tables["check_results"]
_RESTATEMENTS = METADATA.tables["restatements"]
_FINDINGS = METADATA.tables["findings"]
_COUNTED = {
    "files_taken_in": "of_files",
    "files_waiting": "of_files",
    "sheets_read": "of_remarks",
    "rule": "of_rows",
    "format": "of_records",
    "unknown_company": "of_records",
    "unknown_agency": "of_records",
    "invoice_matched": "of_records",
    "older_version_stands": "of_keys",
}
_WORST_FIRST = ("failed", "warning", "passed", "not_applicable")


@dataclass(frozen=True)
class CheckResult:
    """One row of check_results; `before` is the check's status in the run it is compared with, if it was made."""

    check_id: str
    scope: str
    applied: int
    failed: int
    status: str
    message_zh: str
    examples: Sequence[str]
    before: str | None

    @property
    def kind(self) -> str:
        """What stands before the first colon of its id."""
        return self.check_id.partition(":")[0]

    @property
    def is_gate(self) -> bool:
        """Whether it belongs to the audit, which can hold a run; checks of what came in are named kind:…"""
        return "." in self.kind

    @property
    def counted(self) -> str:
        """Word for what `applied` counts: `of_files`, `of_rows` … A gate counts what its message says."""
        return _COUNTED.get(self.kind, "")

    @property
    def is_new(self) -> bool:
        """Whether it fails or warns now and did not before."""
        return self.status in _WORST_FIRST[:2] and self.before is not None and self.before not in _WORST_FIRST[:2]


def read_checks(connection: sa.Connection, run_id: str, previous: str | None) -> list[CheckResult]:
    """The checks of a run, the worst first, then what could not be fetched at all, then those that found most.

    A check that the run compared with did not make counts as passed there, because a warning of what came in is
    entered only where there is something to warn of.
    """
    t = _CHECKS
    before: dict[str, str] = {}
    if previous is not None:
        earlier = sa.select(t.c.check_id, t.c.status).where(t.c.run_id == previous)
        before = {row.check_id: row.status for row in connection.execute(earlier)}
    rows = connection.execute(sa.select(t).where(t.c.run_id == run_id)).mappings()
    results = []
    for row in rows:
        details = json.loads(row["details"] or "{}")
        examples = [_write_example(example) for example in details.get("examples", [])]
        was = None if previous is None else before.get(row["check_id"], "passed")
        results.append(
            CheckResult(
                row["check_id"],
                row["scope"],
                row["applied"],
                row["failed"],
                row["status"],
                str(details.get("message_zh", "")),
                examples,
                was,
            )
        )
    return sorted(results, key=lambda c: (_WORST_FIRST.index(c.status), c.kind != "source", -c.failed, c.check_id))


def _write_example(example: object) -> str:
    if isinstance(example, dict):
        return "，".join(f"{name} = {value}" for name, value in example.items())
    return example if isinstance(example, str) else json.dumps(example, ensure_ascii=False)


@dataclass(frozen=True)
class Restated:
    """Cells of a figure table that a run changed for one cause."""

    table_name: str
    cause: str
    cells: int


def read_restated(connection: sa.Connection, run_id: str) -> list[Restated]:
    """How many published cells the run changed, per table and cause."""
    t = _RESTATEMENTS
    by = (t.c.table_name, t.c.cause)
    query = sa.select(*by, sa.func.count()).where(t.c.run_id == run_id).group_by(*by).order_by(*by)
    return [Restated(*row) for row in connection.execute(query)]


@dataclass(frozen=True)
class FindingCount:
    """Findings of one rule: open, of these opened at the date itself, and cured at it."""

    rule_code: str
    open: int
    opened: int
    cured: int


def read_findings(connection: sa.Connection, as_of: date) -> list[FindingCount]:
    """The findings that stand for a published date, per rule."""
    t = _FINDINGS
    is_open = t.c.state == "open"
    counts = [
        sa.func.sum(sa.case((condition, 1), else_=0))
        for condition in (is_open, sa.and_(is_open, t.c.first_seen == as_of), t.c.state == "cured")
    ]
    query = sa.select(t.c.rule_code, *counts).where(t.c.as_of == as_of).group_by(t.c.rule_code)
    return [
        FindingCount(rule, *(int(n) for n in counts)) for rule, *counts in connection.execute(query.order_by(t.c.rule_code))
    ]
