"""An assessment for the terminal and as a workbook; scores are rounded here and nowhere before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from rich.table import Table

from pipelines.oversight.assessment.assess import Assessment
from pipelines.oversight.assessment.score import TITLES
from pipelines.views.table_book import Sheet, write_table_book
from schemas.reports import REPORTS
from schemas.reports.assessment_scores import FULFILLED, PROTECTED

Record = Mapping[str, Any]

DUTIES = {"mandatory": "公立", "voluntary": "自愿参加（不计分）"}
_APART = ("assessment_id", "year", "as_of", "run_id", "recorded_at")


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
    for name in ("医疗机构", *TITLES.values(), "得分", "剔除正当理由", "未计入", "总额控制指标不降低"):
        table.add_column(
            name, overflow="fold", justify="right" if name in ("得分", "剔除正当理由") else "left"
        )
    for row in rows:
        ended = f"{row['completed']}/{row['commitments']} 项完成，{row['excused']} 项有正当理由"
        volume = [_percent(row, "completion_rate"), _yuan(row, "capped_fen", "agreed_fen"), ended]
        counts = f"{row['on_time_count']}/{row['matured_count']} 笔"
        paid = [_percent(row, "payment_rate"), _yuan(row, "on_time_fen", "matured_fen"), counts]
        lines = f"合规 {row['compliant_count']} 行，违规 {row['violation_count']} 行"
        amounts = f"{_money(row['compliant_fen'])} / 违规 {_money(row['violation_fen'])}"
        table.add_row(
            f"{row['institution_name'] or ''}\n{row['institution_code']}", "\n".join(volume), "\n".join(paid),
            "\n".join([_percent(row, "two_invoice_rate", ""), amounts, lines]), round_score(row["score"]),
            round_score(row["score_excused"]), row["left_out"] or "", _say_protection(row),
        )  # fmt: skip
    return table


def round_score(score: float | None) -> str:
    """Two decimals, halves up."""
    return "—" if score is None else str(Decimal(repr(score)).quantize(Decimal("0.01"), ROUND_HALF_UP))


def _percent(row: Record, name: str, excused: str = "_excused") -> str:
    strict = "—" if row[name] is None else f"{row[name]:.2%}"
    if not excused:
        return strict
    other = "—" if row[name + excused] is None else f"{row[name + excused]:.2%}"
    return f"{strict}（剔除 {other}）"


def _money(fen: int) -> str:
    return f"{fen / 100:,.2f}"


def _yuan(row: Record, above: str, below: str) -> str:
    return f"{_money(row[above])} / {_money(row[below])} 元"


def _say_protection(row: Record) -> str:
    words = [
        f"合同履行 {FULFILLED[row['contract_performed']]}",
        f"用量完成 {FULFILLED[row['volume_completed']]}",
        "合理用药 未评估",
    ]
    return "\n".join([PROTECTED[row["budget_protection"]], *words])


def export_assessment(path: Path, assessment: Assessment, year: int) -> Path:
    """Write it as a workbook: facts, those with a score, those without."""
    columns = [c for c in REPORTS["assessment_scores"].columns if c.name not in _APART]
    sheets = [
        Sheet(title, columns, [row for row in assessment.rows if row["duty"] == duty])
        for duty, title in (("mandatory", "公立"), ("voluntary", "自愿参加"))
    ]
    return write_table_book(path, list(describe(assessment, year)), sheets)


def describe(assessment: Assessment, year: int) -> list[tuple[str, str]]:
    """What an assessment rests on, title and text."""
    policies = sorted({f"{r['policy_id']}：{_say_weights(r)}" for r in assessment.rows})
    return [
        ("考核", f"{year} 年度，编号 {assessment.assessment_id}"),
        ("数字", f"{assessment.as_of} 发布的数字（运行 {assessment.run_id}）"),
        ("协议", f"{assessment.since}（含）至 {assessment.as_of}（不含）到期的协议，按中选最低单价折成金额，逐项封顶后相加"),
        ("货款", "适用到期规则；到期月份的最后一天顺延到工作日后落在本年的月份"),
        ("两票制", "本年开具的发票；合规 ÷（合规 + 违规），无法核实与豁免不计入；有备案的发票属豁免，不另分口径"),
        ("得分", "Σ 权重 × 比率 ÷ Σ 有比率部分的权重 × 100；没有比率的部分不计入，其权重按比例由其余部分分担"),
        ("权重", "；".join(policies) or "—"),
        ("总额控制指标不降低", "慈政办发〔2020〕68号 二(二)4：合理用药、履行合同、完成用量。合理用药未评估，从不给出“是”"),
    ]  # fmt: skip


def _say_weights(row: Record) -> str:
    return "，".join(f"{title} {row[f'{name}_weight']}" for name, title in TITLES.items())
