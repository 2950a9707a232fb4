"""Codes linked from purchase to use to settlement (慈政办发〔2020〕68号 四(四))."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.engine.figures import with_rates
from pipelines.engine.finding import no_findings
from pipelines.engine.indicator import Frames, Indicator, Inputs, Link
from pipelines.indicators.code_linkage.declaration import LINKAGE, TABLES
from pipelines.lines.families import families_of
from pipelines.lines.lines import lines_of
from schemas.records.products import NATIONAL

_PAIR = ["institution_code", "product_code"]
_UNIT = ["head_code", "product_code"]
_BOUGHT = ("purchase_fen", "coded_fen", "consumable_fen", "udi_fen")
_USED = ("usage_fen", "linked_fen", "fund_fen", "matched_fen")
_PLACE = ("_file", "_sheet", "_line")
HAD_FROM = "家族最早采购或期初日期"
"""Readers of an explanation see this column of evidence beside those that tables have."""


def evidence(inputs: Inputs) -> Frames:
    """`bought`: what an institution bought of a product in a month, and the first day of it. `usages`, lazy: what was dispensed
    up to as_of, with the day from which the family had the product (HAD_FROM); `lines`, lazy: what `bought` adds up.
    """
    lines = lines_of(inputs)
    bought = (
        lines.group_by(*_PAIR, month=_month("accepted_on"))
        .agg(pl.col("value_fen").sum(), first_on=pl.col("accepted_on").min(), rows=pl.len().cast(pl.Int64))
        .pipe(_with_family, inputs)
        .pipe(_split, inputs)
        .collect(engine="streaming")
    )
    as_text = pl.col("accepted_on").dt.strftime("%Y-%m")
    told = ("delivery_id", "accepted_on", "packs", *_BOUGHT, *_PLACE)
    return {
        "bought": bought,
        "usages": _usages(bought, inputs),
        "lines": lines.pipe(_split, inputs).select(*_PAIR, *told, month=as_text),
    }


def _month(day: str) -> pl.Expr:
    """The month of a day as one number, which sorts as months do."""
    return pl.col(day).dt.year() * 12 + pl.col(day).dt.month() - 1


def _with_family(rows: pl.LazyFrame, inputs: Inputs) -> pl.LazyFrame:
    heads = inputs.once(families_of).lazy().with_columns(pl.all().cast(pl.Categorical))
    return rows.join(heads, on="institution_code")


def _split(rows: pl.LazyFrame, inputs: Inputs) -> pl.LazyFrame:
    """What of `value_fen` is bought under a national code, is of consumables, and of these has a device identifier."""
    is_consumable = pl.col("kind") == "consumable"
    products = inputs.scan("products").select(
        pl.col("product_code").cast(pl.Categorical),
        is_coded=pl.col("product_code").str.contains(NATIONAL),
        is_consumable=is_consumable,
        has_udi=is_consumable & pl.col("udi_di").is_not_null(),
    )
    whole = pl.col("value_fen")
    parts = {"coded_fen": "is_coded", "consumable_fen": "is_consumable", "udi_fen": "has_udi"}
    return (
        rows.join(products, on="product_code")
        .with_columns(purchase_fen=whole, **{name: whole * pl.col(flag) for name, flag in parts.items()})
        .drop("value_fen", *parts.values())
    )


def _usages(bought: pl.DataFrame, inputs: Inputs) -> pl.LazyFrame:
    usages = inputs.scan("usages").filter(pl.col("used_on") <= inputs.as_of)
    codes = pl.col(_PAIR).cast(pl.Categorical)
    counted = usages.filter(pl.col("kind") == "opening").select(codes, had_from="used_on").pipe(_with_family, inputs)
    had = (
        pl.concat([bought.lazy().select(*_UNIT, had_from="first_on"), counted.select(*_UNIT, "had_from")])
        .group_by(_UNIT)
        .agg(pl.col("had_from").min())
        .collect(engine="streaming")
    )
    by_fund = pl.col("settlement") == "fund"
    is_own = (pl.col("settlement_code") == pl.col("product_code")).fill_null(False)
    insured = inputs.scan("products").select(pl.col("product_code").cast(pl.Categorical), "insurance_code")
    is_insured = (pl.col("settlement_code") == pl.col("insurance_code")).fill_null(False)
    whole = pl.col("usage_fen")
    parts = {
        "linked_fen": (pl.col("had_from") <= pl.col("used_on")).fill_null(False),
        "fund_fen": by_fund,
        "matched_fen": by_fund & (pl.col("is_own") | is_insured),
    }
    told = ("usage_id", "used_on", "settlement", "settlement_code", *_PLACE)
    return (
        usages.filter(pl.col("kind") == "dispensed")
        .select(codes, *told, is_own=is_own, usage_fen="amount_fen")
        .pipe(_with_family, inputs)
        .join(insured, on="product_code")
        .join(had.lazy(), on=_UNIT, how="left")
        .with_columns(*((whole * flag).alias(name) for name, flag in parts.items()))
        .select(*_PAIR, *told, *_USED, pl.col("had_from").alias(HAD_FROM), month=pl.col("used_on").dt.strftime("%Y-%m"))
    )


def sums(evidence: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """`bought` and `used`: by family, institution, product and month, fen."""
    by = ("head_code", *_PAIR, "month")
    used = (
        evidence["usages"]
        .lazy()
        .group_by(*_PAIR, month=_month("used_on"))
        .agg(pl.col(_USED).sum(), rows=pl.len().cast(pl.Int64))
        .pipe(_with_family, inputs)
        .collect(engine="streaming")
    )
    return {"bought": evidence["bought"].lazy().select(*by, *_BOUGHT, "rows").collect(), "used": used}


def totals(sums: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """`months`: by institution and month."""
    measures = (*_BOUGHT, *_USED)
    sides = [sums["bought"].lazy(), sums["used"].lazy()]
    rows = pl.concat([side.drop(_UNIT) for side in sides], how="diagonal")
    months = rows.group_by("institution_code", "month").agg(pl.col(*measures, "rows").sum())
    first = pl.date(pl.col("month") // 12, pl.col("month") % 12 + 1, 1)
    named = months.with_columns(pl.col("institution_code").cast(pl.String), month=first.dt.strftime("%Y-%m"))
    return {"months": named.collect()}


def reports(sums: Frames, inputs: Inputs) -> Frames:
    """The report table."""
    places = inputs.scan("institutions").select("institution_code", "jurisdiction_code")
    return {LINKAGE.name: with_rates(sums["months"].lazy().join(places, on="institution_code").collect(), LINKAGE)}


_FAMILY = {column: column for column in _PAIR}
INDICATOR = Indicator(
    code="code_linkage",
    title_zh="采购、使用、支付编码衔接",
    clause="慈政办发〔2020〕68号 四(四)",
    version=1,
    reviewed_on=date(2026, 12, 1),
    axis="institution",
    reads=("institutions", "products", "deliveries", "returns", "usages"),
    unit=tuple(_UNIT),
    parameters=(),
    tables=tuple(table.name for table in TABLES),
    evidence=evidence,
    sums=sums,
    anew=("bought", "used"),
    totals=totals,
    grains={"months": ("institution_code", "month")},
    reports=reports,
    findings=lambda reports, sums, inputs: no_findings(),
    links={
        "deliveries": Link(_FAMILY, to=(families_of,), day="accepted_on"),
        "returns": Link(of="deliveries", day="returned_on"),
        "usages": Link(_FAMILY, to=(families_of,), day="used_on"),
    },
)
