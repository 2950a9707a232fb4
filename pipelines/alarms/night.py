"""What is new about a run: its differences against the run before it, read from the report database."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa

from pipelines.database.ledger import INTERRUPTED
from pipelines.database.tables import METADATA
from pipelines.publish.frozen import only_restates

_RUNS, _CHECKS, _FILES, _REJECTED, _RESTATED = (
    METADATA.tables[name] for name in ("runs", "check_results", "source_files", "rejected_records", "restatements")
)
_BAD = ("failed", "warning")
# Told as refused files and rejected rows, with what stands behind them.
_ELSEWHERE = ("files_taken_in", "rule:")


@dataclass(frozen=True)
class Problem:
    """A check that failed or warns: how many items, how many at the run before, and what it names that it did not
    name then.
    """

    check_id: str
    status: str
    failed: int
    before: int
    is_new: bool
    message_zh: str
    added: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rejected:
    """Rows of a dataset newly rejected, by reason; a row may have several."""

    dataset: str
    rows: int
    reasons: dict[str, int]


@dataclass(frozen=True)
class Night:
    """A run (its row of `runs`) and what is new about it since the run before."""

    run: Mapping[str, Any]
    problems: list[Problem] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    rejected: list[Rejected] = field(default_factory=list)
    restated: list[tuple[date, str, int]] = field(default_factory=list)
    interrupted: list[str] = field(default_factory=list)
    only_restates: bool = False


def read_night(connection: sa.Connection, run_id: str) -> Night | None:
    """What a run found; None for a run that the ledger does not know.

    The run before is the last one begun earlier that was published or held. `problems`: every failed check, and
    the warnings with something new for a person to do (see `_is_news`); `refused`: path → message of files not
    refused before in the same content; `rejected`: open rows first met since; `restated`: date, table, cells, the most first;
    `interrupted`: runs since that nobody could report; `only_restates`: the date is frozen, its figures stand.
    """
    run = connection.execute(sa.select(_RUNS).where(_RUNS.c.run_id == run_id)).mappings().one_or_none()
    if run is None or run["status"] not in ("published", "held"):
        return Night(dict(run)) if run else None
    begun = sa.tuple_(_RUNS.c.started_at, _RUNS.c.run_id)
    earlier = begun < sa.tuple_(run["started_at"], run["run_id"])
    order = (_RUNS.c.started_at.desc(), _RUNS.c.run_id.desc())
    finished = sa.select(_RUNS).where(earlier, _RUNS.c.status.in_(("published", "held")))
    before = connection.execute(finished.order_by(*order)).mappings().first()
    since = begun > sa.tuple_(before["started_at"], before["run_id"]) if before else sa.true()
    between = connection.execute(sa.select(_RUNS).where(since, earlier)).mappings().all()
    before_id = before["run_id"] if before else ""
    return Night(
        dict(run),
        _read_problems(connection, run_id, before_id),
        _read_refused(connection, run_id, before_id),
        _read_rejected(connection, run_id, [run_id, *(r["run_id"] for r in between)]),
        _read_restated(connection, run_id),
        sorted(r["run_id"] for r in between if (r["note"] or "").startswith(INTERRUPTED)),
        only_restates(connection, run_id),
    )


def _read_checks(connection: sa.Connection, run_id: str) -> dict[str, sa.RowMapping]:
    found = sa.select(_CHECKS).where(_CHECKS.c.run_id == run_id, _CHECKS.c.status.in_(_BAD))
    rows = connection.execute(found.order_by(_CHECKS.c.check_id)).mappings()
    return {row["check_id"]: row for row in rows}


def _read_problems(connection: sa.Connection, run_id: str, before_id: str) -> list[Problem]:
    before = _read_checks(connection, before_id)
    problems = []
    for check_id, row in _read_checks(connection, run_id).items():
        if check_id.startswith(_ELSEWHERE):
            continue
        was = before.get(check_id)
        is_new, added = _is_news(row, was), _list_added(row, was)
        if is_new or row["status"] == "failed":
            failed_before = was["failed"] if was else 0
            problems.append(Problem(check_id, row["status"], row["failed"], failed_before, is_new, _explain(row, added), added))
    return sorted(problems, key=lambda p: (p.status, p.check_id))


def _is_news(row: sa.RowMapping, was: sa.RowMapping | None) -> bool:
    """Whether there is something new for a person to do.

    A check that fails or warns and did not, or fails more often. A warning that merely counts more records of what
    it named already is none: it is news when it names more, or something else. A note of an indicator names nothing.
    """
    if was is None or was["status"] != row["status"]:
        return True
    if row["status"] == "failed":
        return bool(row["failed"] > was["failed"])
    if row["check_id"].startswith("note:"):
        return False
    named = [_count_named(r) for r in (row, was)]
    return named[0] > named[1] or (named[1] <= len(_list_examples(was)) and bool(_list_added(row, was)))


def _list_added(row: sa.RowMapping, was: sa.RowMapping | None) -> tuple[str, ...]:
    """What the check names, among the first twenty, and did not name the run before; gates name rows of tables."""
    if row["status"] != "warning" or row["check_id"].startswith("note:"):
        return ()
    known = set(_list_examples(was)) if was else set()
    return tuple(example for example in _list_examples(row) if example not in known)


def _list_examples(row: sa.RowMapping) -> list[str]:
    return [str(example) for example in json.loads(row["details"] or "{}").get("examples") or []]


def _count_named(row: sa.RowMapping) -> int:
    """How many things there are to name; rows of earlier versions count their items instead."""
    return int(json.loads(row["details"] or "{}").get("named", row["failed"]))


def _explain(row: sa.RowMapping, added: tuple[str, ...]) -> str:
    """The message of a check; a note of an indicator, or a remark on a sheet, is its example."""
    says_itself = row["check_id"].startswith(("note:", "sheets_read"))
    examples = [*added, *_list_examples(row)]
    if says_itself and examples:
        return examples[0]
    return str(json.loads(row["details"] or "{}").get("message_zh", ""))


def _read_refused(connection: sa.Connection, run_id: str, before_id: str) -> dict[str, str]:
    def failed(run: str) -> set[tuple[str, str]]:
        found = sa.select(_FILES.c.path, _FILES.c.sha256).where(_FILES.c.run_id == run, _FILES.c.status == "failed")
        return {(path, sha256) for path, sha256 in connection.execute(found)}

    row = _read_checks(connection, run_id).get("files_taken_in")
    messages = json.loads(row["details"] or "{}").get("examples", []) if row else []
    paths = sorted(path for path, _ in failed(run_id) - failed(before_id))
    return {path: _find_message(path, messages) for path in paths}


def _find_message(path: str, messages: list[str]) -> str:
    """What was said of a file, behind its path or its name; the path where the list of examples was full."""
    names = (f"{path}：", f"{path} ", f"{path.rpartition('/')[2]}：")
    return next((m for m in messages if m.startswith(names)), path)


def _read_rejected(connection: sa.Connection, run_id: str, runs: list[str]) -> list[Rejected]:
    rules = sa.select(_CHECKS.c.check_id).where(
        _CHECKS.c.run_id == run_id, _CHECKS.c.check_id.startswith("rule:"), _CHECKS.c.failed > 0
    )
    codes = sorted({check_id.split(":")[2] for check_id in connection.execute(rules).scalars()})
    counts = [
        sa.func.sum(sa.case((_REJECTED.c.reasons.contains(f'"code": "{code}"', autoescape=True), 1), else_=0)) for code in codes
    ]
    met = sa.select(_REJECTED.c.dataset, sa.func.count(), *counts).where(
        _REJECTED.c.state == "open", _REJECTED.c.first_seen_run.in_(runs)
    )
    rows = connection.execute(met.group_by(_REJECTED.c.dataset).order_by(_REJECTED.c.dataset))
    return [
        Rejected(dataset, total, {c: int(n) for c, n in zip(codes, numbers, strict=True) if n})
        for dataset, total, *numbers in rows
    ]


def _read_restated(connection: sa.Connection, run_id: str) -> list[tuple[date, str, int]]:
    place = (_RESTATED.c.as_of, _RESTATED.c.table_name)
    cells = sa.func.count()
    found = sa.select(*place, cells).where(_RESTATED.c.run_id == run_id).group_by(*place)
    return [(as_of, table, n) for as_of, table, n in connection.execute(found.order_by(place[0], cells.desc(), place[1]))]
