"""Deadlines of findings in SQL: what policy says of each, by rule, division and first sight, and what was extended.

Dates are added outside of SQL, where the two databases differ: there are few different terms beside the findings.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from pipelines.database.tables import METADATA
from pipelines.publish.tasks.terms import Terms

_ACTIONS = METADATA.tables["task_actions"]
_KEY = ("rule_code", "place", "first_seen")

TERMS = sa.Table(
    "finding_terms",
    sa.MetaData(),
    sa.Column("rule_code", sa.Text(), primary_key=True),
    sa.Column("place", sa.Text(), primary_key=True),
    sa.Column("first_seen", sa.Date(), primary_key=True),
    sa.Column("due_on", sa.Date()),
    sa.Column("department", sa.Text(), nullable=False),
    prefixes=["TEMPORARY"],
)
"""What policy says, as a temporary table that lasts as long as `laid_terms`."""

EXTENDED = sa.Table(
    "finding_extended",
    sa.MetaData(),
    sa.Column("finding_id", sa.Text(), primary_key=True),
    sa.Column("since", sa.Date(), nullable=False),
    sa.Column("due_on", sa.Date(), nullable=False),
    prefixes=["TEMPORARY"],
)
"""The last extension of each finding that has one, and the published date on which it was granted."""


@contextmanager
def laid_terms(connection: sa.Connection, as_of: dt.date, known: str | None = None) -> Iterator[None]:
    """Both tables, `TERMS` still empty (`lay_terms`), `EXTENDED` as of a published date: of acts done by `known`, if given."""
    for table in (TERMS, EXTENDED):
        table.drop(connection, checkfirst=True)
        table.create(connection)
    a = _ACTIONS
    where = [a.c.action == "extend", a.c.as_of <= as_of, *([a.c.at <= known] if known else [])]
    last = sa.select(sa.func.max(a.c.action_id)).where(*where).group_by(a.c.finding_id)
    rows = sa.select(a.c.finding_id, a.c.as_of, a.c.new_due_on).where(a.c.action_id.in_(last))
    connection.execute(sa.insert(EXTENDED).from_select(list(EXTENDED.columns.keys()), rows))
    yield
    for table in (TERMS, EXTENDED):
        table.drop(connection)


def place_of(findings: sa.FromClause) -> sa.ColumnElement[str]:
    """The division of a finding, empty where it has none."""
    return sa.func.coalesce(findings.c.jurisdiction_code, "")


def lay_terms(connection: sa.Connection, terms: Terms, findings: sa.FromClause, *where: sa.ColumnElement[bool]) -> None:
    """Add to `TERMS` what policy says of these findings."""
    c, t = findings.c, TERMS.c
    wanted = sa.select(c.rule_code, place_of(findings).label("place"), c.first_seen).where(*where).distinct()
    missing = wanted.except_(sa.select(t.rule_code, t.place, t.first_seen))
    rows = [
        dict(zip(_KEY, key, strict=True)) | {"due_on": terms.due(*key), "department": terms.department(*key)}
        for key in (tuple(row) for row in connection.execute(missing))
    ]
    if rows:
        connection.execute(sa.insert(TERMS), rows)


def same_terms(findings: sa.FromClause) -> sa.ColumnElement[bool]:
    """Whether a row of `TERMS` speaks of a finding."""
    c, t = findings.c, TERMS.c
    return sa.and_(t.rule_code == c.rule_code, t.place == place_of(findings), t.first_seen == c.first_seen)


def due_of(findings: sa.FromClause) -> sa.ColumnElement[Any]:
    """When a finding is due, where it is joined with both tables: extended since its first sight, or else as policy says."""
    return sa.case((EXTENDED.c.since >= findings.c.first_seen, EXTENDED.c.due_on), else_=TERMS.c.due_on)


def with_terms(findings: sa.FromClause) -> sa.FromClause:
    """Findings joined with both tables."""
    return findings.join(TERMS, same_terms(findings)).outerjoin(EXTENDED, EXTENDED.c.finding_id == findings.c.finding_id)
