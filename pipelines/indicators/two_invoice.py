"""Two-invoice compliance 两票制执行率 (聊政发〔2018〕44号 三(四)3, 国医改办发〔2016〕4号, 国办发〔2017〕13号;
rulebook §6).
"""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.indicators.figures import running_sum, sum_evidence, with_quotients
from pipelines.indicators.finding import make_findings, yuan
from pipelines.indicators.indicator import Frames, Indicator, Inputs
from pipelines.indicators.invoice_chain import with_hops
from pipelines.indicators.invoice_lines import LINE, net_lines
from pipelines.indicators.look_up import look_up
from pipelines.indicators.order import in_order

COMPLIANT = ("direct", "two_invoice", "group_transfer", "remote_extra")
VIOLATION = ("too_many_invoices",)
UNVERIFIABLE = ("no_batch", "oversold", "upstream_after_sale", "batch_mismatch", "missing_upstream")
_CLASSES = {
    "compliant": COMPLIANT,
    "violation": VIOLATION,
    "unverifiable": UNVERIFIABLE,
    "exempt": ("exempt",),
}
_REASONS = {
    "no_batch": "批号缺失",
    "oversold": "销量超过可核实的购进量",
    "upstream_after_sale": "上游发票晚于销售",
    "batch_mismatch": "批号与上游不符",
    "missing_upstream": "缺少上游发票",
}
_POLICIES = (
    "two_invoice_ownerships", "two_invoice_categories", "two_invoice_exempt_categories", "two_invoice_group_transfer",
    "two_invoice_remote_extra",
)  # fmt: skip


def evidence(inputs: Inputs) -> Frames:
    """`lines`: one row per net line of a public institution buying drugs, with its verdict and all that led
    to it; `chain`: every net line, between companies too, with its seller's hop; `reds`: what red lines
    could not take off.
    """
    net, reds = net_lines(inputs.scan("invoices"), inputs.as_of)
    chain = with_hops(_with_buyers(net, inputs), inputs)
    return {
        "lines": _with_verdict(_in_scope(_with_stock(chain, inputs), inputs), inputs),
        "chain": chain,
        "reds": reds,
    }


def _with_buyers(net: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """Find the institution a line was sold to, by its code or its USCC; every other line runs between
    companies.

    Of institutions that share a USCC the one without a parent owns the invoice, then the lowest code.
    """
    places = (
        inputs.scan("institutions").select("institution_code", "uscc", "parent_institution_code").collect()
    )
    by_code = places.select(buyer_code="institution_code", institution_code="institution_code")
    by_uscc = (
        places.drop_nulls("uscc")
        .sort(pl.col("parent_institution_code").is_not_null(), "institution_code")
        .unique("uscc", keep="first", maintain_order=True)
        .select(buyer_code="uscc", institution_code="institution_code")
    )
    buyers = pl.concat([by_code, by_uscc]).unique("buyer_code", keep="first", maintain_order=True)
    return look_up(net, buyers, ["buyer_code"]).with_columns(is_company=pl.col("institution_code").is_null())


def _with_stock(chain: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """Add to each hospital line what its seller bought of the batch, from whom, since when, and sold up to
    this line.
    """
    groups = inputs.scan("enterprises").select("enterprise_code", "group_code").collect()
    bought = (
        chain.filter("is_company")
        .join(
            groups.rename({"group_code": "seller_group"}),
            left_on="seller_code",
            right_on="enterprise_code",
            how="left",
        )
        .join(
            groups.rename({"group_code": "buyer_group"}),
            left_on="buyer_code",
            right_on="enterprise_code",
            how="left",
        )
        .with_columns(in_group=(pl.col("seller_group") == pl.col("buyer_group")).fill_null(False))
    )
    day = pl.col("issued_on")
    stock = (
        bought.filter(pl.col("buyer_node").is_not_null())
        .group_by(seller_node="buyer_node")
        .agg(
            bought_from_source=pl.col("net").filter(pl.col("hop") == 0).sum(),
            bought_within_one=pl.col("net").filter(pl.col("hop") <= 1).sum(),
            bought_since=day.min(),
            in_group_since=day.filter("in_group").min(),
            transfer_since=day.filter(pl.col("in_group") & (pl.col("hop") == 1)).min(),
            reached_since=day.filter(pl.col("hop").is_not_null()).min(),
        )
    )
    source_since = (
        bought.filter("is_source")
        .group_by("product_code", seller_code="buyer_code")
        .agg(source_since=day.min())
    )
    sold = (
        chain.lazy()
        .filter(pl.col("seller_node").is_not_null())
        .sort("seller_node", maintain_order=True)
        .select("line", "is_company", sold_through=running_sum("net", "seller_node"))
        .filter(~pl.col("is_company"))
        .drop("is_company")
        .collect()
    )
    return (
        chain.filter(~pl.col("is_company"))
        .join(sold, on="line", how="left")
        .join(stock, on="seller_node", how="left")
        .join(source_since, on=["product_code", "seller_code"], how="left")
    )


def _in_scope(lines: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """Public institutions buying drugs, as policy says on the day of issue, found once for each division, day
    and kind of buyer and product; adds what else policy says there, and the `month`.
    """
    places = inputs.scan("institutions").select(
        "institution_code", "is_remote", pl.col("jurisdiction_code", "ownership").cast(pl.Categorical)
    ).collect()  # fmt: skip
    kinds = inputs.scan("products").select(
        "product_code", pl.col("kind", "special_category").cast(pl.Categorical)
    ).collect()  # fmt: skip
    case = ["jurisdiction_code", "ownership", "kind", "special_category", "issued_on"]
    lines = lines.join(places, on="institution_code").join(kinds, on="product_code")
    texts = pl.col(case[:-1]).cast(pl.String)
    terms = lines.select(case).unique().with_columns(texts)
    for parameter in _POLICIES:
        terms = inputs.with_policy(terms, parameter, "issued_on")
    belongs = {"two_invoice_ownerships": "ownership", "two_invoice_categories": "kind"}
    terms = (
        terms.filter(pl.col(value).is_in(pl.col(allowed)) for allowed, value in belongs.items())
        .with_columns(
            pl.col(case[:-1]).cast(pl.Categorical), pl.col("^.*_policy_id$").cast(pl.Categorical),
            is_exempt_category=pl.col("special_category").is_in(pl.col("two_invoice_exempt_categories")),
            month=pl.col("issued_on").dt.strftime("%Y-%m"),
        )
        .drop(*belongs, "two_invoice_exempt_categories")
    )  # fmt: skip
    return lines.join(terms, on=case).with_columns(texts)


def _with_verdict(lines: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """The first verdict that applies, in the order of the rulebook."""
    excuses = (
        inputs.scan("excuses")
        .filter((pl.col("kind") == "two_invoice") & (pl.col("valid_from") <= inputs.as_of))
        .select("institution_code", "invoice_code", "invoice_no", "excuse_id", "valid_to")
        .collect()
    )
    excused = (
        lines.select("line", "institution_code", "invoice_code", "invoice_no", "issued_on")
        .join(excuses, on=["institution_code", "invoice_code", "invoice_no"])
        .filter(pl.col("valid_to").is_null() | (pl.col("issued_on") <= pl.col("valid_to")))
        .group_by("line").agg(pl.col("excuse_id").sort().str.join(","))
    )  # fmt: skip
    lines = lines.join(excused, on="line", how="left")
    day, hop = pl.col("issued_on"), pl.col("hop")
    is_exempt = pl.col("is_exempt_category") | pl.col("excuse_id").is_not_null()
    transfer = (
        (hop == 2) & (pl.col("transfer_since") <= day).fill_null(False) & pl.col("two_invoice_group_transfer")
    )
    remote = (hop == 2) & pl.col("is_remote") & pl.col("two_invoice_remote_extra")
    available = pl.when(hop == 1).then("bought_from_source").otherwise("bought_within_one")
    oversold = ((hop == 1) | transfer | remote) & (pl.col("sold_through") > available)
    only_outside = (pl.col("bought_since") <= day).fill_null(False) & ~(
        pl.col("in_group_since") <= day
    ).fill_null(False)
    third_unseen = hop.is_null() & only_outside & ~(pl.col("is_remote") & pl.col("two_invoice_remote_extra"))
    mismatch = pl.col("bought_since").is_null() & (pl.col("source_since") <= day)
    verdict = (
        pl.when(is_exempt).then(pl.lit("exempt"))
        .when(hop == 0).then(pl.lit("direct"))
        .when(pl.col("seller_node").is_null()).then(pl.lit("no_batch"))
        .when(oversold).then(pl.lit("oversold"))
        .when(hop == 1).then(pl.lit("two_invoice"))
        .when(transfer).then(pl.lit("group_transfer"))
        .when(remote).then(pl.lit("remote_extra"))
        .when((hop >= 2) | third_unseen).then(pl.lit("too_many_invoices"))
        .when(pl.col("reached_since").is_not_null()).then(pl.lit("upstream_after_sale"))
        .when(mismatch).then(pl.lit("batch_mismatch"))
        .otherwise(pl.lit("missing_upstream"))
    )  # fmt: skip
    return in_order(lines.with_columns(verdict=verdict), LINE)


def reports(evidence: Frames) -> Frames:
    """`two_invoice_line` and `two_invoice_compliance` (interfaces §3)."""
    lines = evidence["lines"].with_columns(net_quantity=pl.col("net").cast(pl.Float64) / 10**4, hops="hop")
    sums = {}
    for name, verdicts in _CLASSES.items():
        belongs = pl.col("verdict").is_in(verdicts)
        sums[f"{name}_fen"] = pl.when(belongs).then("net_fen").otherwise(0)
        sums[f"{name}_count"] = belongs.cast(pl.Int64)
    rows = sum_evidence(lines, ["institution_code", "month", "jurisdiction_code"], sums)
    judged = rows.with_columns(
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
    return {"two_invoice_line": lines, "two_invoice_compliance": with_quotients(judged, rates)}


def findings(evidence: Frames, reports: Frames, inputs: Inputs) -> pl.DataFrame:
    """One per violating line, and one per institution and month with lines that cannot be verified."""
    lines = evidence["lines"].with_columns(amount_fen="net_fen", counterparty_code="seller_code")
    invoice = (
        pl.when(pl.col("invoice_code") == "")
        .then("invoice_no")
        .otherwise(pl.concat_str("invoice_code", "invoice_no", separator="-"))
    )
    violating = lines.filter(pl.col("verdict").is_in(VIOLATION)).with_columns(
        subject_key=pl.concat_str(LINE, separator="|"),
        quantity=pl.col("net").cast(pl.Float64) / 10**4,
        invoice=invoice,
    )
    hops = (
        pl.when(pl.col("hop").is_null())
        .then(pl.lit("上游首票未见"))
        .otherwise(pl.format("发票 {} 张", pl.col("hop") + 1))
    )
    too_many = make_findings(
        violating,
        inputs,
        rule="two_invoice_too_many",
        severity="violation",
        subject="invoice_line",
        clause="clause_two_invoice",
        day="issued_on",
        message=pl.format(
            "发票 {} 第 {} 行（批号 {}，{} 元）自生产企业起超过两票：{}",
            "invoice",
            "line_no",
            pl.col("batch_no").fill_null("无"),
            yuan("net_fen"),
            hops,
        ),
    )
    reasons = pl.format("{} {} 行", pl.col("verdict").replace_strict(_REASONS, default=None), "len")
    by = ["institution_code", "jurisdiction_code", "month"]
    unverifiable = (
        lines.filter(pl.col("verdict").is_in(UNVERIFIABLE))
        .group_by(*by, "verdict")
        .agg(pl.len(), pl.col("amount_fen").sum())
        .sort(*by, "verdict")
        .group_by(by, maintain_order=True)
        .agg(pl.col("amount_fen").sum(), lines=pl.col("len").sum(), reasons=reasons.str.join("，"))
        .with_columns(
            subject_key=pl.concat_str("institution_code", "month", separator="|"),
            quantity=pl.col("lines").cast(pl.Float64),
            event_on=pl.min_horizontal(
                (pl.col("month") + "-01").str.to_date("%Y-%m-%d").dt.month_end(), pl.lit(inputs.as_of)
            ),
        )
    )
    unproven = make_findings(
        unverifiable,
        inputs,
        rule="two_invoice_unverifiable",
        severity="warning",
        subject="institution_month",
        clause="clause_two_invoice",
        day="event_on",
        message=pl.format(
            "{} 有 {} 行发票无法核实两票制（{} 元）：{}", "month", "lines", yuan("amount_fen"), "reasons"
        ),
    )
    return pl.concat([too_many, unproven])


def notes(evidence: Frames) -> dict[str, str]:
    """Red lines that said more than there was to take off."""
    reds = evidence["reds"]
    if reds.is_empty():
        return {}
    rows = reds.select(*LINE, "excess", "excess_fen").iter_rows()
    return {
        "红字发票超出可冲数量或金额": "；".join(
            f"{c}-{n} 第 {i} 行：{q / 10**4:g} 盒、{f} 分" for c, n, i, q, f in rows
        )
    }


INDICATOR = Indicator(
    code="two_invoice",
    title_zh="两票制执行率",
    clause="聊政发〔2018〕44号 三(四)3",
    version=1,
    reviewed_on=date(2026, 11, 22),
    parameters=(*_POLICIES, "clause_two_invoice"),
    tables=("two_invoice_line", "two_invoice_compliance"),
    evidence=evidence,
    reports=reports,
    findings=findings,
    notes=notes,
)
