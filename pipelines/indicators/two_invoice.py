"""Two-invoice compliance 两票制执行率 (聊政发〔2018〕44号 三(四)3, 国医改办发〔2016〕4号, 国办发〔2017〕13号;
rulebook §6).
"""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.indicators.batch_stock import with_stock
from pipelines.indicators.figures import with_quotients
from pipelines.indicators.finding import make_findings, yuan
from pipelines.indicators.indicator import Frames, Indicator, Inputs
from pipelines.indicators.invoice_buyers import with_buyers
from pipelines.indicators.invoice_chain import with_hops
from pipelines.indicators.invoice_lines import LINE, net_lines
from pipelines.indicators.invoice_scope import POLICIES, in_scope
from pipelines.indicators.order import in_order
from pipelines.indicators.verdicts import COMPLIANT, EXEMPT, UNVERIFIABLE, VIOLATION, with_verdict

_CLASSES = {"compliant": COMPLIANT, "violation": VIOLATION, "unverifiable": UNVERIFIABLE, "exempt": EXEMPT}
_REASONS = {
    "no_batch": "批号缺失",
    "oversold": "销量超过可核实的购进量",
    "upstream_after_sale": "上游发票晚于销售",
    "batch_mismatch": "批号与上游不符",
    "missing_upstream": "缺少上游发票",
}


def evidence(inputs: Inputs) -> Frames:
    """`lines`: one row per net line of a public institution buying drugs, with its verdict and all that led
    to it; `chain` (lazy): every net line, between companies too, with its seller's hop and its file, sheet and
    line; `reds`: what red lines could not take off.
    """
    net, reds = net_lines(inputs.scan("invoices"), inputs.as_of)
    chain = with_hops(with_buyers(net, inputs), inputs)
    return {
        "lines": with_verdict(in_scope(with_stock(chain, inputs), inputs), inputs),
        "chain": inputs.with_place(chain, "invoices"),
        "reds": reds,
    }


def sums(evidence: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """`lines`: one per net line; `months`: by institution, month of issue and verdict; `reds`: one per red line
    with an excess.
    """
    lines = evidence["lines"].lazy()
    codes = pl.col("institution_code", "seller_code", "product_code", "batch_no", "verdict")
    by_line = lines.select(
        "invoice_code", "invoice_no", pl.col("line_no").cast(pl.Int32), codes, "issued_on", hops="hop", net="net",
        net_fen="net_fen", rows=pl.lit(1, pl.Int64),
    ).collect()  # fmt: skip
    by_month = ["institution_code", "month", "jurisdiction_code", "verdict"]
    months = lines.group_by(by_month).agg(pl.col("net_fen").sum(), rows=pl.len().cast(pl.Int64))
    reds = evidence["reds"].lazy().select(
        "invoice_code", "invoice_no", pl.col("line_no").cast(pl.Int32), pl.col("product_code").cast(pl.String),
        "excess", "excess_fen", rows=pl.lit(1, pl.Int64),
    )  # fmt: skip
    return {
        "lines": in_order(by_line, LINE).with_columns(codes.cast(pl.String)),
        "months": months.with_columns(pl.col(by_month).cast(pl.String)).collect(),
        "reds": reds.collect(),
    }


def reports(sums: Frames, inputs: Inputs) -> Frames:
    """`two_invoice_line` and `two_invoice_compliance` (interfaces §3)."""
    lines = sums["lines"].lazy().with_columns(net_quantity=pl.col("net").cast(pl.Float64) / 10**4)
    counted = {}
    for name, verdicts in _CLASSES.items():
        belongs = pl.col("verdict").is_in(verdicts)
        counted[f"{name}_fen"] = pl.col("net_fen").filter(belongs).sum()
        counted[f"{name}_count"] = pl.col("rows").filter(belongs).sum()
    months = sums["months"].lazy().group_by("institution_code", "month", "jurisdiction_code").agg(**counted)
    judged = months.with_columns(
        **{f"judged_{u}": pl.col(f"compliant_{u}") + pl.col(f"violation_{u}") for u in ("fen", "count")},
        **{
            f"scope_{u}": pl.sum_horizontal(f"{c}_{u}" for c in ("compliant", "violation", "unverifiable"))
            for u in ("fen", "count")
        },
    )
    rates = {
        f"{name}_{label}": (f"{above}_{unit}", f"{below}_{unit}")
        for name, above, below in (
            ("compliance_rate", "compliant", "judged"),
            ("verified_rate", "judged", "scope"),
        )
        for label, unit in (("amount", "fen"), ("count", "count"))
    }
    return {"two_invoice_line": lines, "two_invoice_compliance": with_quotients(judged.collect(), rates)}


def findings(reports: Frames, sums: Frames, inputs: Inputs) -> pl.DataFrame:
    """One per violating line, and one per institution and month with lines that cannot be verified."""
    return pl.concat([_find_violations(sums, inputs), _find_unverifiable(sums, inputs)])


def _find_violations(sums: Frames, inputs: Inputs) -> pl.DataFrame:
    places = inputs.scan("institutions").select("institution_code", "jurisdiction_code")
    violating = (
        sums["lines"].lazy().filter(pl.col("verdict").is_in(VIOLATION))
        .join(places, on="institution_code")
        .with_columns(
            amount_fen="net_fen",
            counterparty_code="seller_code",
            subject_key=pl.concat_str(LINE, separator="|"),
            quantity=pl.col("net").cast(pl.Float64) / 10**4,
            invoice=pl.when(pl.col("invoice_code") == "")
            .then("invoice_no")
            .otherwise(pl.concat_str("invoice_code", "invoice_no", separator="-")),
        )
        .collect()
    )  # fmt: skip
    hops = (
        pl.when(pl.col("hops").is_null())
        .then(pl.lit("上游首票未见"))
        .otherwise(pl.format("发票 {} 张", pl.col("hops") + 1))
    )
    message = pl.format(
        "发票 {} 第 {} 行（批号 {}，{} 元）自生产企业起超过两票：{}",
        "invoice", "line_no", pl.col("batch_no").fill_null("无"), yuan("net_fen"), hops,
    )  # fmt: skip
    return make_findings(
        violating, inputs, rule="two_invoice_too_many", severity="violation", subject="invoice_line",
        clause="clause_two_invoice", day="issued_on", message=message,
    )  # fmt: skip


def _find_unverifiable(sums: Frames, inputs: Inputs) -> pl.DataFrame:
    reasons = pl.format("{} {} 行", pl.col("verdict").replace_strict(_REASONS, default=None), "rows")
    by = ["institution_code", "jurisdiction_code", "month"]
    unverifiable = (
        sums["months"].lazy().filter(pl.col("verdict").is_in(UNVERIFIABLE))
        .sort(*by, "verdict")
        .group_by(by, maintain_order=True)
        .agg(amount_fen=pl.col("net_fen").sum(), lines=pl.col("rows").sum(), reasons=reasons.str.join("，"))
        .with_columns(
            subject_key=pl.concat_str("institution_code", "month", separator="|"),
            quantity=pl.col("lines").cast(pl.Float64),
            event_on=pl.min_horizontal(
                (pl.col("month") + "-01").str.to_date("%Y-%m-%d").dt.month_end(), pl.lit(inputs.as_of)
            ),
        )
        .collect()
    )  # fmt: skip
    message = pl.format(
        "{} 有 {} 行发票无法核实两票制（{} 元）：{}", "month", "lines", yuan("amount_fen"), "reasons"
    )
    return make_findings(
        unverifiable, inputs, rule="two_invoice_unverifiable", severity="warning", subject="institution_month",
        clause="clause_two_invoice", day="event_on", message=message,
    )  # fmt: skip


def notes(sums: Frames) -> dict[str, str]:
    """Red lines that said more than there was to take off."""
    reds = sums["reds"].lazy().sort(LINE).select(*LINE, "excess", "excess_fen").collect()
    if reds.is_empty():
        return {}
    return {
        "红字发票超出可冲数量或金额": "；".join(
            f"{c}-{n} 第 {i} 行：{q / 10**4:g} 盒、{f} 分" for c, n, i, q, f in reds.iter_rows()
        )
    }


INDICATOR = Indicator(
    code="two_invoice",
    title_zh="两票制执行率",
    clause="聊政发〔2018〕44号 三(四)3",
    version=1,
    reviewed_on=date(2026, 11, 22),
    axis="product",
    parameters=(*POLICIES, "clause_two_invoice"),
    tables=("two_invoice_line", "two_invoice_compliance"),
    evidence=evidence,
    sums=sums,
    reports=reports,
    findings=findings,
    notes=notes,
)
