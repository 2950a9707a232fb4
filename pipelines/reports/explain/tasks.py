"""From a row of the task ledger to the findings that it counts (obligations §31)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from pipelines.database.open import at_one_moment
from pipelines.database.tables import METADATA, key_of, valid_at, versions_of
from pipelines.engine.explained_rows import add_yuan
from pipelines.engine.explanation import Record, Step
from pipelines.errors import UsageError
from pipelines.past.past_run import PastRun, find_run
from pipelines.publish.tasks.keep import replayed
from pipelines.publish.tasks.ledger import quarter_end_before
from pipelines.publish.tasks.terms import terms_of
from pipelines.reports.explain.figure import FigureExplained
from pipelines.reports.explain.shown import read_row
from pipelines.store.store import Store
from schemas.reports import REPORTS

LEDGER = "task_ledger"
_VERSIONS = versions_of("findings")
_PUBLICATIONS, _RUNS = METADATA.tables["publications"], METADATA.tables["runs"]
_SHOWN = 6


def explain_tasks(
    engine: sa.Engine, home: Store, overlay: Path | None, values: Sequence[str], *, run_id: str = "", as_of: date | None = None
) -> FigureExplained:
    """Explain the row of the task ledger of a department, division (`-`: none) and rule, as it was when its date was published.

    UsageError for a key that is not there, or a run whose figures do not stand: only a published date has a ledger.
    """
    columns = key_of(LEDGER)
    if len(values) != len(columns):
        words = " ".join(f"<{REPORTS[LEDGER].column(c).title_zh}>" for c in columns)
        raise UsageError(f"{LEDGER} 的一行由 {words} 确定，给出了 {len(values)} 个值；没有统筹区的写 -")
    key = dict(zip(columns, ("" if v == "-" else v for v in values), strict=True))
    with at_one_moment(engine) as connection:
        run = find_run(connection, home, overlay, run_id=run_id, as_of=as_of)
        if not run.stands:
            raise UsageError(f"运行 {run.run_id} 不是 {run.as_of} 现行发布的运行，没有任务台账；请用 --as-of 选择已发布的日期")
        shown = read_row(connection, run, LEDGER, key)
        if shown is None:
            raise UsageError(f"任务台账在 {run.as_of} 没有 {'、'.join(f'{c}={v}' for c, v in key.items())} 这一行")
        steps = list(_steps(*_read(connection, run, key), run.as_of))
    return FigureExplained(
        run_id=run.run_id,
        as_of=run.as_of,
        table=LEDGER,
        key=key,
        shown=shown,
        steps=steps,
        differences=list(_compare(steps, shown)),
        policies=(),
        lines=(),
        left_out=(),
        notes=[
            *run.remarks,
            "各项问题所依据的数字与来源行：vbp explain finding <问题编号>；办理经过：vbp tasks list <问题编号>",
        ],
        files={},
    )


def _read(connection: sa.Connection, run: PastRun, key: Mapping[str, str]) -> tuple[list[Record], list[Record] | None]:
    """The findings whose tasks were open, and those cured since the last quarter's end (None: no date before to tell by)."""
    v, day, since = _VERSIONS.c, run.as_of, quarter_end_before(run.as_of)
    own = sa.and_(v.rule_code == key["rule_code"], sa.func.coalesce(v.jurisdiction_code, "") == key["jurisdiction_code"])
    is_open = sa.and_(own, valid_at(_VERSIONS, day), v.state == "open")
    is_cured = sa.and_(own, v.state == "cured", v.valid_from > since, v.valid_from <= day)
    t = _PUBLICATIONS.c.as_of
    before = connection.execute(sa.select(t).where(t >= since, t < day).limit(1)).first()
    known = connection.execute(sa.select(_RUNS.c.finished_at).where(_RUNS.c.run_id == run.run_id)).scalar()
    acted = dict(replayed(connection, sa.select(v.finding_id).where(sa.or_(is_open, is_cured)), day, known))
    department = terms_of(run.policies).department

    def of_department(row: Record) -> bool:
        task = acted.get(row["finding_id"], {}).get(row["first_seen"])
        given = task.department if task else None
        own = given or department(row["rule_code"], row["jurisdiction_code"] or "", row["first_seen"])
        return bool(own == key["department"])

    def is_left(row: Record) -> bool:
        task = acted.get(row["finding_id"], {}).get(row["first_seen"])
        return task is None or bool(task.state == "open")

    def read(which: sa.ColumnElement[bool]) -> list[Record]:
        rows = connection.execute(sa.select(_VERSIONS).where(which).order_by(v.first_seen, v.finding_id)).mappings()
        return [dict(row) for row in rows if of_department(dict(row))]

    return [row for row in read(is_open) if is_left(row)], read(is_cured) if before else None


def _steps(rows: Sequence[Record], cured: Sequence[Record] | None, as_of: date) -> Iterator[Step]:
    yield _count("open", "当日待处理、任务未办结也未驳回的问题数", rows)
    yield _count("new", "其中首次发现日为统计截止日的", [row for row in rows if row["first_seen"] == as_of])
    yield _count("overdue", "其中限期早于统计截止日的", [row for row in rows if row["due_on"] and row["due_on"] < as_of])
    fen = [row["amount_fen"] or 0 for row in rows]
    yield Step("amount_fen", "Σ 这些问题的涉及金额，没有金额的按 0 计", add_yuan(fen), sum(fen))
    if cured is None:
        yield Step("cured", "上一季度末以来消除的问题数", "上一季度末以来此前没有发布过，无从得知", None)
    else:
        yield _count("cured", "上一季度末以来消除的问题数", list({row["finding_id"]: row for row in cured}.values()))


def _compare(steps: Sequence[Step], shown: Record) -> Iterator[str]:
    for step in steps:
        if shown[step.column] != step.value:
            title = REPORTS[LEDGER].column(step.column).title_zh
            yield f"{title}（{step.column}）：所列问题得出 {step.value}，任务台账是 {shown[step.column]}"


def _count(column: str, formula: str, rows: Sequence[Mapping[str, Any]]) -> Step:
    """How many, and which: the beginnings of their numbers."""
    names = [row["finding_id"][:12] for row in rows]
    more = f"…（共 {len(names)} 项）" if len(names) > _SHOWN else ""
    return Step(column, formula, "、".join(names[:_SHOWN]) + more or "没有", len(rows))
