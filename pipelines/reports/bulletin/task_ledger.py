"""The task ledger in a bulletin: open tasks by department, and what became of those that the bulletin before left open."""

from __future__ import annotations

from collections import Counter
from typing import Any

import sqlalchemy as sa

from pipelines.database.tables import METADATA
from pipelines.oversight.tasks.became import BACK, OUTCOMES, Moment, became
from pipelines.reports.bulletin.listing import SUM, Head, Headline, Kind, Listing, Row, list_rows
from pipelines.reports.bulletin.subject import Subject
from pipelines.reports.bulletin.summary import as_yuan
from schemas.reports import REPORTS
from schemas.reports.findings import RULES

_LEDGER = METADATA.tables["task_ledger"]
_COUNTS = ("open", "new", "overdue")
_KINDS: dict[str, Kind] = {"date": "date", "fen": "yuan"}
_BECAME = {
    "closed": ("已办结", "closed"),
    "rejected": ("已驳回", "rejected"),
    "cured": ("已消除", "cured"),
    BACK: ("其中再次出现", "of these back"),
    "open": ("仍待办", "still open"),
}


def sum_tasks(connection: sa.Connection, subject: Subject) -> list[Listing]:
    """The ledger of the date by department, and, where there is a bulletin before, what became of the tasks it left open."""
    listings = [_by_department(connection, subject)]
    if subject.previous:
        listings.append(_since_previous(connection, subject, Moment(subject.previous, subject.since)))
    return listings


def _by_department(connection: sa.Connection, subject: Subject) -> Listing:
    t = _LEDGER.c
    sums = [sa.func.sum(t[c]) for c in (*_COUNTS, "amount_fen", "cured")]
    where = [t.as_of == subject.as_of]
    if subject.scope:
        where.append(sa.or_(*(t.jurisdiction_code.startswith(prefix) for prefix in subject.scope)))
    both = (t.department, sa.func.min(t.oldest_first_seen), *sums)
    found = connection.execute(sa.select(*both).where(*where).group_by(t.department)).all()
    named = sorted(found, key=lambda row: row[0].encode())
    whole = connection.execute(sa.select(*both[1:]).where(*where)).one()
    rows = [_row(*row) for row in named] + ([_row(SUM, *whole)] if named else [])
    columns = ("open", "new", "overdue", "oldest_first_seen", "amount_fen", "cured")
    heads = [Head("责任部门", "department", "text"), *(_head(name) for name in columns)]
    total = rows[-1] if rows else _row(SUM, None, 0, 0, 0, 0, None)
    note = (_sentence(total, subject), "Open findings whose task is open; what was closed or rejected is left out.")
    headline = Headline(("待办任务", "Open tasks"), total[1], "count", ("其中逾期 {}", "{} of them overdue"), total[3])
    return list_rows("summary_tasks", "任务台账（项）", "Task ledger", heads, rows, note, headline=headline)


def _row(department: str, oldest: Any, open_: Any, new: Any, overdue: Any, fen: Any, cured: Any) -> Row:
    counts = [int(n or 0) for n in (open_, new, overdue)]
    return [department, *counts, oldest, as_yuan(int(fen or 0)), None if cured is None else int(cured)]


def _head(name: str) -> Head:
    column = REPORTS["task_ledger"].column(name)
    title = f"{column.title_zh}（元）" if column.type == "fen" else column.title_zh
    return Head(title, name.removesuffix("_fen").replace("_", " "), _KINDS.get(column.type, "count"))


def _sentence(total: Row, subject: Subject) -> str:
    """The ledger in a sentence."""
    _, still, new, overdue, oldest, amount, cured = total
    since = f"，最早发现于 {oldest}，涉及金额 {amount:,.2f} 元" if oldest else ""
    ended = "" if cured is None else f"；本季已消除 {cured:,} 项"
    return f"截至 {subject.as_of}，待办任务 {still:,} 项，其中当日新增 {new:,} 项、逾期 {overdue:,} 项{since}{ended}。"


def _since_previous(connection: sa.Connection, subject: Subject, before: Moment) -> Listing:
    now = Moment(subject.as_of, str(subject.ledger["finished_at"]))
    found = became(connection, before, now, subject.scope)
    counted = {RULES.get(rule, rule): own for rule, own in sorted(found.items())}
    whole = sum(counted.values(), Counter[str]())
    rows: list[Row] = [_outcomes(word, own) for word, own in counted.items()]
    rows += [_outcomes(SUM, whole)] if rows else []
    heads = [Head("问题", "finding", "text"), Head("上次待办", "open then", "count")]
    heads += [Head(zh, en, "count") for zh, en in _BECAME.values()]
    note = (
        f"上次通报（{before.as_of}）的 {_total(whole):,} 项待办任务：" + _say(whole),
        f"What became of the open tasks of the bulletin of {before.as_of}.",
    )
    return list_rows("summary_tasks_before", "上次通报的待办任务（项）", "Open tasks of the bulletin before", heads, rows, note)


def _outcomes(word: str, own: Counter[str]) -> Row:
    return [word, _total(own), *(own[name] for name in _BECAME)]


def _total(own: Counter[str]) -> int:
    return sum(own[name] for name in OUTCOMES)


def _say(whole: Counter[str]) -> str:
    back = f"（其中 {whole[BACK]:,} 项再次出现）" if whole[BACK] else ""
    words = [f"{_BECAME[name][0]} {whole[name]:,} 项{back if name == 'cured' else ''}" for name in OUTCOMES]
    return "，".join(words) + "。"
