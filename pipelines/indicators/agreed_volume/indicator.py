"""Agreed-volume completion 约定采购量完成率 (慈政办发〔2020〕68号 二(一)1; rulebook §4)."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.engine.figures import UNIT, as_quantity, with_quotients
from pipelines.engine.finding import make_findings, percent, quantity
from pipelines.engine.indicator import Frames, Indicator, Inputs
from pipelines.engine.order import look_up
from pipelines.indicators.agreed_volume.carried import links_of, wakes
from pipelines.indicators.agreed_volume.claims import claims_of
from pipelines.indicators.agreed_volume.commitments import FLOORS_OF_QUANTITY, commitments_of
from pipelines.indicators.agreed_volume.completion import days_passed, days_whole, judge
from pipelines.indicators.agreed_volume.declaration import FAILED, SERIOUSLY_BEHIND
from pipelines.indicators.agreed_volume.receipts import counting, explain_receipts, receipts_of, units_of
from pipelines.indicators.agreed_volume.rollup import phase_and_duty, rollup, sum_levels

_CODES = ["institution_code", "jurisdiction_code", "lot_code", "item_code", "product_code"]


def evidence(inputs: Inputs) -> Frames:
    """`commitments`: one row per commitment with agreed, excused and netted units, its value in fen and its
    status; `receipts` (lazy): one row per receipt that counts, with its commitment, its minimum units (10⁻¹²)
    received and returned, and its file, sheet and line.
    """
    commitments = commitments_of(inputs)
    claims = claims_of(inputs, commitments)
    deliveries = counting(inputs)
    receipts = receipts_of(deliveries, claims, inputs)
    units = look_up(commitments, units_of(receipts, claims), ["commitment"])
    judged = judge(units.with_columns(pl.col("received", "returned").fill_null(0)), inputs)
    explained = explain_receipts(receipts, deliveries, claims, commitments)
    return {"commitments": judged, "receipts": inputs.with_place(explained, "deliveries")}


def sums(evidence: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """`commitments`: one per commitment, in minimum units and fen."""
    judged = (
        evidence["commitments"]
        .lazy()
        .select(
            "commitment_id",
            *_CODES,
            "period_start",
            "period_end",
            "status",
            "excuse_id",
            pl.col("seriously_behind_ratio_policy_id").alias("policy_id"),
            *phase_and_duty(),
            "agreed",
            "received",
            "returned",
            "net",
            "excused",
            "agreed_fen",
            "net_fen",
            "capped_fen",
            rows=pl.lit(1, pl.Int64),
        )
    )
    return {"commitments": judged.collect()}


def totals(sums: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """`levels`: by level, code, phase and duty; `unvalued`: the commitments that no selected price could value."""
    commitments = sums["commitments"].lazy()
    unvalued = commitments.filter(pl.col("agreed_fen").is_null())
    return {
        "levels": sum_levels(commitments),
        "unvalued": unvalued.select("commitment_id", "institution_code", "rows").collect(),
    }


def reports(sums: Frames, inputs: Inputs) -> Frames:
    """`agreed_volume_completion` and `agreed_volume_rollup` (interfaces §3)."""
    return {
        "agreed_volume_completion": _completion(sums["commitments"].lazy(), inputs.as_of),
        "agreed_volume_rollup": rollup(sums["levels"].lazy()),
    }


def _completion(rows: pl.LazyFrame, as_of: date) -> pl.LazyFrame:
    """The rates of each commitment; null where it is cancelled."""
    days_left = (pl.col("period_end") - pl.lit(as_of)).dt.total_days()
    is_running = (pl.col("period_start") <= as_of) & (days_left > 0)
    live = pl.col("agreed") > 0
    rows = rows.with_columns(days_whole=days_whole(), days_passed=days_passed(as_of)).with_columns(
        shortfall=pl.max_horizontal(pl.lit(0, pl.Int128), pl.col("agreed") - pl.col("net")),
        gap_above=pl.col("net") * pl.col("days_whole") - pl.col("agreed") * pl.col("days_passed"),
        gap_below=pl.when(live).then(pl.col("agreed") * pl.col("days_whole")),
        agreed_base=pl.when(live).then("agreed"),
        excused_base=pl.when(live).then(pl.col("agreed") - pl.col("excused")),
        capped=pl.min_horizontal("net", "agreed"),
        per_day=pl.when(is_running).then(days_left.cast(pl.Int128) * UNIT),
    )
    rates = {
        "strict_rate": ("net", "agreed_base"),
        "capped_rate": ("capped", "agreed_base"),
        "excused_rate": ("net", "excused_base"),
        "time_progress": ("days_passed", "days_whole"),
        "gap": ("gap_above", "gap_below"),
        "needed_per_day": ("shortfall", "per_day"),
    }
    quantities = ("agreed", "received", "returned", "net", "excused")
    return with_quotients(rows, rates).with_columns(as_quantity(c).alias(f"{c}_quantity") for c in quantities)


def findings(reports: Frames, sums: Frames, inputs: Inputs) -> pl.DataFrame:
    """One per commitment that failed (on its last day) or is seriously behind (at as_of)."""
    excuses = sums["commitments"].lazy().filter(pl.col("excuse_id").is_not_null()).select("commitment_id", "excuse_id")
    rows = (
        reports["agreed_volume_completion"]
        .lazy()
        .filter(pl.col("status").is_in(["failed", "seriously_behind"]))
        .join(excuses, on="commitment_id", how="left")
        .with_columns(
            subject_key=pl.col("commitment_id"),
            quantity=pl.col("agreed_quantity") - pl.col("net_quantity"),
            today=pl.lit(inputs.as_of),
        )
        .collect()
    )
    facts = pl.format(
        "约定 {}，净入库 {}（最小单位），完成率 {}，时间进度 {}",
        quantity("agreed_quantity"),
        quantity("net_quantity"),
        percent("strict_rate"),
        percent("time_progress"),
    )
    failed = make_findings(
        rows.filter(pl.col("status") == "failed"),
        inputs,
        rule=FAILED,
        day="period_end",
        message=pl.format("协议 {} 采购周期已结束，约定采购量未完成：{}", "commitment_id", facts),
    )
    behind = make_findings(
        rows.filter(pl.col("status") == "seriously_behind"),
        inputs,
        rule=SERIOUSLY_BEHIND,
        day="today",
        message=pl.format("协议 {} 采购进度严重滞后：{}", "commitment_id", facts),
    )
    return pl.concat([failed, behind])


def notes(totals: Frames) -> dict[str, str]:
    """Commitments that no selected price could value, or only beyond any amount: counted in every level, absent from its
    fen sums.
    """
    unvalued = totals["unvalued"].lazy().sort("commitment_id").collect()["commitment_id"].to_list()
    return {"无中选价格（或按中选价折算超过一百亿元）、未计入金额汇总的协议": "、".join(unvalued)} if unvalued else {}


INDICATOR = Indicator(
    code="agreed_volume",
    title_zh="约定采购量完成率",
    clause="慈政办发〔2020〕68号 二(一)1",
    version=2,
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
    parameters=("seriously_behind_ratio", "clause_agreed_volume"),
    today=("seriously_behind_ratio",),
    tables=("agreed_volume_completion", "agreed_volume_rollup"),
    evidence=evidence,
    sums=sums,
    totals=totals,
    grains={"levels": ("level", "code", "phase", "duty"), "unvalued": ("commitment_id",)},
    reports=reports,
    findings=findings,
    notes=notes,
    links=links_of(FLOORS_OF_QUANTITY),
    wakes=wakes,
)
