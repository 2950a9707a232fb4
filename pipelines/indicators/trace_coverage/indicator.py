"""Trace codes scanned of what was received 追溯码采集率 (慈政办发〔2020〕68号 (八)28; obligations §18)."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.engine.figures import quotient_of, with_rates
from pipelines.engine.finding import make_findings, percent, quantity
from pipelines.engine.indicator import Frames, Indicator, Inputs, Link
from pipelines.indicators.trace_coverage.declaration import COVERAGE, MISSING, TABLES
from pipelines.indicators.trace_coverage.lines import lines_in_scope, received_scans, with_codes
from pipelines.lines.returned import DELIVERY

_MONTH = ["institution_code", "month", "jurisdiction_code"]
_PACKS = ("packs", "traced_packs")


def evidence(inputs: Inputs) -> Frames:
    """`counted`: the lines to be traced, with `month`, `codes` and `traced_packs` (10⁻⁴). Lazy: `lines`, these and the
    exempt ones with their place; `scans`, the received scans of these lines with theirs.
    """
    month = pl.col("accepted_on").dt.strftime("%Y-%m").alias("month")
    lines = lines_in_scope(inputs).with_columns(month)
    counted = lines.filter(pl.col("left_out").is_null()).drop("left_out", "_file", "_sheet", "_line")
    traced = with_codes(counted, inputs).with_columns(traced_packs=pl.min_horizontal("packs", "codes")).collect()
    told = ["delivery_id", "scan_id", "product_code", "trace_code", "scanned_on", "packs_per_code", "_file", "_sheet", "_line"]
    line = [*DELIVERY, "product_code"]
    codes = traced.lazy().select(*line, "codes", "traced_packs")
    return {
        "counted": traced,
        "lines": lines.lazy().join(codes, on=line, how="left"),
        "scans": received_scans(inputs)
        .join(traced.lazy().select(*line, "month"), on=line)
        .select("institution_code", "month", *told),
    }


def sums(evidence: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """`lines`, found anew each night: a row per line, with packs and those that have a code (10⁻⁴)."""
    is_short = (pl.col("traced_packs") < pl.col("packs")).cast(pl.Int64)
    one = pl.lit(1, pl.Int64)
    rows = evidence["counted"].lazy().select(*_MONTH, "delivery_id", *_PACKS, lines=one, untraced_lines=is_short, rows=one)
    return {"lines": rows.collect()}


def totals(sums: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """`months`: the lines of an institution and month added up."""
    added = pl.col("lines", "untraced_lines", *_PACKS, "rows").sum()
    months = sums["lines"].lazy().group_by(_MONTH).agg(added).with_columns(pl.col(_MONTH).cast(pl.String))
    return {"months": months.sort(_MONTH).collect()}


def reports(sums: Frames, inputs: Inputs) -> Frames:
    """`trace_coverage` (obligations §18)."""
    rows = _with_minimum(with_rates(sums["months"].lazy().collect(), COVERAGE), inputs)
    return {COVERAGE.name: rows.with_columns(quotient_of(c, pl.lit(10**4, pl.Int64)).alias(c) for c in _PACKS)}


def findings(reports: Frames, sums: Frames, inputs: Inputs) -> pl.DataFrame:
    """A warning for each institution and month of which a smaller share has codes than is to have them."""
    rows = _with_minimum(with_rates(sums["months"].lazy().collect(), COVERAGE), inputs)
    whole, traced = (pl.col(c).cast(pl.Int128) for c in _PACKS)
    least = pl.col("trace_coverage_min").to_physical().cast(pl.Int128)
    short = rows.filter(traced * 10**6 < least * whole).with_columns(
        *(quotient_of(c, pl.lit(10**4, pl.Int64)).alias(c) for c in _PACKS),
        quantity=quotient_of(pl.col("packs") - pl.col("traced_packs"), pl.lit(10**4, pl.Int64)),
        day=(pl.col("month") + "-01").str.to_date("%Y-%m-%d").dt.month_end(),
        least=pl.col("trace_coverage_min").cast(pl.Float64),
        subject_key=pl.concat_str(MISSING.subject.key, separator="|"),
    )
    message = pl.format(
        "{} 应采集追溯码的收货 {} 盒，其中有码 {} 盒，占 {}，低于 {}，共 {} 行缺码。"
        "可能是入库扫码漏填配送明细编号、箱码漏填每码包装数或扫码记录尚未上传，请核对入库扫码记录",
        *("month", quantity("packs"), quantity("traced_packs"), percent("coverage"), percent("least"), "untraced_lines"),
    )
    return make_findings(short, inputs, rule=MISSING, day="day", message=message)


def _with_minimum(rows: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    today = rows.with_columns(_today=pl.lit(inputs.as_of))
    return inputs.with_policy(today, "trace_coverage_min", "_today").rename({"trace_coverage_min_policy_id": "policy_id"})


INDICATOR = Indicator(
    code="trace_coverage",
    title_zh="追溯码采集率",
    clause="慈政办发〔2020〕68号 (八)28",
    version=1,
    reviewed_on=date(2026, 11, 30),
    axis="institution",
    reads=(
        *("deliveries", "returns", "trace_scans", "institutions", "products", "lots", "selections"),
        *("substitutes", "catalogue_entries"),
    ),
    unit=tuple(DELIVERY),
    parameters=("trace_scope", "trace_coverage_min", "clause_trace_coverage", "findings_from"),
    dated=("trace_scope", "clause_trace_coverage"),
    ahead=("clause_trace_coverage",),
    tables=tuple(table.name for table in TABLES),
    evidence=evidence,
    sums=sums,
    anew=("lines",),
    totals=totals,
    grains={"months": ("institution_code", "month")},
    reports=reports,
    findings=findings,
    links={"trace_scans": Link(day="scanned_on", where=pl.col("event") == "received")},
)
