"""Purchasing on the platform 平台采购 (聊政发〔2018〕44号 三(四)2–3, 国办发〔2021〕2号 (十六); obligations §20)."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.engine.figures import with_rates
from pipelines.engine.finding import make_findings, percent, quantity, yuan
from pipelines.engine.indicator import Frames, Indicator, Inputs, Link
from pipelines.engine.kept import as_text
from pipelines.indicators.platform_purchasing.declaration import EMERGENCY_OFTEN, KINDS, OFF_PLATFORM, TABLE
from pipelines.indicators.platform_purchasing.judged import IS_BOUND, PARTS, judged_lines
from pipelines.lines.lines import as_units

_UNIT = ("institution_code", "delivery_id")
_ROW = ("institution_code", "kind", "month")
_ONE = pl.lit(1, pl.Int64)


def evidence(inputs: Inputs) -> Frames:
    """`judged`: one row per line of what has to be bought on the platform, with the part of it that it belongs to; `lines`
    (lazy): the same with its value in the columns of the report, file, sheet and line.
    """
    judged = judged_lines(inputs)
    value, zero = pl.col("value_fen"), pl.lit(0, pl.Int64)
    of_part = {f"{part}_fen": pl.when(pl.col("part") == part).then(value).otherwise(zero) for part in PARTS}
    in_scope = pl.col("part").is_in(PARTS[2:])
    lines = judged.lazy().select(
        *_UNIT,
        *("kind", "month", "product_code", "distributor_code", "accepted_on"),
        purchase_fen=value,
        **of_part,
        scope_fen=pl.when(in_scope).then(value).otherwise(zero),
        scope_lines=in_scope.cast(pl.Int64),
        offline_lines=(pl.col("part") == "offline").cast(pl.Int64),
    )
    return {"judged": judged, "lines": inputs.with_place(lines, "deliveries")}


def sums(evidence: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """`lines`: one per line; `offline`: those bought off the platform of which findings are raised, with what these say."""
    judged = evidence["judged"].lazy().collect()
    offline = judged.filter((pl.col("part") == "offline") & pl.col("is_raised"))
    said = ("kind", "product_code", "distributor_code", "accepted_on", "units", "value_fen")
    return {
        "lines": judged.select(*_UNIT, "kind", "month", "part", "value_fen", rows=_ONE),
        "offline": as_text(offline.select(*_UNIT, *said, rows=_ONE)).collect(),
    }


def totals(sums: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """`months`: the lines of an institution, kind, month and part added up."""
    months = sums["lines"].lazy().group_by(*_ROW, "part").agg(pl.col("value_fen", "rows").sum())
    return {"months": as_text(months.collect()).collect()}


def reports(sums: Frames, inputs: Inputs) -> Frames:
    """`platform_purchasing` (obligations §20)."""
    fen = {f"{part}_fen": pl.col("value_fen").filter(pl.col("part") == part).sum() for part in PARTS}
    lines = {f"{part}_lines": pl.col("rows").filter(pl.col("part") == part).sum() for part in PARTS[2:]}
    months = sums["months"].lazy().group_by(_ROW).agg(**fen, **lines)
    places = inputs.scan("institutions").select("institution_code", "jurisdiction_code", today=pl.lit(inputs.as_of))
    limits = inputs.with_policy(places.collect(), "emergency_limit", "today").lazy()
    rows = (
        months.with_columns(
            scope_fen=pl.col("platform_fen") + pl.col("offline_fen"),
            scope_lines=pl.col("platform_lines") + pl.col("offline_lines"),
        )
        .with_columns(purchase_fen=pl.sum_horizontal("exempt_fen", "emergency_fen", "scope_fen"))
        .join(limits.rename({"emergency_limit_policy_id": "policy_id"}), on="institution_code")
    )
    return {TABLE.name: with_rates(rows.collect(), TABLE)}


def findings(reports: Frames, sums: Frames, inputs: Inputs) -> pl.DataFrame:
    """One per line bought off the platform, and one per institution, kind and month with many emergency purchases."""
    return pl.concat([_off_platform(sums, inputs), _emergency_often(reports, inputs)])


def _off_platform(sums: Frames, inputs: Inputs) -> pl.DataFrame:
    places = inputs.scan("institutions").select("institution_code", "jurisdiction_code")
    rows = (
        sums["offline"]
        .lazy()
        .join(places, on="institution_code")
        .with_columns(
            subject_key=pl.concat_str(_UNIT, separator="|"),
            counterparty_code="distributor_code",
            amount_fen="value_fen",
            quantity=as_units("units"),
            kind_zh=pl.col("kind").replace_strict(KINDS, default=None),
        )
        .collect()
    )
    message = pl.format(
        "{} 验收的{} {}（配送明细 {}）在平台以外采购：{} 最小单位，{} 元，配送企业 {}",
        "accepted_on",
        "kind_zh",
        "product_code",
        "delivery_id",
        quantity("quantity"),
        yuan("amount_fen"),
        "distributor_code",
    )
    return make_findings(rows, inputs, rule=OFF_PLATFORM, day="accepted_on", message=message)


def _emergency_often(reports: Frames, inputs: Inputs) -> pl.DataFrame:
    """Of the same institutions; compared in whole numbers."""
    bound = inputs.scan("institutions").filter(IS_BOUND).select("institution_code")
    rows = (
        reports[TABLE.name]
        .lazy()
        .filter(pl.col("emergency_fen") > 0)
        .join(bound, on="institution_code", how="semi")
        .with_columns(
            subject_key=pl.concat_str("institution_code", "month", "kind", separator="|"),
            amount_fen="emergency_fen",
            today=pl.lit(inputs.as_of),
            event_on=(pl.col("month") + "-01").str.to_date("%Y-%m-%d").dt.month_end(),
            whole_fen=pl.col("emergency_fen") + pl.col("scope_fen"),
            kind_zh=pl.col("kind").replace_strict(KINDS, default=None),
        )
        .collect()
    )
    limit = pl.col("emergency_limit").to_physical().cast(pl.Int128)
    rows = inputs.with_policy(rows, "emergency_limit", "today")
    rows = rows.filter(pl.col("emergency_fen").cast(pl.Int128) * 10**6 > limit * pl.col("whole_fen"))
    message = pl.format(
        "{} {}应急采购 {} 元，占应急与应平台采购合计 {} 元的 {}，高于界限 {}。"
        "可能的正常原因：突发事件、抢救用药、供应中断；请核对应急采购的审批与备案记录",
        "month",
        "kind_zh",
        yuan("emergency_fen"),
        yuan("whole_fen"),
        percent("emergency_share"),
        percent("emergency_limit"),
    )
    return make_findings(rows, inputs, rule=EMERGENCY_OFTEN, day="event_on", message=message)


INDICATOR = Indicator(
    code="platform_purchasing",
    title_zh="平台采购率",
    clause="聊政发〔2018〕44号 三(四)2",
    version=1,
    reviewed_on=date(2026, 11, 30),
    axis="institution",
    reads=("deliveries", "returns", "institutions", "products", "catalogue_entries"),
    unit=_UNIT,
    parameters=(
        "platform_kinds",
        "platform_exempt_categories",
        "emergency_limit",
        "clause_platform_purchasing",
        "findings_from",
    ),
    today=("findings_from",),
    dated=("platform_kinds", "platform_exempt_categories"),
    ahead=("clause_platform_purchasing",),
    tables=(TABLE.name,),
    evidence=evidence,
    sums=sums,
    anew=("lines",),
    totals=totals,
    grains={"months": _ROW},
    reports=reports,
    findings=findings,
    links={"deliveries": Link(day="accepted_on"), "returns": Link(day="returned_on")},
)
