"""Tasks with what their findings say: whose they are, how old, what is at stake, and what was done about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from pipelines.database.tables import METADATA, versions_of
from pipelines.errors import UsageError
from schemas.declared import RULES
from schemas.ledgers.tasks import STATES

Record = dict[str, Any]

_TASKS, _ACTIONS, _PUBLICATIONS = (METADATA.tables[name] for name in ("tasks", "task_actions", "publications"))
_NAMES = METADATA.tables["institution_names"]
_VERSIONS = versions_of("findings")
_OF_FINDING = ("severity", "jurisdiction_code", "institution_code", "responsible", "message_zh", "amount_fen", "quantity")


@dataclass(frozen=True)
class Wanted:
    """Which tasks are asked for; what is empty limits nothing. `place` is the beginning of division codes."""

    state: str = ""
    department: str = ""
    assignee: str = ""
    rule: str = ""
    place: str = ""
    finding_id: str = ""
    is_overdue: bool = False


def read_tasks(connection: sa.Connection, wanted: Wanted) -> list[Record]:
    """The tasks asked for, the oldest first: columns of `tasks`, those of the last row of the finding in its series, the name of
    the institution, and `is_overdue` (open, and due before the last published date).

    UsageError for a state or rule that is not known.
    """
    if wanted.state and wanted.state not in STATES:
        raise UsageError(f"任务状态“{wanted.state}”应为 {'、'.join(STATES)} 或 all")
    if wanted.rule and wanted.rule not in RULES:
        raise UsageError(f"没有规则“{wanted.rule}”；规则编码见 vbp tasks list --json 的 rule_code")
    t, v = _TASKS, _VERSIONS
    age = sa.func.row_number().over(partition_by=(v.c.finding_id, v.c.first_seen), order_by=v.c.valid_to.desc())
    rows = sa.select(v, age.label("age")).where(v.c.state == "open").subquery("rows")
    same = sa.and_(rows.c.finding_id == t.c.finding_id, rows.c.first_seen == t.c.first_seen, rows.c.age == 1)
    named = _NAMES.c.institution_code == rows.c.institution_code
    last = sa.select(sa.func.max(_PUBLICATIONS.c.as_of)).scalar_subquery()
    late = sa.and_(t.c.state == "open", t.c.due_on < last)
    query = (
        sa.select(t, *(rows.c[c] for c in _OF_FINDING), _NAMES.c.name.label("institution_name"), late.label("is_overdue"))
        .select_from(t.join(rows, same).outerjoin(_NAMES, named))
        .where(*_limits(wanted, rows, late))
        .order_by(t.c.first_seen, t.c.due_on, t.c.finding_id)
    )
    return [dict(row) | {"is_overdue": bool(row["is_overdue"])} for row in connection.execute(query).mappings()]


def read_actions(connection: sa.Connection, finding_id: str) -> list[Record]:
    """What was done about a finding, the first act first: columns of `task_actions`."""
    query = sa.select(_ACTIONS).where(_ACTIONS.c.finding_id == finding_id).order_by(_ACTIONS.c.action_id)
    return [dict(row) for row in connection.execute(query).mappings()]


def last_as_of(connection: sa.Connection) -> date | None:
    """The last published date, against which tasks are overdue."""
    last: date | None = connection.execute(sa.select(sa.func.max(_PUBLICATIONS.c.as_of))).scalar_one()
    return last


def _limits(wanted: Wanted, rows: sa.Subquery, late: sa.ColumnElement[bool]) -> list[sa.ColumnElement[bool]]:
    t = _TASKS.c
    given = (
        (wanted.state, t.state == wanted.state),
        (wanted.department, t.department == wanted.department),
        (wanted.assignee, t.assignee == wanted.assignee),
        (wanted.rule, t.rule_code == wanted.rule),
        (wanted.place, rows.c.jurisdiction_code.startswith(wanted.place, autoescape=True)),
        (wanted.finding_id, t.finding_id == wanted.finding_id),
        (wanted.is_overdue, late),
    )
    return [limit for value, limit in given if value]
