"""Budgets, caps and bands 预算、上限与区间 (慈政办发〔2020〕68号 二(一)1 带预算采购; obligations §13)."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.engine.figures import as_quantity, with_quotients
from pipelines.engine.finding import make_findings, percent, quantity, yuan
from pipelines.engine.indicator import Frames, Indicator, Inputs
from pipelines.engine.order import look_up
from pipelines.indicators.agreed_volume.carried import links_of, wakes
from pipelines.indicators.agreed_volume.claims import claims_of
from pipelines.indicators.agreed_volume.commitments import FLOORS_OF_QUANTITY, commitments_of
from pipelines.indicators.agreed_volume.completion import days_passed, days_whole
from pipelines.indicators.budgeted_completion.declaration import EXCEEDED, FAILED, SERIOUSLY_BEHIND
from pipelines.indicators.budgeted_completion.judge import judge
from pipelines.indicators.budgeted_completion.receipts import explain_receipts, net_receipts

_MEASURED = ("agreed", "agreed_max", "net", "excused")


def evidence(inputs: Inputs) -> Frames:
    """`commitments`: one row per budget, cap or band with its net, in fen where its target is an amount, else in minimum
    units (10⁻¹²), and its status; `receipts` (lazy): every delivery of what they may claim, with its file, sheet and line,
    and why it does not count.
    """
    commitments = commitments_of(inputs, ~FLOORS_OF_QUANTITY)
    claims = claims_of(inputs, commitments)
    receipts = net_receipts(inputs, claims)
    net = receipts.group_by("commitment").agg(pl.col("net_units", "net_fen").sum())
    has_claims = pl.col("commitment").is_in(claims["commitment"].unique().to_list())
    rows = look_up(commitments, net, ["commitment"]).with_columns(
        net=pl.when("is_amount").then("net_fen").otherwise("net_units").cast(pl.Int128).fill_null(0),
        has_products=pl.col("product_code").is_not_null() | has_claims,
    )
    explained = explain_receipts(inputs, commitments, claims, receipts)
    return {"commitments": judge(rows, inputs), "receipts": inputs.with_place(explained, "deliveries")}


def sums(evidence: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """`commitments`: one per commitment, in fen or minimum units as its target says."""
    judged = (
        evidence["commitments"]
        .lazy()
        .select(
            "commitment_id",
            "institution_code",
            "jurisdiction_code",
            "lot_code",
            "item_code",
            "product_code",
            "target",
            "direction",
            "period_start",
            "period_end",
            "status",
            "excuse_id",
            "policy_id",
            *_MEASURED,
            "limit",
            "excused_base",
            rows=pl.lit(1, pl.Int64),
        )
    )
    return {"commitments": judged.collect()}


def reports(sums: Frames, inputs: Inputs) -> Frames:
    """`budgeted_completion` (obligations §13)."""
    is_amount, live = pl.col("target") == "amount", pl.col("agreed") > 0
    rows = (
        sums["commitments"]
        .lazy()
        .with_columns(days_whole=days_whole(), days_passed=days_passed(inputs.as_of))
        .with_columns(
            base=pl.when(live).then("agreed"),
            excused_base=pl.when(live).then("excused_base"),
            gap_above=pl.col("net") * pl.col("days_whole") - pl.col("agreed") * pl.col("days_passed"),
            gap_below=pl.when(live).then(pl.col("agreed") * pl.col("days_whole")),
        )
    )
    rates = {
        "rate": ("net", "base"),
        "excused_rate": ("net", "excused_base"),
        "time_progress": ("days_passed", "days_whole"),
        "gap": ("gap_above", "gap_below"),
    }
    quantities = {f"{c}_quantity": pl.when(~is_amount).then(as_quantity(c)) for c in _MEASURED}
    amounts = {f"{c}_fen": pl.when(is_amount).then(pl.col(c)).cast(pl.Int64) for c in _MEASURED}
    return {"budgeted_completion": with_quotients(rows, rates).with_columns(**quantities, **amounts)}


def findings(reports: Frames, sums: Frames, inputs: Inputs) -> pl.DataFrame:
    """One per commitment that exceeds its limit (at as_of, at the latest on its last day), failed (on its last day), or is
    seriously behind (at as_of).
    """
    texts = pl.col("commitment_id", "excuse_id").cast(pl.String)
    own = sums["commitments"].lazy().select(texts, "agreed", "net", "limit")
    is_amount = pl.col("target") == "amount"
    apart = (
        pl.when(pl.col("status") == "exceeded")
        .then(pl.col("net") - pl.col("limit"))
        .otherwise(pl.col("agreed") - pl.col("net"))
    )
    limit = {
        "fen": pl.coalesce("agreed_max_fen", "agreed_fen"),
        "quantity": pl.coalesce("agreed_max_quantity", "agreed_quantity"),
    }
    rows = (
        reports["budgeted_completion"]
        .lazy()
        .filter(pl.col("status").is_in(["exceeded", "failed", "seriously_behind"]))
        .join(own, on="commitment_id")
        .with_columns(
            subject_key=pl.col("commitment_id"),
            amount_fen=pl.when(is_amount).then(apart).cast(pl.Int64),
            quantity=pl.when(~is_amount).then(as_quantity(apart)),
            limit_fen=limit["fen"],
            limit_quantity=limit["quantity"],
            today=pl.lit(inputs.as_of),
            last_day=pl.min_horizontal(pl.lit(inputs.as_of), "period_end"),
        )
        .collect()
    )

    def facts(what: str, column: str) -> pl.Expr:
        return (
            pl.when(is_amount)
            .then(pl.format(f"{what} {{}} 元，净采购 {{}} 元", yuan(f"{column}_fen"), yuan("net_fen")))
            .otherwise(
                pl.format(f"{what} {{}}，净采购 {{}}（最小单位）", quantity(f"{column}_quantity"), quantity("net_quantity"))
            )
        )

    rates = pl.format("，完成率 {}，时间进度 {}", percent("rate"), percent("time_progress"))
    said = {
        EXCEEDED: (
            "last_day",
            "exceeded",
            pl.format("协议 {} 净采购超出上限：{}{}", "commitment_id", facts("上限", "limit"), rates),
        ),
        FAILED: (
            "period_end",
            "failed",
            pl.format("协议 {} 采购周期已结束，未达到约定：{}{}", "commitment_id", facts("约定", "agreed"), rates),
        ),
        SERIOUSLY_BEHIND: (
            "today",
            "seriously_behind",
            pl.format("协议 {} 采购进度严重滞后：{}{}", "commitment_id", facts("约定", "agreed"), rates),
        ),
    }
    return pl.concat(
        make_findings(rows.filter(pl.col("status") == status), inputs, rule=rule, day=day, message=message)
        for rule, (day, status, message) in said.items()
    )


INDICATOR = Indicator(
    code="budgeted_completion",
    title_zh="预算、上限与区间执行率",
    clause="慈政办发〔2020〕68号 二(一)1",
    version=1,
    reviewed_on=date(2026, 11, 30),
    axis="institution",
    reads=(
        "commitments",
        "commitment_adjustments",
        "deliveries",
        "returns",
        "excuses",
        "institutions",
        "products",
        "selections",
    ),
    unit=("commitment_id",),
    parameters=("cap_ahead_ratio", "seriously_behind_ratio", "clause_budgeted_completion", "findings_from"),
    today=("cap_ahead_ratio", "seriously_behind_ratio"),
    tables=("budgeted_completion",),
    evidence=evidence,
    sums=sums,
    reports=reports,
    findings=findings,
    links=links_of(~FLOORS_OF_QUANTITY),
    wakes=wakes,
)
