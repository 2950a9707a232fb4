"""Payment standards beside selected prices 医保支付标准与中选价 (002 (十八), 000 (七); obligations §30)."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.engine.figures import quotient_of, with_rates
from pipelines.engine.finding import make_findings, percent, quantity
from pipelines.engine.indicator import Changes, Frames, Indicator, Inputs, Link
from pipelines.engine.kept import as_text
from pipelines.indicators.payment_standard_gap.declaration import DIFFERS, GAP
from pipelines.indicators.payment_standard_gap.standards import KEY, METHOD, STANDARDS
from pipelines.lines.lines import lines_of
from pipelines.lines.windows import year_to_date

_LINE = ("institution_code", "delivery_id")
_PAID = ["product_code", "division"]
_TOLERANCE = "price_tolerance"


def evidence(inputs: Inputs) -> Frames:
    """`bought` (lazy): the lines of the year, by product and `division` of the institution, with `packs` (10⁻⁴) and `value_fen`;
    `lines` (lazy): the same for readers, with file, sheet and line.
    """
    codes = pl.col("institution_code", "division").cast(pl.Categorical)
    places = inputs.scan("institutions").select("institution_code", division="jurisdiction_code").with_columns(codes)
    first, _ = year_to_date(inputs.as_of)
    lines = lines_of(inputs).filter(pl.col("accepted_on") >= first)
    said = (*_LINE, "product_code", "accepted_on", "unit_price", "value_fen", "_file", "_sheet", "_line")
    return {
        "bought": lines.select(*_LINE, "product_code", "packs", "value_fen").join(places, on="institution_code"),
        "lines": lines.select(*said, packs=quotient_of("packs", pl.lit(10**4, pl.Int64))),
    }


def sums(evidence: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """`lines`: one per line."""
    lines = evidence["bought"].lazy().select(*_LINE, *_PAID, "packs", "value_fen", rows=pl.lit(1, pl.Int64))
    return {"lines": lines.collect()}


def totals(sums: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """`paid`: what was bought of a product this year in a division; `prices`: the standards and what they are held against."""
    paid = sums["lines"].lazy().group_by(_PAID).agg(pl.col("packs", "value_fen", "rows").sum())
    return {"paid": as_text(paid).collect(), "prices": sums["standards"].lazy().collect()}


def reports(sums: Frames, inputs: Inputs) -> Frames:
    """`payment_standard_gap` (obligations §30)."""
    prices = sums["prices"].lazy().collect()
    paid = (
        prices.lazy()
        .select(KEY)
        .join(sums["paid"].lazy(), on="product_code")
        .filter(pl.col("division").str.starts_with(pl.col("jurisdiction_code")))
        .group_by(KEY)
        .agg(pl.col("packs", "value_fen").cast(pl.Int128).sum())
    )
    rows = prices.lazy().join(paid, on=KEY, how="left").collect()
    gap, scale = pl.col("standard") - pl.col("price"), pl.lit(10**4, pl.Int64)
    paid_gap = pl.col("standard") * pl.col("packs") - pl.col("value_fen") * 10**6
    rows = with_rates(rows, GAP).with_columns(
        gap=quotient_of(gap, scale),
        paid_average=quotient_of(pl.col("value_fen") * 100, pl.col("packs")),
        paid_gap=quotient_of(paid_gap, pl.col("packs") * 10**4),
    )
    return {GAP.name: rows.with_columns(quotient_of(c, scale).alias(c) for c in ("standard", "price"))}


def findings(reports: Frames, sums: Frames, inputs: Inputs) -> pl.DataFrame:
    """One per standard that differs from the selected price by more than the tolerance."""
    rows = sums["prices"].lazy().filter(pl.col("basis") == "selected").collect()
    rows = inputs.with_policy(rows.with_columns(today=pl.lit(inputs.as_of)), _TOLERANCE, "today")
    differs = (pl.col("standard") - pl.col("price")).abs() * 100 > pl.col(_TOLERANCE).to_physical()
    found = reports[GAP.name].lazy().join(rows.lazy().filter(differs).select(*KEY, "today"), on=KEY).collect()
    found = found.with_columns(
        institution_code=pl.lit(None, pl.String), subject_key=pl.concat_str(DIFFERS.subject.key, separator="|")
    )
    message = pl.format(
        "产品 {} 的医保支付标准 {} 元，中选价 {} 元，相差 {} 元（{}）；请核对支付标准与中选价的执行日期和调整文件",
        "product_code",
        *(quantity(c) for c in ("standard", "price", "gap")),
        percent("gap_rate"),
    )
    return make_findings(found, inputs, rule=DIFFERS, day="today", message=message)


def _another_year(changes: Changes) -> pl.DataFrame:
    """In another year all lines of both come or go."""
    first, last = changes.days
    own = pl.col("accepted_on").is_between(date(first.year, 1, 1), last) & pl.lit(first.year != last.year)
    return changes.now.scan("deliveries").filter(own).select(_LINE).collect()


INDICATOR = Indicator(
    code="payment_standard_gap",
    title_zh="医保支付标准与中选价",
    clause="中共中央 国务院关于深化医疗保障制度改革的意见 (十八)",
    version=1,
    reviewed_on=date(2026, 12, 1),
    axis="institution",
    reads=("deliveries", "returns", "institutions", "products", "lots", "selections", "reference_prices"),
    unit=_LINE,
    parameters=(METHOD, _TOLERANCE, "clause_payment_standard_gap"),
    today=(METHOD,),
    tables=(GAP.name,),
    evidence=evidence,
    sums=sums,
    anew=("lines",),
    totals=totals,
    grains={"paid": ("product_code",), "prices": ("product_code",)},
    reports=reports,
    findings=findings,
    earlier=(STANDARDS,),
    links={"deliveries": Link(day="accepted_on"), "returns": Link(day="returned_on")},
    wakes=_another_year,
)
