"""Dates whose figures were dropped: which, by what rule, and what is said to who asks for one."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import sqlalchemy as sa

from pipelines.database.standing import published_after
from pipelines.database.tables import METADATA
from pipelines.errors import UsageError

_DROPPED = METADATA.tables["dropped_dates"]


class Dropped(NamedTuple):
    """A row of `dropped_dates`."""

    as_of: dt.date
    run_id: str
    dropped_at: str
    keep_nights: int
    rule: str
    result_digest: str
    row_count: int
    file_count: int
    files_digest: str


def read_dropped(connection: sa.Connection) -> list[Dropped]:
    """All of them, the first first; none where the database is older than retention."""
    if not sa.inspect(connection).has_table(_DROPPED.name):
        return []
    return [Dropped(*row) for row in connection.execute(sa.select(_DROPPED).order_by(_DROPPED.c.as_of))]


def refuse_dropped(connection: sa.Connection, *, as_of: dt.date | None = None, run_id: str = "") -> None:
    """UsageError, in one sentence, where the date's figures, or those of the run, were dropped."""
    for row in read_dropped(connection):
        if row.as_of == as_of or row.run_id == run_id:
            raise UsageError(
                f"{row.as_of} 的夜间数字（运行 {row.run_id}）已于 {row.dropped_at[:10]} 按保留规则清理，不能再解释或核验；"
                "该日的问题、任务与修订仍在，清理记录与规则见表 dropped_dates；月末的数字仍可查询"
            )


def closed_until(connection: sa.Connection) -> dt.date | None:
    """The last date that can no longer be computed: the first standing one after the last that was dropped, whose findings
    began on dates that are gone. None where nothing was dropped.
    """
    found = read_dropped(connection)
    return published_after(connection, found[-1].as_of) if found else None
