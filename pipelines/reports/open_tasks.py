"""The open tasks of a published date for people: by department and age, the oldest first, what was cured, and what came back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from pipelines.database.tables import METADATA

_FINDINGS, _TASKS, _NAMES = (METADATA.tables[name] for name in ("findings", "tasks", "institution_names"))
AGES = ((7, "age_7"), (30, "age_30"), (90, "age_90"), (None, "age_over"))
"""Upper ends, in days since the first sight, of the bands of age, and their names."""
_SAID = ("finding_id", "rule_code", "severity", "institution_code", "message_zh", "amount_fen", "first_seen", "due_on")


@dataclass(frozen=True)
class OfDepartment:
    """The open tasks of a department: how many, of these first seen on the date itself and overdue, and by age."""

    department: str
    open: int
    new: int
    overdue: int
    oldest: date
    amount_fen: int
    ages: dict[str, int]


@dataclass(frozen=True)
class OpenTask:
    """A task with what its finding says; of one that `is_back` there was a task before."""

    finding_id: str
    rule_code: str
    severity: str
    institution_code: str | None
    message_zh: str
    amount_fen: int | None
    first_seen: date
    due_on: date | None
    institution_name: str | None
    jurisdiction_code: str | None
    department: str
    assignee: str | None
    days: int
    is_overdue: bool


@dataclass(frozen=True)
class OpenTasks:
    """What is open at a published date; of the lists no more than was asked for, of each how many there are."""

    departments: Sequence[OfDepartment]
    oldest: Sequence[OpenTask]
    total: int
    cured: Sequence[OpenTask]
    cured_total: int
    back: Sequence[OpenTask]
    back_total: int


def read_open_tasks(connection: sa.Connection, as_of: date, most: int) -> OpenTasks:
    """The tasks of the findings that are open at a published date and that nobody has closed or rejected since; those cured at
    it; those open that had been cured before it.
    """
    f, t = _FINDINGS.c, _TASKS.c
    is_open = sa.and_(f.state == "open", t.state.in_(("open", "cured")))
    earlier = _TASKS.alias("earlier")
    had_one = sa.exists().where(earlier.c.finding_id == f.finding_id, earlier.c.first_seen < as_of)
    is_back = sa.and_(is_open, f.first_seen == as_of, had_one)
    departments = _read_departments(connection, as_of, is_open)
    oldest, cured, back = (_read(connection, as_of, which, most) for which in (is_open, f.state == "cured", is_back))
    counted = [sa.func.coalesce(sa.func.sum(sa.case((which, 1), else_=0)), 0) for which in (f.state == "cured", is_back)]
    cured_total, back_total = connection.execute(sa.select(*counted).select_from(_joined()).where(f.as_of == as_of)).one()
    return OpenTasks(departments, oldest, sum(d.open for d in departments), cured, int(cured_total), back, int(back_total))


def _joined() -> sa.FromClause:
    f, t = _FINDINGS.c, _TASKS.c
    same = sa.and_(t.finding_id == f.finding_id, t.first_seen == f.first_seen)
    return _FINDINGS.join(_TASKS, same).outerjoin(_NAMES, _NAMES.c.institution_code == f.institution_code)


def _read_departments(connection: sa.Connection, as_of: date, is_open: sa.ColumnElement[bool]) -> list[OfDepartment]:
    f = _FINDINGS.c
    ends = [(None if days is None else as_of - timedelta(days=days), name) for days, name in AGES]
    bands = dict(zip((name for _, name in ends), _between(ends), strict=True))
    sums = [sa.func.sum(sa.case((c, 1), else_=0)) for c in (f.first_seen == as_of, f.due_on < as_of, *bands.values())]
    query = (
        sa.select(
            _TASKS.c.department,
            sa.func.count(),
            sa.func.min(f.first_seen),
            sa.func.sum(sa.func.coalesce(f.amount_fen, 0)),
            *sums,
        )
        .select_from(_joined())
        .where(f.as_of == as_of, is_open)
        .group_by(_TASKS.c.department)
    )
    found = [
        OfDepartment(name, n, int(new), int(late), oldest, int(fen), dict(zip(bands, map(int, ages), strict=True)))
        for name, n, oldest, fen, new, late, *ages in connection.execute(query)
    ]
    return sorted(found, key=lambda d: (d.oldest, -d.open, d.department))


def _between(ends: Sequence[tuple[date | None, str]]) -> list[sa.ColumnElement[bool]]:
    """Whether a finding was first seen within each band."""
    first_seen, conditions = _FINDINGS.c.first_seen, []
    before: date | None = None
    for end, _ in ends:
        limits = [first_seen < before] if before else []
        limits += [first_seen >= end] if end else []
        conditions.append(sa.and_(sa.true(), *limits))
        before = end
    return conditions


def _read(connection: sa.Connection, as_of: date, which: sa.ColumnElement[bool], most: int) -> list[OpenTask]:
    f, t = _FINDINGS.c, _TASKS.c
    query = (
        sa.select(*(f[c] for c in _SAID), _NAMES.c.name, f.jurisdiction_code, t.department, t.assignee)
        .select_from(_joined())
        .where(f.as_of == as_of, which)
        .order_by(f.first_seen, f.due_on, f.finding_id)
        .limit(most)
    )
    return [_task(row, as_of) for row in connection.execute(query)]


def _task(row: Any, as_of: date) -> OpenTask:
    values: tuple[Any, ...] = (*row, (as_of - row.first_seen).days, row.due_on is not None and row.due_on < as_of)
    return OpenTask(*values)
