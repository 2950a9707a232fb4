"""Two-invoice compliance 两票制执行率 (聊政发〔2018〕44号 三(四)3, 国医改办发〔2016〕4号, 国办发〔2017〕13号;
rulebook §6).
"""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.engine.explained_rows import yuan as plain_yuan
from pipelines.engine.figures import with_rates
from pipelines.engine.finding import make_findings, yuan
from pipelines.engine.indicator import Frames, Indicator, Inputs
from pipelines.indicators.two_invoice.batch_stock import with_sold, with_stock
from pipelines.indicators.two_invoice.chain import with_hops
from pipelines.indicators.two_invoice.declaration import COMPLIANCE, TOO_MANY, UNVERIFIED
from pipelines.indicators.two_invoice.declaration import LINE as LINE_TABLE
from pipelines.indicators.two_invoice.lines import LINE
from pipelines.indicators.two_invoice.purchases import EARLIER, LINKS, UNIT, net, with_purchases
from pipelines.indicators.two_invoice.scope import POLICIES, in_scope
from pipelines.indicators.two_invoice.verdicts import COMPLIANT, EXEMPT, UNVERIFIABLE, VIOLATION, with_verdict

_CLASSES = {"compliant": COMPLIANT, "violation": VIOLATION, "unverifiable": UNVERIFIABLE, "exempt": EXEMPT}


def evidence(inputs: Inputs) -> Frames:
    """`lines`: one row per net line of a public institution buying drugs, with its verdict and all that led
    to it; `chain` (lazy): every net line with its seller's hop and its file, sheet and line.
    """
    chain = with_sold(with_hops(with_purchases(inputs.once(net)[0], inputs)))
    lines = in_scope(chain.filter(~pl.col("is_company")), inputs)
    return {"lines": with_verdict(with_stock(lines, chain, inputs), inputs), "chain": inputs.with_place(chain, "invoices")}


def sums(evidence: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """`lines`: one per net line of `evidence`."""
    lines = (
        evidence["lines"]
        .lazy()
        .select(
            "invoice_code",
            "invoice_no",
            pl.col("line_no").cast(pl.Int32),
            "institution_code",
            *UNIT,
            "verdict",
            "jurisdiction_code",
            "month",
            "issued_on",
            hops="hop",
            net="net",
            net_fen="net_fen",
            rows=pl.lit(1, pl.Int64),
        )
    )
    texts = pl.col(pl.Categorical).cast(pl.String)
    return {"lines": lines.collect().sort(LINE).with_columns(texts, pl.col("verdict").cast(pl.String))}


def totals(sums: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """`months`: by institution, month of issue and verdict; `excess`: the red lines with an excess."""
    by_month = ["institution_code", "month", "jurisdiction_code", "verdict"]
    months = sums["lines"].lazy().group_by(by_month).agg(pl.col("net_fen", "rows").sum())
    return {"months": months.collect(), "excess": sums["reds"].lazy().collect()}


def reports(sums: Frames, inputs: Inputs) -> Frames:
    """`two_invoice_line` and `two_invoice_compliance` (interfaces §3)."""
    lines = sums["lines"].lazy().with_columns(net_quantity=pl.col("net").cast(pl.Float64) / 10**4)
    counted = {}
    for name, verdicts in _CLASSES.items():
        belongs = pl.col("verdict").is_in(verdicts)
        counted[f"{name}_fen"] = pl.col("net_fen").filter(belongs).sum()
        counted[f"{name}_count"] = pl.col("rows").filter(belongs).sum()
    months = sums["months"].lazy().group_by("institution_code", "month", "jurisdiction_code").agg(**counted)
    scoped = months.with_columns(
        pl.sum_horizontal(f"{c}_{u}" for c in ("compliant", "violation", "unverifiable")).alias(f"scope_{u}")
        for u in ("fen", "count")
    )
    return {"two_invoice_line": lines, "two_invoice_compliance": with_rates(scoped.collect(), COMPLIANCE)}


def findings(reports: Frames, sums: Frames, inputs: Inputs) -> pl.DataFrame:
    """One per violating line, and one per institution and month with lines that cannot be verified."""
    return pl.concat([_find_violations(sums, inputs), _find_unverifiable(sums, inputs)])


def _find_violations(sums: Frames, inputs: Inputs) -> pl.DataFrame:
    violating = (
        sums["lines"]
        .lazy()
        .filter(pl.col("verdict").is_in(VIOLATION))
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
    )
    hops = pl.when(pl.col("hops").is_null()).then(pl.lit("上游首票未见")).otherwise(pl.format("发票 {} 张", pl.col("hops") + 1))
    message = pl.format(
        "发票 {} 第 {} 行（批号 {}，{} 元）自生产企业起超过两票：{}",
        "invoice",
        "line_no",
        pl.col("batch_no").fill_null("无"),
        yuan("net_fen"),
        hops,
    )
    return make_findings(violating, inputs, rule=TOO_MANY, day="issued_on", message=message)


def _find_unverifiable(sums: Frames, inputs: Inputs) -> pl.DataFrame:
    words = LINE_TABLE.column("verdict").spoken
    reasons = pl.format("{} {} 行", pl.col("verdict").replace_strict(words, default=None), "rows")
    by = ["institution_code", "jurisdiction_code", "month"]
    unverifiable = (
        sums["months"]
        .lazy()
        .filter(pl.col("verdict").is_in(UNVERIFIABLE))
        .sort(*by, "verdict")
        .group_by(by, maintain_order=True)
        .agg(amount_fen=pl.col("net_fen").sum(), lines=pl.col("rows").sum(), reasons=reasons.str.join("，"))
        .with_columns(
            subject_key=pl.concat_str("institution_code", "month", separator="|"),
            quantity=pl.col("lines").cast(pl.Float64),
            event_on=pl.min_horizontal((pl.col("month") + "-01").str.to_date("%Y-%m-%d").dt.month_end(), pl.lit(inputs.as_of)),
        )
        .collect()
    )
    message = pl.format("{} 有 {} 行发票无法核实两票制（{} 元）：{}", "month", "lines", yuan("amount_fen"), "reasons")
    return make_findings(unverifiable, inputs, rule=UNVERIFIED, day="event_on", message=message)


def notes(totals: Frames) -> dict[str, str]:
    """Red lines that said more than there was to take off."""
    reds = totals["excess"].lazy().sort(LINE).select(*LINE, "excess", "excess_fen").collect()
    if reds.is_empty():
        return {}
    return {
        "红字发票超出可冲数量或金额": "；".join(
            f"{c}-{n} 第 {i} 行：{q / 10**4:g} 盒、{plain_yuan(f)} 元" for c, n, i, q, f in reds.iter_rows()
        )
    }


INDICATOR = Indicator(
    code="two_invoice",
    title_zh="两票制执行率",
    clause="聊政发〔2018〕44号 三(四)3",
    version=1,
    reviewed_on=date(2026, 11, 22),
    axis="product",
    reads=("invoices", "excuses", "institutions", "enterprises", "products", "deemed_manufacturers"),
    unit=UNIT,
    parameters=(*POLICIES, "clause_two_invoice"),
    dated=POLICIES,
    tables=("two_invoice_line", "two_invoice_compliance"),
    evidence=evidence,
    sums=sums,
    totals=totals,
    grains={"months": ("institution_code", "month"), "excess": tuple(LINE)},
    reports=reports,
    findings=findings,
    notes=notes,
    links=LINKS,
    earlier=EARLIER,
)
