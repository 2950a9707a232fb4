"""Findings: suppliers that deliver too little in a division, and products that are short in a city (obligations §26)."""

from __future__ import annotations

import polars as pl

from pipelines.engine.figures import quotient_of
from pipelines.engine.finding import make_findings, percent, quantity, yuan
from pipelines.engine.indicator import Frames, Inputs
from pipelines.indicators.delivery_performance.declaration import POOR, SHORT
from pipelines.indicators.delivery_performance.short import shortages
from pipelines.lines.lines import as_units

_SUPPLIER = ["jurisdiction_code", "distributor_code"]
_MILLION = 10**6


def findings(reports: Frames, sums: Frames, inputs: Inputs) -> pl.DataFrame:
    """One per division and supplier that delivers too little there, one per city and product that is short with its generic."""
    return pl.concat([_poor(sums, inputs), _short(sums, inputs)])


def _poor(sums: Frames, inputs: Inputs) -> pl.DataFrame:
    """Of lines due in the last 90 days; with what the institutions that ordered them owe the supplier overdue."""
    owed = sums["owed_there"].lazy().select(*_SUPPLIER, "institution_code", "overdue_fen")
    rows = (
        sums["recent"]
        .lazy()
        .join(owed, on=[*_SUPPLIER, "institution_code"], how="left")
        .group_by(_SUPPLIER)
        .agg(pl.sum("lines", "ordered_fen", "delivered_fen", "overdue_fen"))
        .with_columns(today=pl.lit(inputs.as_of), institution_code=pl.lit(None, pl.String))
        .collect()
    )
    for parameter in ("delivery_lines_min", "delivery_rate_min"):
        rows = inputs.with_policy(rows, parameter, "today")
    least = pl.col("delivery_rate_min").to_physical().cast(pl.Int128)
    is_poor = pl.col("delivered_fen").cast(pl.Int128) * _MILLION < least * pl.col("ordered_fen")
    enough = pl.col("lines") >= pl.col("delivery_lines_min")
    rows = rows.filter(enough.fill_null(False), is_poor.fill_null(False)).with_columns(
        subject_key=pl.concat_str(_SUPPLIER, separator="|"),
        counterparty_code="distributor_code",
        amount_fen=pl.col("ordered_fen") - pl.col("delivered_fen"),
        delivery_rate=quotient_of("delivered_fen", "ordered_fen"),
    )
    message = pl.format(
        "配送企业 {} 近90天到期的订单 {} 行，金额 {} 元，已配送 {} 元，配送率 {}，低于下限 {}；"
        "下单机构逾期未付该企业货款 {} 元。请核对订单、库存和断供报备，并先核对货款是否拖欠",
        "distributor_code",
        "lines",
        yuan("ordered_fen"),
        yuan("delivered_fen"),
        percent("delivery_rate"),
        percent("delivery_rate_min"),
        yuan("overdue_fen"),
    )
    return make_findings(rows, inputs, rule=POOR, day="today", message=message)


def _short(sums: Frames, inputs: Inputs) -> pl.DataFrame:
    rows = shortages(sums["goods"], inputs).filter(pl.col("level") == "shortage", "is_generic_short")
    rows = rows.with_columns(
        subject_key=pl.concat_str("city_code", "product_code", separator="|"),
        jurisdiction_code="city_code",
        institution_code=pl.lit(None, pl.String),
        quantity=as_units(pl.col("ordered") - pl.col("delivered")),
        today=pl.lit(inputs.as_of),
    )
    message = pl.format(
        "线索：产品 {} 近90天到期的订单订购 {}（最小单位），已配送 {}，满足率 {}（同通用名 {}）；订购机构 {} 家，未足量 {} 家，"
        "配送企业 {} 家。可能是停产换厂、集采切换、季节性需求、订单未及时取消所致，请核对库存、订单和生产企业供应情况",
        "product_code",
        quantity("ordered_units"),
        quantity("delivered_units"),
        percent("fill_rate"),
        percent("generic_fill_rate"),
        "institutions",
        "short_institutions",
        "distributors",
    )
    return make_findings(rows, inputs, rule=SHORT, day="today", message=message)
