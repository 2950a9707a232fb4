"""The page of tasks: open ones by department and age and one by one, the oldest first; what was cured, and what came back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

import polars as pl
import sqlalchemy as sa

from pipelines.reports.open_tasks import AGES, OfDepartment, OpenTask, read_open_tasks
from pipelines.reports.pages.words import words_of
from pipelines.reports.site.figures import FINDINGS
from pipelines.reports.site.lists import rule_heading
from pipelines.reports.site.page import Page
from pipelines.reports.site.sheets.columns import heading
from pipelines.reports.site.sheets.sheet import ALL, PAGE, Filled, Heading

MOST = 2000
"""So many tasks of each list stand on the page; `vbp tasks list` knows all."""
_DUE = {"overdue": "逾期", "in_time": "未逾期"}
_TYPES = {
    **dict.fromkeys(
        ("department", "assignee", "institution_code", "institution_code_name", "rule_code", "severity"), pl.String
    ),
    **dict.fromkeys(("message_zh", "finding_id", "is_due"), pl.String),
    **dict.fromkeys(("first_seen", "due_on", "oldest"), pl.Date),
    **dict.fromkeys(("open", "new", "overdue", "amount_fen", *(name for _, name in AGES)), pl.Int64),
}


def task_page(connection: sa.Connection, as_of: date) -> Page:
    """The page of a published date; without any task it says so."""
    found, words = read_open_tasks(connection, as_of, MOST), words_of("site")
    sheets = [_departments(found.departments)]
    for name, tasks in (("tasks_open", found.oldest), ("tasks_back", found.back), ("tasks_cured", found.cured)):
        sheets.append(_tasks(name, tasks))
    totals = {"tasks_open": found.total, "tasks_back": found.back_total, "tasks_cured": found.cured_total}
    facts = {"heading": words["tasks"], "totals": totals, "most": MOST}
    return Page("tasks", "tasks.html.j2", ALL, {sheet.name: sheet for sheet in sheets}, facts)


def _departments(departments: Sequence[OfDepartment]) -> Filled:
    words = words_of("site")
    counts = ["open", "new", "overdue", *(name for _, name in AGES)]
    columns = [
        Heading("department", *words["department"], "text"),
        *(Heading(name, *words[f"tasks_{name}" if name == "open" else name], "count") for name in counts),
        Heading("oldest", *words["oldest"], "date"),
        heading(FINDINGS, "amount_fen"),
    ]
    return _fill("task_departments", columns, [asdict(own) | own.ages for own in departments])


def _tasks(name: str, tasks: Sequence[OpenTask]) -> Filled:
    words, named = words_of("site"), ("institution_code", "message_zh", "amount_fen", "first_seen", "due_on")
    columns = [
        Heading("department", *words["department"], "text", code="assignee", code_zh=words["assignee"][0]),
        rule_heading(),
        *(heading(FINDINGS, column) for column in named),
        Heading("is_due", *words["overdue"], "word", words=_DUE),
        heading(FINDINGS, "finding_id"),
    ]
    return _fill(name, columns, [_row(task) for task in tasks])


def _row(task: OpenTask) -> dict[str, Any]:
    is_due = None if task.due_on is None else "overdue" if task.is_overdue else "in_time"
    return asdict(task) | {"assignee": task.assignee or "", "institution_code_name": task.institution_name, "is_due": is_due}


def _fill(name: str, columns: Sequence[Heading], rows: Sequence[dict[str, Any]]) -> Filled:
    fields = dict.fromkeys(f for c in columns for f in (c.name, c.code) if f)
    frame = pl.DataFrame([{f: row[f] for f in fields} for row in rows], schema={f: _TYPES[f] for f in fields})
    return Filled(name, columns, frame.with_columns(pl.lit(ALL).alias(PAGE)))
