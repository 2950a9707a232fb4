"""Agreed-volume completion 约定采购量完成率 (慈政办发〔2020〕68号 二(一)1; rulebook §4)."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.indicators.figures import (
    UNIT,
    as_quantity,
    quotient,
    round_half_up,
    scaled,
    with_quotients,
)
from pipelines.indicators.finding import make_findings, percent
from pipelines.indicators.indicator import Frames, Indicator, Inputs
from pipelines.indicators.receipts import receipts_of


def evidence(inputs: Inputs) -> Frames:
    """`receipts`: one row per receipt that counts, with its commitment and its minimum units (10⁻¹²) received
    and returned. `commitments`: one row per commitment with agreed, excused and netted units, its value in
    fen and its status.
    """
    commitments = _agreed(inputs)
    receipts = receipts_of(inputs, commitments)
    return {"receipts": receipts, "commitments": _judge(_add_up(commitments, receipts, inputs), inputs)}


def _agreed(inputs: Inputs) -> pl.DataFrame:
    """Commitments of a quantity at least (target quantity, direction floor), in minimum units as adjusted up
    to as_of.
    """
    deltas = (
        inputs.scan("commitment_adjustments")
        .filter(pl.col("effective_on") <= inputs.as_of)
        .group_by("commitment_id")
        .agg(delta=scaled("delta_quantity").sum())
    )
    packs = inputs.scan("products").select("product_code", pack_units=scaled("units_per_pack"))
    places = inputs.scan("institutions").select("institution_code", "jurisdiction_code", "ownership")
    agreed = scaled("agreed_quantity")
    return (
        inputs.scan("commitments")
        .filter((pl.col("target") == "quantity") & (pl.col("direction") == "floor"))
        .join(places, on="institution_code")
        .join(packs, on="product_code", how="left")
        .join(deltas, on="commitment_id", how="left")
        .with_columns(
            agreed=pl.when(pl.col("unit") == "pack")
            .then(agreed * pl.col("pack_units") * 10**4)
            .otherwise(agreed * 10**8)
            + pl.col("delta").fill_null(0) * 10**8
        )
        .drop("pack_units", "delta")
        .sort("commitment_id")
        .collect()
    )


def _add_up(commitments: pl.DataFrame, receipts: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """Add what was received, returned, netted and excused (at most the shortfall) to each commitment."""
    sums = receipts.group_by("commitment_id").agg(pl.col("received", "returned").sum())
    counts_at_end = pl.col("valid_to").is_null() | (pl.col("period_end") <= pl.col("valid_to"))
    excuses = (
        inputs.scan("excuses")
        .filter((pl.col("kind") == "volume") & (pl.col("valid_from") <= inputs.as_of))
        .join(commitments.lazy().select("commitment_id", "period_end"), on="commitment_id")
        .filter(counts_at_end)
        .group_by("commitment_id")
        .agg(approved=scaled("quantity").sum() * 10**8, excuse_id=pl.col("excuse_id").sort().str.join(","))
        .collect()
    )
    shortfall = pl.max_horizontal(pl.lit(0, pl.Int128), pl.col("agreed") - pl.col("net"))
    return (
        commitments.join(sums, on="commitment_id", how="left")
        .join(excuses, on="commitment_id", how="left")
        .with_columns(pl.col("received", "returned", "approved").fill_null(0))
        .with_columns(net=pl.col("received") - pl.col("returned"))
        .with_columns(shortfall=shortfall, excused=pl.min_horizontal(shortfall, "approved"))
    )


def _judge(rows: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """Time progress, exact comparisons and status at as_of; value in fen; jurisdiction's policy row."""
    as_of = pl.lit(inputs.as_of)
    whole = (pl.col("period_end") - pl.col("period_start")).dt.total_days() + 1
    passed = (pl.min_horizontal(as_of, pl.col("period_end")) - pl.col("period_start")).dt.total_days() + 1
    rows = inputs.with_policy(rows.with_columns(today=as_of), "seriously_behind_ratio", "today").with_columns(
        days_whole=whole.cast(pl.Int128), days_passed=pl.max_horizontal(passed, 0).cast(pl.Int128),
        days_left=(pl.col("period_end") - as_of).dt.total_days(), is_cancelled=pl.col("agreed") <= 0,
        has_started=pl.col("period_start") <= as_of, has_ended=pl.col("period_end") < as_of,
    )  # fmt: skip
    done, due = pl.col("net") * pl.col("days_whole"), pl.col("agreed") * pl.col("days_passed")
    threshold = (pl.col("seriously_behind_ratio") * 10**6).cast(pl.Int128)
    excused = (pl.col("excused") > 0) & (pl.col("net") >= pl.col("agreed") - pl.col("excused"))
    status = (
        pl.when("is_cancelled").then(pl.lit("cancelled"))
        .when(~pl.col("has_started")).then(pl.lit("not_started"))
        .when(pl.col("net") >= pl.col("agreed")).then(pl.lit("completed"))
        .when(pl.col("has_ended") & excused).then(pl.lit("excused"))
        .when("has_ended").then(pl.lit("failed"))
        .when(done >= due).then(pl.lit("on_track"))
        .when(done * 10**6 < threshold * due).then(pl.lit("seriously_behind"))
        .otherwise(pl.lit("behind"))
    )  # fmt: skip
    return _value(rows.with_columns(status=status), inputs)


def _value(rows: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """Fen at the item's lowest selected price per minimum unit on period_start; null where nothing was
    selected that day.
    """
    packs = inputs.scan("products").select("product_code", pack_units=scaled("units_per_pack"))
    prices = (
        inputs.scan("selections")
        .join(packs, on="product_code")
        .select(
            "lot_code", "item_code", "valid_from", "valid_to",
            price=scaled("selected_price"), per=pl.col("pack_units") * scaled("conversion_factor"),
        )
    )  # fmt: skip
    lowest = (
        rows.lazy().select("commitment_id", "lot_code", "item_code", "period_start")
        .join(prices, on=["lot_code", "item_code"])
        .filter(pl.col("period_start").is_between("valid_from", pl.col("valid_to").fill_null(date.max)))
        .sort(pl.col("price").cast(pl.Float64) / pl.col("per").cast(pl.Float64), "per")
        .unique("commitment_id", keep="first", maintain_order=True)
        .select("commitment_id", "price", "per")
        .collect()
    )  # fmt: skip
    capped = pl.min_horizontal("net", "agreed")
    return rows.join(lowest, on="commitment_id", how="left").with_columns(
        round_half_up(units * pl.col("price"), pl.col("per") * 10**6).alias(name)
        for name, units in (
            ("agreed_fen", pl.col("agreed")),
            ("net_fen", pl.col("net")),
            ("capped_fen", capped),
        )
    )


def reports(evidence: Frames) -> Frames:
    """`agreed_volume_completion` and `agreed_volume_rollup` (interfaces §3)."""
    rows = evidence["commitments"]
    return {"agreed_volume_completion": _completion(rows), "agreed_volume_rollup": _rollup(rows)}


def _completion(rows: pl.DataFrame) -> pl.DataFrame:
    live = ~pl.col("is_cancelled")
    rows = rows.with_columns(
        gap_above=pl.col("net") * pl.col("days_whole") - pl.col("agreed") * pl.col("days_passed"),
        gap_below=pl.when(live).then(pl.col("agreed") * pl.col("days_whole")),
        agreed_base=pl.when(live).then("agreed"),
        excused_base=pl.when(live).then(pl.col("agreed") - pl.col("excused")),
        capped=pl.min_horizontal("net", "agreed"),
        per_day=pl.when(pl.col("has_started") & (pl.col("days_left") > 0)).then(pl.col("days_left") * UNIT),
    )
    rates = {
        "strict_rate": ("net", "agreed_base"),
        "capped_rate": ("capped", "agreed_base"),
        "excused_rate": ("net", "excused_base"),
        "time_progress": ("days_passed", "days_whole"),
        "gap": ("gap_above", "gap_below"),
        "needed_per_day": ("shortfall", "per_day"),
    }
    return with_quotients(rows, rates).with_columns(
        *(
            as_quantity(rows[c]).alias(f"{c}_quantity")
            for c in ("agreed", "received", "returned", "net", "excused")
        ),
        policy_id="seriously_behind_ratio_policy_id",
    )


def _rollup(rows: pl.DataFrame) -> pl.DataFrame:
    """Σnet/Σagreed and Σmin(net, agreed)/Σagreed side by side; quantities only where one item is summed, fen
    elsewhere.

    Commitments not started or cancelled are no part of any level.
    """
    rows = rows.filter(~pl.col("status").is_in(["not_started", "cancelled"])).with_columns(
        phase=pl.when("has_ended").then(pl.lit("ended")).otherwise(pl.lit("running")),
        duty=pl.when(pl.col("ownership") == "public")
        .then(pl.lit("mandatory"))
        .otherwise(pl.lit("voluntary")),
        capped=pl.min_horizontal("net", "agreed"),
    )
    levels = {
        "institution": pl.col("institution_code"),
        "jurisdiction": pl.col("jurisdiction_code"),
        "lot": pl.col("lot_code"),
        "item": pl.col("lot_code") + "/" + pl.col("item_code"),
        "all": pl.lit("all"),
    }
    found = []
    for level, code in levels.items():
        totals = rows.group_by(code.alias("code"), "phase", "duty").agg(
            pl.len().alias("commitments"),
            (pl.col("status") == "completed").sum().alias("completed"),
            pl.col("agreed", "net", "capped", "agreed_fen", "net_fen", "capped_fen").sum(),
        )
        unit = "" if level == "item" else "_fen"
        found.append(
            totals.with_columns(
                pl.lit(level).alias("level"),
                quotient(totals[f"net{unit}"], totals[f"agreed{unit}"]).alias("execution_rate"),
                quotient(totals[f"capped{unit}"], totals[f"agreed{unit}"]).alias("capped_rate"),
                quotient(totals["completed"], totals["commitments"]).alias("completed_share"),
                *(
                    (as_quantity(totals[c]) if level == "item" else pl.lit(None, pl.Float64)).alias(
                        f"{c}_quantity"
                    )
                    for c in ("agreed", "net", "capped")
                ),
            )
        )
    return pl.concat(found)


def findings(evidence: Frames, reports: Frames, inputs: Inputs) -> pl.DataFrame:
    """One per commitment that failed (on its last day) or is seriously behind (at as_of)."""
    excuses = evidence["commitments"].select("commitment_id", "excuse_id")
    rows = reports["agreed_volume_completion"].drop("excuse_id").join(excuses, on="commitment_id").with_columns(
        subject_key=pl.col("commitment_id"),
        quantity=pl.col("agreed_quantity") - pl.col("net_quantity"),
        today=pl.lit(inputs.as_of),
    )  # fmt: skip
    facts = pl.format(
        "约定 {}，净入库 {}（最小单位），完成率 {}，时间进度 {}",
        pl.col("agreed_quantity").round(4), pl.col("net_quantity").round(4), percent("strict_rate"), percent("time_progress"),
    )  # fmt: skip
    common = {"subject": "commitment", "clause": "clause_agreed_volume"}
    failed = make_findings(
        rows.filter(pl.col("status") == "failed"),
        inputs,
        rule="agreed_volume_failed",
        severity="violation",
        day="period_end",
        message=pl.format("协议 {} 采购周期已结束，约定采购量未完成：{}", "commitment_id", facts),
        **common,
    )
    behind = make_findings(
        rows.filter(pl.col("status") == "seriously_behind"),
        inputs,
        rule="agreed_volume_seriously_behind",
        severity="warning",
        day="today",
        message=pl.format("协议 {} 采购进度严重滞后：{}", "commitment_id", facts),
        **common,
    )
    return pl.concat([failed, behind])


def notes(evidence: Frames) -> dict[str, str]:
    """Commitments that no selected price could value: counted in every level, absent from its fen sums."""
    unvalued = evidence["commitments"].filter(pl.col("agreed_fen").is_null())["commitment_id"].to_list()
    return {"无中选价格、未计入金额汇总的协议": "、".join(unvalued)} if unvalued else {}


INDICATOR = Indicator(
    code="agreed_volume",
    title_zh="约定采购量完成率",
    clause="慈政办发〔2020〕68号 二(一)1",
    version=1,
    reviewed_on=date(2026, 11, 22),
    parameters=("seriously_behind_ratio", "clause_agreed_volume"),
    tables=("agreed_volume_completion", "agreed_volume_rollup"),
    evidence=evidence,
    reports=reports,
    findings=findings,
    notes=notes,
)
