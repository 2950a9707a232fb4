"""What became, by a published date, of the tasks that were open at an earlier one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import sqlalchemy as sa

from pipelines.database.tables import valid_at, versions_of
from pipelines.publish.tasks.keep import replayed
from pipelines.publish.tasks.replay import Task

_VERSIONS = versions_of("findings")
OUTCOMES = ("closed", "rejected", "cured", "open")
BACK = "back"
"""Of those cured: their finding is open again, as another task."""


class Moment(NamedTuple):
    """A published date, and when its run ended: acts done later it does not know."""

    as_of: date
    known: str


def became(connection: sa.Connection, before: Moment, now: Moment, scope: Sequence[str] = ()) -> dict[str, Counter[str]]:
    """Rule → how many of the tasks open at `before` are closed, rejected, cured or still open at `now`, and how many of those
    cured are back; of divisions that begin with one of `scope`, if any are given.
    """
    v = _VERSIONS
    is_open = sa.and_(valid_at(v, before.as_of), v.c.state == "open")
    if scope:
        is_open = sa.and_(is_open, sa.or_(*(v.c.jurisdiction_code.startswith(prefix) for prefix in scope)))
    ids = sa.select(v.c.finding_id).where(is_open)
    stood, stands = (dict(replayed(connection, ids, moment.as_of, moment.known)) for moment in (before, now))
    still = sa.select(v.c.finding_id, v.c.first_seen).where(
        valid_at(v, now.as_of), v.c.state == "open", v.c.finding_id.in_(ids)
    )
    open_now = {row.finding_id: row.first_seen for row in connection.execute(still)}
    found: dict[str, Counter[str]] = {}
    for finding, first_seen, rule in connection.execute(
        sa.select(v.c.finding_id, v.c.first_seen, v.c.rule_code).where(is_open)
    ):
        if _task(stood, finding, first_seen).state != "open":
            continue
        own = found.setdefault(rule, Counter())
        if open_now.get(finding) == first_seen:
            own[_task(stands, finding, first_seen).state] += 1
        else:
            own["cured"] += 1
            own[BACK] += finding in open_now
    return found


def _task(tasks: dict[str, dict[date, Task]], finding: str, first_seen: date) -> Task:
    return tasks.get(finding, {}).get(first_seen, Task())
