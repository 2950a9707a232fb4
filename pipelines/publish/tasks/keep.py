"""The table `tasks`: made again, for the findings that a publication changes and whenever somebody acts, from what was published
and what was done.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from pipelines.database.tables import METADATA, STILL_VALID, leaving_of, staging_of, versions_of
from pipelines.publish.tasks.deadlines import TERMS, laid_terms, lay_terms, same_terms
from pipelines.publish.tasks.replay import Act, Stretch, Task, replay
from pipelines.publish.tasks.terms import Terms

_TASKS, _ACTIONS, _PUBLICATIONS = (METADATA.tables[name] for name in ("tasks", "task_actions", "publications"))
_VERSIONS = versions_of("findings")
_MADE_OF = ("first_seen", "valid_from", "valid_to", "amount_fen", "quantity")
_CHANGED = sa.Table(
    "changed_findings", sa.MetaData(), sa.Column("finding_id", sa.Text(), primary_key=True), prefixes=["TEMPORARY"]
)


def keep_tasks(connection: sa.Connection, terms: Terms) -> None:
    """Bring `tasks` to what the findings that are staged, and those that leave, have become; of a database that had findings
    before it had tasks, to what all have. Within the publication's transaction, before its staging is emptied.
    """
    _take_changed(connection)
    changed = sa.select(_CHANGED.c.finding_id)
    connection.execute(sa.delete(_TASKS).where(_TASKS.c.finding_id.in_(changed)))
    with laid_terms(connection, last_published(connection)):
        _open_tasks(connection, terms)
    for finding_id, tasks in replayed(connection, changed, last_published(connection)):
        _write(connection, finding_id, tasks)
    _CHANGED.drop(connection)


def renew_tasks(connection: sa.Connection, finding_id: str) -> None:
    """Bring the tasks of one finding to what was done about it, after an act."""
    one = sa.select(sa.literal(finding_id).label("finding_id"))
    for found, tasks in replayed(connection, one, last_published(connection)):
        _write(connection, found, tasks)


def replayed(
    connection: sa.Connection, findings: sa.Select[Any], as_of: dt.date, known: str | None = None
) -> Iterator[tuple[str, dict[dt.date, Task]]]:
    """Those of the findings (`finding_id`) that somebody has acted on, each with its tasks as of a published date; of acts done
    by `known`, if that is given.
    """
    a, v = _ACTIONS, _VERSIONS
    acted = [a.c.finding_id.in_(findings), a.c.as_of <= as_of, *([a.c.at <= known] if known else [])]
    acts: dict[str, list[Act]] = {}
    for act in connection.execute(sa.select(a).where(*acted).order_by(a.c.action_id)).mappings():
        acts.setdefault(act["finding_id"], []).append(dict(act))
    ids = sa.select(a.c.finding_id).where(*acted).distinct()
    query = sa.select(v.c.finding_id, *(v.c[c] for c in _MADE_OF)).where(v.c.state == "open", v.c.finding_id.in_(ids))
    rows = connection.execute(query.order_by(v.c.finding_id, v.c.valid_from)).all()
    for finding_id, own in groupby(rows, key=lambda row: row.finding_id):
        yield finding_id, replay([Stretch(*row[1:]) for row in own], acts[finding_id], as_of)


def last_published(connection: sa.Connection) -> dt.date:
    """The last published date; there must be one."""
    last: dt.date = connection.execute(sa.select(sa.func.max(_PUBLICATIONS.c.as_of))).scalar_one()
    return last


def _take_changed(connection: sa.Connection) -> None:
    _CHANGED.drop(connection, checkfirst=True)
    _CHANGED.create(connection)
    has_tasks = connection.execute(sa.select(_TASKS.c.finding_id).limit(1)).first() is not None
    places = (staging_of("findings"), leaving_of("findings")) if has_tasks else (_VERSIONS,)
    changed = sa.union(*(sa.select(place.c.finding_id).distinct() for place in places))
    connection.execute(sa.insert(_CHANGED).from_select(["finding_id"], changed))


def _open_tasks(connection: sa.Connection, terms: Terms) -> None:
    """A task for each series of the changed findings, on which nobody has acted: as the last row of the series has it."""
    v = _VERSIONS
    ends = sa.func.max(v.c.valid_to).over(partition_by=(v.c.finding_id, v.c.first_seen)).label("ends")
    rows = sa.select(v, ends).join(_CHANGED, _CHANGED.c.finding_id == v.c.finding_id).where(v.c.state == "open")
    series = rows.subquery("series")
    is_last = series.c.valid_to == series.c.ends
    lay_terms(connection, terms, series, is_last)
    values = {
        "finding_id": series.c.finding_id,
        "first_seen": series.c.first_seen,
        "rule_code": series.c.rule_code,
        "department": TERMS.c.department,
        "due_on": series.c.due_on,
        "state": sa.case((series.c.ends == STILL_VALID, "open"), else_="cured"),
    }
    opened = sa.select(*values.values()).select_from(series.join(TERMS, same_terms(series))).where(is_last)
    connection.execute(sa.insert(_TASKS).from_select(list(values), opened))


def _write(connection: sa.Connection, finding_id: str, tasks: dict[dt.date, Task]) -> None:
    for first_seen, task in tasks.items():
        said = {c: value for c, value in vars(task).items() if value is not None}
        this = sa.and_(_TASKS.c.finding_id == finding_id, _TASKS.c.first_seen == first_seen)
        connection.execute(sa.update(_TASKS).where(this).values(said))
