"""From a figure, or a finding, to its formula with the numbers put in and to every source row behind it."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import sqlalchemy as sa

from pipelines.database.open import at_one_moment
from pipelines.database.tables import FIGURES, key_of
from pipelines.engine.explanation import Explained, Explanation, Line, Record, Step
from pipelines.engine.indicator import Indicator, Inputs
from pipelines.engine.links import run_once
from pipelines.errors import UsageError
from pipelines.indicators import all_explained, all_explained_findings, all_indicators
from pipelines.past.excerpt import excerpt, scope_of_row
from pipelines.past.past_run import PastRun, find_run
from pipelines.past.recompute import recompute
from pipelines.reports.explain.generic import explain_generically, of_dataset
from pipelines.reports.explain.not_standing import not_standing
from pipelines.reports.explain.shown import find_findings, read_changes, read_row
from pipelines.reports.explain.sources import SentFile, sent_files
from pipelines.reports.restatements import Restated, tell_restated
from pipelines.store.local import Local
from pipelines.store.store import Store
from schemas.declared import RULES
from schemas.policies import PolicyRow
from schemas.reports import REPORTS


@dataclass(frozen=True)
class FigureExplained:
    """A row of a report table explained.

    `shown` is the row as the table shows it (None where the run's figures do not stand, or the row is not there);
    `differences` (Chinese, one for each column) where the listed rows do not give what is shown; `files` maps the
    `file` of a line to where it came from; `finding` is the finding that was asked for, if one was; `restated` are the
    cells of the row, and of the finding, that runs of its date changed after they were published.
    """

    run_id: str
    as_of: date
    table: str
    key: Mapping[str, str]
    shown: Record | None
    steps: Sequence[Step]
    differences: Sequence[str]
    policies: Sequence[PolicyRow]
    lines: Sequence[Line]
    left_out: Sequence[Line]
    notes: Sequence[str]
    files: Mapping[int, SentFile]
    finding: Record | None = None
    restated: Sequence[Restated] = ()


def explain_figure(
    engine: sa.Engine,
    home: Store,
    overlay: Path | None,
    table: str,
    values: Sequence[str],
    *,
    run_id: str = "",
    as_of: date | None = None,
) -> FigureExplained:
    """Explain the row of `table` whose key (without as_of) is `values`, as of a past run: that of `run_id`, else the
    one whose figures stand for `as_of`, else for the last published date.

    `overlay` is the site's policy folder, used only where the run kept no policies. UsageError for a table, a key or
    a run that is not there.
    """
    explained = find_explained(table)
    key = read_key(explained, values)
    with at_one_moment(engine) as connection:
        run = find_run(connection, home, overlay, run_id=run_id, as_of=as_of)
        if not run.made.has_indicator([table]):
            raise UsageError(f"运行 {run.run_id} 时还没有结果表 {table}；请用 --as-of 或 --run 选择之后的运行")
        shown = read_row(connection, run, table, key) if run.stands else None
        restated = read_changes(connection, run, table, key)
    return _explain(run, explained, key, shown, restated)


def explain_finding(
    engine: sa.Engine, home: Store, overlay: Path | None, finding_id: str, *, run_id: str = "", as_of: date | None = None
) -> FigureExplained:
    """Explain the figure that a finding rests on; the first characters of its number will do."""
    with at_one_moment(engine) as connection:
        run = find_run(connection, home, overlay, run_id=run_id, as_of=as_of)
        found = find_findings(connection, run, finding_id)
        if len(found) != 1:
            kept = "" if run.stands else f"（运行 {run.run_id} 的问题清单取自其结果文件夹）"
            raise UsageError(
                f"问题编号“{finding_id}”在 {run.as_of} 对应 {len(found)} 条问题{kept}；请核对编号（findings 表）与统计截止日"
            )
        finding = found[0]
        explained, named = find_subject(finding)
        if explained.rule:
            key, shown, restated = named, None, list[Restated]()
        else:
            key = _whole_key(run, explained, named)
            shown = read_row(connection, run, explained.table, key) if run.stands else None
            restated = read_changes(connection, run, explained.table, key)
        restated += read_changes(connection, run, "findings", finding)
    answer = _explain(run, explained, key, shown, restated, finding)
    clause = _find_clause(run, finding)
    policies = [*answer.policies, *clause]
    return FigureExplained(**{**answer.__dict__, "policies": policies})


def find_explained(table: str) -> Explained:
    """How a table is explained; UsageError where it holds no figures."""
    if table in all_explained():
        return all_explained()[table]
    for indicator in all_indicators().values():
        if table in indicator.tables:
            return explain_generically(indicator, table)
    tables = "、".join(name for name in FIGURES if name != "findings")
    raise UsageError(f"“{table}”不是可以解释的结果表；可用：{tables}，以及 finding、line、task_ledger")


def read_key(explained: Explained, values: Sequence[str]) -> dict[str, str]:
    """The key of a row from what was typed; `-` is an empty code, defaults may be left out."""
    columns = key_of(explained.table)
    typed = [c for c in columns if len(values) == len(columns) or c not in explained.defaults]
    if len(values) != len(typed):
        words = " ".join(f"[{c}]" if c in explained.defaults else f"<{c}>" for c in columns)
        raise UsageError(f"{explained.table} 的一行由 {words} 确定，给出了 {len(values)} 个值")
    given = dict(zip(typed, ("" if v == "-" else v for v in values), strict=True))
    for column in REPORTS[explained.table].columns:
        if column.type == "integer" and column.name in given and not given[column.name].isdecimal():
            raise UsageError(f"{column.title_zh}（{column.name}）应为整数，给出的是“{given[column.name]}”")
    return {c: given.get(c, explained.defaults.get(c, "")) for c in columns}


def find_subject(finding: Mapping[str, Any]) -> tuple[Explained, dict[str, str]]:
    """The table that a finding speaks of, as its rule says, or how findings of the rule are explained themselves, and what its
    subject names, with what a key of the table may leave out; UsageError where no indicator has the rule.
    """
    rule = RULES.get(finding["rule_code"])
    if rule is None:
        raise UsageError(
            f"规则 {finding['rule_code']} 不再由任何指标登记，无从得知所依据的数字；请按其 subject_key 直接解释结果表"
        )
    explained = all_explained_findings().get(rule.code) or find_explained(rule.table)
    last = len(rule.subject.key) - 1  # the last part may be a key of several parts itself
    named = dict(zip(rule.subject.key, finding["subject_key"].split("|", last), strict=True))
    if of := REPORTS[rule.table].of_divisions:  # the kind of subject is its level: a city may have a division of its code
        named[of[0]] = rule.subject.code
    return explained, {**explained.defaults, **named}


def _whole_key(run: PastRun, explained: Explained, named: Mapping[str, str]) -> dict[str, str]:
    """The key of the row that a subject leads to: where it does not name all of it, as the one that stands beside what it names
    in the evidence.
    """
    columns, indicator = key_of(explained.table), all_indicators()[explained.indicator]
    if not set(columns) <= named.keys():
        with tempfile.TemporaryDirectory(prefix="vbp_explain_") as scratch:
            records = Local(Path(scratch))
            excerpt(run, scope_of_row(named, indicator.axis, run.versions), records)
            for rows in (frame.lazy() for frame in run_once(indicator, Inputs(records, run.as_of, run.policies))[0].values()):
                if {*columns, *named} <= set(rows.collect_schema()):
                    own = rows.filter(pl.col(c).cast(pl.String) == v for c, v in named.items())
                    for key in own.select(pl.col(columns).cast(pl.String)).unique().collect().to_dicts():
                        return key
    return {c: named.get(c, "") for c in columns}


def _explain(
    run: PastRun,
    explained: Explained,
    key: dict[str, str],
    shown: Record | None,
    restated: Sequence[Restated],
    finding: Record | None = None,
) -> FigureExplained:
    files, indicator = sent_files(run.batches()), all_indicators()[explained.indicator]
    with tempfile.TemporaryDirectory(prefix="vbp_explain_") as scratch:
        records = Local(Path(scratch))
        own = explained.scope
        scope = own(key, run.versions) if own else scope_of_row(key, indicator.axis, run.versions)
        excerpt(run, scope, records)
        inputs = Inputs(records, run.as_of, run.policies)
        answer = explained.open(inputs)(key)
        again = None if explained.rule else _recomputed(indicator, explained.table, key, inputs)
        found = answer or Explanation((), (), (), ())
        lines, left_out = (
            [of_dataset(line, files[line.file].dataset) for line in some] for some in (found.lines, found.left_out)
        )
        known = frozenset(line.place for line in (*lines, *left_out))
        fallen = not_standing(run, found.concerned, files, known, inputs.scan)
    if answer is None and shown is None:
        words = "、".join(f"{c}={v}" for c, v in key.items())
        cured = "；该问题已消除，所依据的数字已不存在" if finding else ""
        gone = f"；{tell_restated(restated)[-1]}；当时的明细请加 --run {restated[-1].previous_run_id}" if restated else ""
        raise UsageError(f"{explained.table} 在 {run.as_of} 没有 {words} 这一行{cured}{gone}")
    return FigureExplained(
        run_id=run.run_id,
        as_of=run.as_of,
        table=explained.table,
        key=key,
        shown=shown,
        steps=found.steps,
        differences=_compare(found.steps, shown, again, explained.table),
        policies=found.policies,
        lines=lines,
        left_out=[*left_out, *fallen],
        notes=[*run.remarks, *found.notes],
        files=files,
        finding=finding,
        restated=restated,
    )


def _recomputed(indicator: Indicator, table: str, key: Mapping[str, str], inputs: Inputs) -> Record | None:
    rows = recompute(indicator, table, run_once(indicator, inputs)[1], inputs)
    found = rows.filter(pl.col(c).cast(pl.String) == v for c, v in key.items()).to_dicts()
    return found[0] if found else None


def _compare(steps: Sequence[Step], shown: Record | None, again: Record | None, table: str) -> list[str]:
    """Where the listed rows, the code of the night and what is shown do not agree to the last bit."""
    found = []
    if shown is not None and again is None:
        found.append("结果表里有这一行，而按该运行的存档输入重算没有这一行")
    if shown is not None and again is not None:
        explained = {step.column for step in steps}
        others = [c for c in again if c not in explained and shown[c] != again[c]]
        found += [f"{c}：结果表是 {shown[c]}，夜间程序重算是 {again[c]}" for c in others]
    for step in steps:
        title = REPORTS[table].column(step.column).title_zh
        for source, row in (("结果表", shown), ("夜间程序重算", again)):
            if row is not None and row[step.column] != step.value:
                found.append(f"{title}（{step.column}）：所列各行得出 {step.value}，{source}是 {row[step.column]}")
    return found


def _find_clause(run: PastRun, finding: Mapping[str, Any]) -> list[PolicyRow]:
    """The policy row of the clause that the finding cites, among those of its rule that hold in its jurisdiction."""
    place, parameter = finding["jurisdiction_code"], RULES[finding["rule_code"]].clause
    return [
        row
        for row in run.policies.rows
        if row.parameter == parameter and row.value == finding["clause"] and place.startswith(row.jurisdiction)
    ][-1:]
