"""Valuation: what quantities of commitments are worth (rulebook §4)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from pipelines.engine.figures import round_half_up, scaled
from pipelines.engine.indicator import Inputs
from pipelines.engine.order import look_up
from schemas.records.model import MOST_YUAN

_MOST_FEN = 100 * MOST_YUAN
_CASE = ["lot_code", "item_code", "period_start"]


def with_value(rows: pl.DataFrame, units: Mapping[str, pl.Expr], inputs: Inputs) -> pl.DataFrame:
    """Add fen to commitments (`lot_code`, `item_code`, categorical, and `period_start`): by the name of its column each of
    the quantities (minimum units, 10⁻¹²) at the item's lowest selected price per minimum unit on period_start.

    All are null where one is no amount (more than MOST_YUAN), as where there is no price.
    """
    packs = inputs.scan("products").select("product_code", pack_units=scaled("units_per_pack"))
    prices = (
        inputs.scan("selections")
        .join(packs, on="product_code")
        .select(
            pl.col("lot_code", "item_code").cast(pl.Categorical),
            "valid_from",
            "valid_to",
            price=scaled("selected_price"),
            per=pl.col("pack_units") * scaled("conversion_factor"),
        )
    )
    lowest = (
        rows.lazy()
        .select(_CASE)
        .unique()
        .join(prices, on=["lot_code", "item_code"])
        .filter(pl.col("period_start").is_between("valid_from", pl.col("valid_to").fill_null(date.max)))
        .sort(pl.col("price").cast(pl.Float64) / pl.col("per").cast(pl.Float64), "per")
        .unique(_CASE, keep="first", maintain_order=True)
        .select(*_CASE, "price", "per")
        .collect()
    )
    rows = look_up(rows, lowest, _CASE)
    price = pl.col("price").cast(pl.Float64) / pl.col("per").cast(pl.Float64) / 10**6
    may_be = pl.all_horizontal(q.cast(pl.Float64).abs() * price < 2 * _MOST_FEN for q in units.values())
    rows = rows.with_columns(pl.when(may_be).then("price"))  # before the exact product, which must fit 128 bits
    rows = rows.with_columns(
        round_half_up(quantity * pl.col("price"), pl.col("per") * 10**6).alias(name) for name, quantity in units.items()
    )
    are_amounts = pl.all_horizontal(pl.col(name).abs() <= _MOST_FEN for name in units)
    return rows.with_columns(pl.when(are_amounts).then(pl.col(name)).alias(name) for name in units)
