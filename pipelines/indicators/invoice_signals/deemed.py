"""`deemed_not_unique`: a manufacturer with more than one group sales company for all its products (obligations §29)."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.engine.indicator import Changes, Frames, Inputs
from pipelines.indicators.invoice_signals.said import CHECK, said

SIGNAL = "deemed_not_unique"
UNIT = ("manufacturer_code",)
_OF_ALL = (pl.col("basis") == "group_sales_company") & (pl.col("product_code").fill_null("") == "")


def holds(inputs: Inputs) -> pl.Expr:
    """Whether a company is deemed on as_of as a group sales company for all products."""
    return _OF_ALL & pl.lit(inputs.as_of).is_between("valid_from", pl.col("valid_to").fill_null(date.max))


def evidence(inputs: Inputs) -> Frames:
    """A row per manufacturer for which two or more `companies` are deemed on as_of as group sales companies without product."""
    deemed = inputs.scan("deemed_manufacturers").filter(holds(inputs)).group_by(UNIT)
    found = deemed.agg(companies=pl.col("enterprise_code").n_unique().cast(pl.Int64), rows=pl.len().cast(pl.Int64))
    return {SIGNAL: found.filter(pl.col("companies") > 1).collect()}


def sums(evidence: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """The same."""
    return {SIGNAL: evidence[SIGNAL].lazy().collect()}


def begun_or_ended(changes: Changes) -> pl.DataFrame:
    """The manufacturers for which someone begins or ceases to be deemed between the two days."""
    first, last = changes.days
    begins = (pl.col("valid_from") > first) & (pl.col("valid_from") <= last)
    ends = pl.col("valid_to").is_between(first, last, closed="left").fill_null(False)
    return changes.now.scan("deemed_manufacturers").filter(begins | ends).select(UNIT).unique().collect()


def tell(rows: pl.LazyFrame, as_of: date) -> pl.LazyFrame:
    """The rows as they are said."""
    message = pl.format(
        "生产企业 {} 有 {} 家企业被认定为集团销售公司（不限品种），全国只能有一家。"
        "可能的正常原因：认定交接、旧认定没有填写终止日期；" + CHECK + "认定文件",
        *UNIT,
        "companies",
    )
    return said(rows, SIGNAL, UNIT, message, day=pl.lit(as_of), quantity="companies")
