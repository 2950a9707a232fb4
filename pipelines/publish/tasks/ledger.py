"""The task ledger of a published date: its open tasks by department, division and rule, and what was cured in the quarter."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from pipelines.database.tables import METADATA, STILL_VALID, valid_at, versions_of
from pipelines.publish.frozen import frozen_after
from pipelines.publish.tasks.deadlines import TERMS, laid_terms, lay_terms, place_of, same_terms
from pipelines.publish.tasks.keep import replayed
from pipelines.publish.tasks.terms import Terms

_LEDGER, _PUBLICATIONS, _RUNS = (METADATA.tables[name] for name in ("task_ledger", "publications", "runs"))
_VERSIONS = versions_of("findings")
_ACTED = sa.Table(
    "acted_tasks",
    sa.MetaData(),
    sa.Column("finding_id", sa.Text(), primary_key=True),
    sa.Column("first_seen", sa.Date(), primary_key=True),
    sa.Column("department", sa.Text()),
    sa.Column("is_open", sa.Boolean(), nullable=False),
    prefixes=["TEMPORARY"],
)
"""The tasks that somebody acted on, as of a published date: their department where they were assigned one."""


def write_ledger(connection: sa.Connection, as_of: dt.date, run_id: str, terms: Terms, known: str | None = None) -> None:
    """Replace the rows of `task_ledger` for a published date, of acts done by `known`, if that is given."""
    connection.execute(sa.delete(_LEDGER).where(_LEDGER.c.as_of == as_of))
    since = quarter_end_before(as_of)
    t = _PUBLICATIONS.c.as_of
    before = connection.execute(sa.select(t).where(t >= since, t < as_of).limit(1)).first()
    v = _VERSIONS
    is_open = sa.and_(valid_at(v, as_of), v.c.state == "open")
    is_cured = sa.and_(v.c.state == "cured", v.c.valid_from > since, v.c.valid_from <= as_of)
    with laid_terms(connection, as_of, known):
        lay_terms(connection, terms, v, sa.or_(is_open, is_cured))
        _lay_acted(connection, sa.select(v.c.finding_id).where(sa.or_(is_open, is_cured)), as_of, known)
        same = sa.and_(_ACTED.c.finding_id == v.c.finding_id, _ACTED.c.first_seen == v.c.first_seen)
        joined = v.join(TERMS, same_terms(v)).outerjoin(_ACTED, same)
        stands = _rows(as_of, is_open=True).select_from(joined).where(is_open, _ACTED.c.is_open.is_not(sa.false()))
        parts = [stands, _rows(as_of, is_open=False).select_from(joined).where(is_cured)] if before else [stands]
        rows = sa.union_all(*parts).subquery("rows")
        connection.execute(sa.insert(_LEDGER).from_select(*_added_up(rows, as_of, run_id, is_cured_known=before is not None)))
        _ACTED.drop(connection)


def write_later_ledgers(
    connection: sa.Connection, as_of: dt.date, have_moved: bool, terms_at: Callable[[str], Terms | None], terms: Terms
) -> None:
    """Bring the ledgers of dates after one that was published late to what they would be: of all dates where findings got
    other dates there, else of those of its quarter, whose cured are counted from it. A frozen date keeps its own, and so do
    those after it; each knows the acts that were known when it was published.
    """
    p, r = _PUBLICATIONS, _RUNS
    later = sa.select(p.c.as_of, p.c.run_id, r.c.finished_at).join(r, r.c.run_id == p.c.run_id)
    bounds = (p.c.as_of > as_of, p.c.as_of < (frozen_after(connection, as_of) or STILL_VALID))
    for day, run_id, finished_at in connection.execute(later.where(*bounds).order_by(p.c.as_of)).all():
        if not have_moved and quarter_end_before(day) > as_of:
            break
        if connection.execute(sa.select(_LEDGER.c.as_of).where(_LEDGER.c.as_of == day).limit(1)).first() is not None:
            write_ledger(connection, day, run_id, terms_at(run_id) or terms, finished_at)


def quarter_end_before(day: dt.date) -> dt.date:
    """The last quarter's end before a day; before one that is a quarter's end itself, that of the quarter before."""
    return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1) - dt.timedelta(days=1)


def _lay_acted(connection: sa.Connection, findings: sa.Select[Any], as_of: dt.date, known: str | None) -> None:
    _ACTED.drop(connection, checkfirst=True)
    _ACTED.create(connection)
    rows = [
        {"finding_id": i, "first_seen": first, "department": task.department, "is_open": task.state == "open"}
        for i, tasks in replayed(connection, findings, as_of, known)
        for first, task in tasks.items()
    ]
    if rows:
        connection.execute(sa.insert(_ACTED), rows)


def _rows(as_of: dt.date, *, is_open: bool) -> sa.Select[Any]:
    """A row for each finding, of those open or of those cured, to be added up."""
    v, nothing = _VERSIONS.c, sa.literal(0)

    def counted(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.case((condition, 1), else_=0) if is_open else nothing

    return sa.select(
        sa.func.coalesce(_ACTED.c.department, TERMS.c.department).label("department"),
        place_of(_VERSIONS).label("jurisdiction_code"),
        v.rule_code,
        sa.literal(int(is_open)).label("open"),
        counted(v.first_seen == as_of).label("new"),
        counted(v.due_on < as_of).label("overdue"),
        (v.first_seen if is_open else sa.cast(sa.null(), sa.Date())).label("oldest_first_seen"),
        (sa.func.coalesce(v.amount_fen, 0) if is_open else nothing).label("amount_fen"),
        (sa.cast(sa.null(), sa.Text()) if is_open else v.finding_id).label("cured"),
    )


def _added_up(rows: sa.Subquery, as_of: dt.date, run_id: str, *, is_cured_known: bool) -> tuple[list[str], sa.Select[Any]]:
    by = ("department", "jurisdiction_code", "rule_code")
    sums = {c: sa.cast(sa.func.sum(rows.c[c]), sa.BigInteger()) for c in ("open", "new", "overdue", "amount_fen")}
    cured = sa.func.count(rows.c.cured.distinct()) if is_cured_known else sa.cast(sa.null(), sa.BigInteger())
    values: dict[str, sa.ColumnElement[Any]] = {
        "as_of": sa.literal(as_of, sa.Date()),
        "run_id": sa.literal(run_id),
        **{c: rows.c[c] for c in by},
        **sums,
        "oldest_first_seen": sa.func.min(rows.c.oldest_first_seen),
        "cured": cured,
    }
    added = sa.select(*values.values()).group_by(*(rows.c[c] for c in by))
    return list(values), added
