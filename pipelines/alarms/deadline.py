"""Loud when nothing ran: by a fixed hour the day before must be published.

Hours that were over before the first night began, or before anybody asked, were nobody's: an installation is not late for the
days before it.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import sqlalchemy as sa

from pipelines.alarms.alarm import tell
from pipelines.alarms.message import SYSTEM, Message, cut
from pipelines.alarms.settings import AlarmSettings
from pipelines.alarms.told import asked_since
from pipelines.database.open import at_one_moment, has_ledger
from pipelines.database.tables import METADATA
from pipelines.store.clock import SHANGHAI
from pipelines.store.store import Store

_RUNS = METADATA.tables["runs"]


def check_deadline(engine: sa.Engine, home: Store, settings: AlarmSettings, now: datetime | None = None) -> Message | None:
    """Tell it when yesterday (Shanghai) is not published though the deadline is over.

    Returns the message while it is overdue, also when it was said today already. `home` keeps what was told,
    what waits and since when it is asked; it need not be the home of the runs, so a second machine needs the database alone.
    """
    now = (now or datetime.now(SHANGHAI)).astimezone(SHANGHAI)
    since = asked_since(home, now)
    message = overdue(engine, now, now.date() - timedelta(days=1), settings.deadline, since)
    tell(message, home, settings, now)
    return message


def overdue(engine: sa.Engine, now: datetime, as_of: date, deadline: time, since: datetime | None = None) -> Message | None:
    """The loud message when `as_of` is unpublished at `now` and the hour `deadline` of the day after is over.

    None before that hour, where `as_of` is published, where the first night of the ledger began after that hour, and where
    there was none and it is asked only `since` after it. The message says how the last run of that date stands, or that
    there was none. A database that cannot be asked is overdue.
    """
    due = datetime.combine(as_of + timedelta(days=1), deadline, SHANGHAI)
    if now < due:
        return None
    try:
        if not has_ledger(engine):
            is_new = since is not None and due < since
            return None if is_new else _message(as_of, deadline, *_describe(None, None))
        with at_one_moment(engine) as connection:
            of_date = sa.select(_RUNS).where(_RUNS.c.as_of == as_of)
            newest = (_RUNS.c.started_at.desc(), _RUNS.c.run_id.desc())
            runs = connection.execute(of_date.order_by(*newest)).mappings().all()
            last = connection.execute(sa.select(_RUNS).order_by(*newest)).mappings().first()
            begun = connection.execute(sa.select(sa.func.min(_RUNS.c.started_at))).scalar_one()
    except sa.exc.SQLAlchemyError as error:
        return _message(as_of, deadline, f"结果库无法读取（{type(error).__name__}）", "database")
    first = datetime.fromisoformat(begun) if begun else since
    if any(run["status"] == "published" for run in runs) or (first is not None and due < first):
        return None
    return _message(as_of, deadline, *_describe(runs[0] if runs else None, last))


def _describe(run: sa.RowMapping | None, last: sa.RowMapping | None) -> tuple[str, str]:
    """How the last run of the date stands, in words and in one word."""
    if run is None:
        ended = f"台账中最后一次运行是 {last['run_id']}（{last['status']}）。" if last else "台账中没有任何运行。"
        return f"该日没有任何运行：调度可能停了。{ended}", "none"
    words = {
        "running": f"自 {run['started_at']} 起仍在进行，或已中断",
        "held": f"被扣留，等待放行。{cut(run['note'] or '', 400)}",
        "failed": f"失败。{cut(run['note'] or '', 400)}",
    }
    return f"最近一次运行 {run['run_id']} {words[run['status']]}", str(run["status"])


def _message(as_of: date, deadline: time, found: str, state: str) -> Message:
    title = f"{SYSTEM}{as_of} 逾期未发布（应于次日 {deadline:%H:%M} 前）"
    body = f"{found}\n上次发布的数字不变。处理办法见 docs/runbook.md 的 Deadline 一节。"
    return Message(title, body, True, (f"overdue:{as_of}:{state}",))
