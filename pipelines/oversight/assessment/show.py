"""An assessment for the terminal and as a workbook; scores are rounded here and nowhere before."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from rich.table import Table

from pipelines.engine.explained_rows import yuan
from pipelines.oversight.assessment.assess import Assessment
from pipelines.oversight.assessment.components import names_of, quotient_of
from pipelines.views.table_book import Sheet, write_table_book
from schemas.component import Component, Judged
from schemas.declared import COMPONENTS, MEASURES, declared
from schemas.reports import REPORTS, Column
from schemas.table import count

Record = dict[str, Any]

DUTIES = {"mandatory": "公立", "voluntary": "自愿参加（不计分）"}
_APART = ("components", "assessment_id", "year", "as_of", "run_id", "recorded_at")


def show_assessment(assessment: Assessment) -> list[Table]:
    """One table for those with a duty, one for those without; every rate with the sums it is made of."""
    tables = []
    for duty, title in DUTIES.items():
        rows = [row for row in assessment.rows if row["duty"] == duty]
        if rows:
            tables.append(_show_duty(f"{title}（{len(rows)} 家）", rows))
    return tables


def _show_duty(title: str, rows: Sequence[Record]) -> Table:
    table = Table(title=title, title_justify="left")
    for name in (
        "医疗机构",
        *(c.title_zh for c in COMPONENTS.values()),
        "得分",
        "剔除正当理由",
        "未计入",
        *(judged.verdict.column.title_zh for judged in declared("JUDGED")),
    ):
        table.add_column(name, overflow="fold", justify="right" if name in ("得分", "剔除正当理由") else "left")
    for row in rows:
        table.add_row(
            f"{row['institution_name'] or ''}\n{row['institution_code']}",
            *("\n".join(_say_component(component, _component_of(row, code))) for code, component in COMPONENTS.items()),
            round_score(row["score"]),
            round_score(row["score_excused"]),
            row["left_out"] or "",
            *(_say_judged(judged, row) for judged in declared("JUDGED")),
        )
    return table


def round_score(score: float | None) -> str:
    """Two decimals, halves up."""
    return "—" if score is None else str(Decimal(repr(score)).quantize(Decimal("0.01"), ROUND_HALF_UP))


def _component_of(row: Record, code: str) -> Record:
    """The rates, weight and sums of a component: from columns of its own, or of those that all components share."""
    further = json.loads(row["components"] or "{}")
    own = {name: row[f"{code}_{name}"] for name in ("rate", "rate_excused", "weight") if f"{code}_{name}" in row}
    found: Record = further.get(code) or {**row, **own}
    return found


def _say_component(component: Component, found: Record) -> list[str]:
    strict = _percent(found["rate"])
    quotient = quotient_of(component)
    above, below = (sum(sign * found[name] for sign, name in terms) for terms in (quotient.above, quotient.below))
    is_money = all(name.endswith("_fen") for name in quotient.columns)
    return [
        f"{strict}（剔除 {_percent(found['rate_excused'])}）" if component.excused else strict,
        f"{yuan(above)} / {yuan(below)} 元" if is_money else f"{above:,.10g} / {below:,.10g}",
        *filter(None, [component.told_zh.format_map(found)]),
    ]


def _percent(rate: float | None) -> str:
    return "—" if rate is None else f"{rate:.2%}"


def _say_judged(judged: Judged, row: Record) -> str:
    *because, verdict = judged.columns
    words = (f"{column.title_zh} {column.values[row[column.name]]}" for column in because)
    return "\n".join([verdict.values[row[verdict.name]], *words])


def export_assessment(path: Path, assessment: Assessment, year: int) -> Path:
    """Write it as a workbook: facts, those with a score, those without."""
    columns = [c for c in REPORTS["assessment_scores"].columns if c.name not in _APART]
    further = [code for code in COMPONENTS if f"{code}_rate" not in REPORTS["assessment_scores"].column_names]
    columns += [column for code in further for column in _columns_of(code)]
    rows = [
        row | {f"{code}_{n}": v for code in further for n, v in _component_of(row, code).items()} for row in assessment.rows
    ]
    sheets = [
        Sheet(title, columns, [row for row in rows if row["duty"] == duty])
        for duty, title in (("mandatory", "公立"), ("voluntary", "自愿参加"))
    ]
    return write_table_book(path, list(describe(assessment, year)), sheets)


def _columns_of(code: str) -> list[Column]:
    """The columns of a component that has none in `assessment_scores`: rate, weight, sums."""
    component = COMPONENTS[code]
    measure = MEASURES[component.measure]
    table = REPORTS[measure.table]
    names = [name for name in names_of(component) if name in table.column_names]
    return [
        replace(table.column(measure.column), name=f"{code}_rate", title_zh=component.title_zh),
        count(f"{code}_weight", "point", f"{component.title_zh}权重", "Weight of the component, by policy."),
        *(replace(table.column(name), name=f"{code}_{name}") for name in names),
    ]


def describe(assessment: Assessment, year: int) -> list[tuple[str, str]]:
    """What an assessment rests on, title and text."""
    policies = sorted({f"{r['policy_id']}：{_say_weights(r)}" for r in assessment.rows})
    return [
        ("考核", f"{year} 年度，编号 {assessment.assessment_id}"),
        ("数字", f"{assessment.as_of} 发布的数字（运行 {assessment.run_id}）"),
        *(
            (component.title_zh, component.counted_zh.format(since=assessment.since, as_of=assessment.as_of))
            for component in COMPONENTS.values()
        ),
        ("得分", "Σ 权重 × 比率 ÷ Σ 有比率部分的权重 × 100；没有比率的部分不计入，其权重按比例由其余部分分担"),
        ("权重", "；".join(policies) or "—"),
        *((judged.verdict.column.title_zh, judged.document_zh) for judged in declared("JUDGED")),
    ]


def _say_weights(row: Record) -> str:
    return "，".join(f"{c.title_zh} {_component_of(row, code)['weight']}" for code, c in COMPONENTS.items())
