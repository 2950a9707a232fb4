"""What may be kept of a surplus, with the numbers put in, led back to its base, its commitments, its lines and the evaluation
(obligations §28).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import polars as pl

from pipelines.engine.explained_rows import add_yuan, codes, distinct, line_of, plain, spelling, word, yuan
from pipelines.engine.explanation import Explain, Explained, Explanation, Key, Line, Record, Step
from pipelines.engine.indicator import Inputs
from pipelines.engine.links import run_once
from pipelines.indicators.surplus_retention.bases import BASE
from pipelines.indicators.surplus_retention.declaration import TABLE
from pipelines.indicators.surplus_retention.indicator import INDICATOR, reports
from pipelines.indicators.surplus_retention.retained import EXACT
from schemas.policies import PolicyRow

_UNKNOWN = "没有协议或没有中选价格，不知道"


def _open(inputs: Inputs) -> Explain:
    evidence, sums = run_once(INDICATOR, inputs)
    rows = reports(sums, inputs)[TABLE.name].lazy().collect()
    found = {name: frame.lazy().collect() for name, frame in evidence.items()}

    def explain(key: Key) -> Explanation | None:
        start = date.fromisoformat(key["period_start"])
        is_own = pl.all_horizontal(pl.col(c) == (start if c == "period_start" else key[c]) for c in BASE)
        row = next(iter(rows.filter(is_own).to_dicts()), None)
        return (
            None
            if row is None
            else _explain(row, {name: frame.filter(is_own).to_dicts() for name, frame in found.items()}, inputs)
        )

    return explain


def _explain(row: Record, own: Mapping[str, list[Record]], inputs: Inputs) -> Explanation:
    (base,) = own["bases"]
    policy = next((p for p in inputs.policies.rows if p.id == row["policy_id"]), None)
    return Explanation(
        steps=tuple(_steps(row, base, own, policy)),
        policies=distinct([policy] if policy else []),
        lines=tuple(_line(name, record) for name, records in own.items() for record in records),
        left_out=(),
        notes=("各数在印出之前都是精确值，各自只四舍五入到分一次；结余测算基数与预算减支出可能相差 1 分。",),
        concerned=(
            ("surplus_bases", {c: codes(row[c]) for c in ("institution_code", "lot_code", "item_code")}),
            *((dataset, {"institution_code": codes(row["institution_code"])}) for dataset in ("commitments", "evaluations")),
        ),
    )


def _steps(row: Record, base: Record, own: Mapping[str, list[Record]], policy: PolicyRow | None) -> Iterator[Step]:
    values = [c["agreed_fen"] for c in own["commitments"] if c["agreed_fen"] is not None]
    lacking = "、".join(c["commitment_id"] for c in own["commitments"] if c["agreed_fen"] is None)
    without = f"；{lacking} 没有中选价格" if lacking else ""
    agreed, bought = row["agreed_fen"], row["non_selected_fen"]
    share = plain(base["insured_share"])
    yield Step(
        "agreed_fen", "约定采购金额 = Σ 约定采购量 × 周期开始日最低中选单价", f"{add_yuan(values)}{without}", sum(values)
    )
    fen = [line["value_fen"] for line in own["lines"]]
    yield Step("non_selected_fen", "非中选采购金额 = Σ 周期内同通用名非中选药品的金额", add_yuan(fen), sum(fen))
    factors = (base["base_quantity"], base["price_before"], base["fund_pay_ratio_before"])
    yield Step(
        "budget_fen",
        "医保资金预算 = 基期用量 × 集采前价格 × 基期统筹基金支付比例 × 参保人用量占比",
        f"{' × '.join(map(plain, factors))} × {share} = {_exact(base['budget'])}",
        row["budget_fen"],
    )
    ratio = plain(base["fund_pay_ratio"])
    yield Step(
        "spend_fen",
        "医保资金实际支出 =（约定采购金额 + 非中选采购金额）× 统筹基金支付比例 × 参保人用量占比",
        _UNKNOWN
        if base["spend"] is None
        else f"({yuan(agreed)} + {yuan(bought)}) × {ratio} × {share} = {_exact(base['spend'])}",
        row["spend_fen"],
    )
    yield Step(
        "surplus_fen",
        "结余测算基数 = 预算 − 支出",
        _UNKNOWN
        if base["spend"] is None
        else f"{_exact(base['budget'])} − {_exact(base['spend'])} = {_exact(base['surplus'])}",
        row["surplus_fen"],
    )
    (judged,) = own["evaluations"] or ({},)
    points = "没有考核" if not judged else "没有给出得分" if judged["score"] is None else plain(judged["score"])
    yield Step("score", "考核得分：周期结束所在年度、截止日前已评定的结余留用考核", points, row["score"])
    yield Step("ratio", "留用比例：按考核取 surplus_ratio 的一档", _say_ratio(row, policy), row["ratio"])
    yield Step(
        "retained_fen",
        "可留用金额 = max(0, 结余测算基数) × 留用比例",
        "结余测算基数或留用比例不知道"
        if row["retained_fen"] is None
        else f"max(0, {_exact(base['surplus'])}) × {_percent(row['ratio'])} = {yuan(row['retained_fen'])} 元",
        row["retained_fen"],
    )
    met = "、".join(f"{c['commitment_id']} {_status(c)}" for c in own["commitments"])
    yield Step("volume_met", "用量完成：各份协议全部完成或有正当理由", met or "没有协议", row["volume_met"])
    yield Step("status", "状态：依次取第一个符合的", word(TABLE.name, "status", row["status"]), row["status"])


def _exact(value: int) -> str:
    """An exact amount in yuan."""
    return plain(value, EXACT)


def _percent(ratio: float) -> str:
    return f"{100 * ratio:.2f}".rstrip("0").rstrip(".") + "%"


def _say_ratio(row: Record, policy: PolicyRow | None) -> str:
    """The step, and why it is this one."""
    if policy is None:
        return "周期结束日当地没有留用比例规定"
    assert isinstance(policy.value, list)
    steps, leasts = "、".join(policy.value), [float(step.partition("=")[0]) for step in policy.value]
    if row["result"] is None:
        return f"各档 {steps}；没有考核"
    result = spelling("evaluations", "result", row["result"])
    if row["result"] == "fail":
        why = "不合格，不留用"
    elif row["score"] is None:
        why = "没有得分，取最低一档"
    else:
        why = f"得分 {row['score']:.10g}，" + (
            "取达到的最高一档" if row["score"] >= min(leasts, default=101) else "未达到任何一档"
        )
    return f"各档 {steps}；考核{result}：{why} → {_percent(row['ratio'])}"


def _status(commitment: Record) -> Any:
    return word("agreed_volume_completion", "status", commitment["status"])


def _line(name: str, record: Record) -> Line:
    match name:
        case "bases":
            facts = {
                "基期用量": plain(record["base_quantity"]),
                "集采前价格（元）": plain(record["price_before"]),
                "采购周期结束": record["period_end"],
            }
            return line_of("surplus_bases", record, "结余测算", facts)
        case "commitments":
            value = "没有中选价格" if record["agreed_fen"] is None else yuan(record["agreed_fen"])
            return line_of("commitments", record, "约定采购量", {"约定采购金额（元）": value, "状态": _status(record)})
        case "lines":
            facts = {
                "产品": record["product_code"],
                "验收日期": record["accepted_on"],
                "计入金额（元）": yuan(record["value_fen"]),
            }
            return line_of("deliveries", record, "非中选采购", facts)
    facts = {
        "结果": spelling("evaluations", "result", record["result"]),
        "得分": "未填" if record["score"] is None else plain(record["score"]),
        "评定日期": record["decided_on"],
        "文号": record["document_no"],
    }
    return line_of("evaluations", record, "结余留用考核", facts)


EXPLAINED = Explained(table=TABLE.name, indicator="surplus_retention", open=_open)
