"""Lines: deliveries as the obligations beside §4–§6 count them (obligations §12)."""

from __future__ import annotations

import polars as pl

from pipelines.engine.figures import quotient_of, round_half_up, scaled
from pipelines.engine.indicator import Inputs
from pipelines.lines.products import products_of
from pipelines.lines.returned import DELIVERY

_CODES = ("institution_code", "distributor_code")


def lines_of(inputs: Inputs, *, with_gifts: bool = False, where: pl.Expr | None = None) -> pl.LazyFrame:
    """Deliveries accepted up to as_of that are no gifts (`with_gifts`: these too) and of which something stayed; in no order.
    `where`, a condition on the record, is met before anything else is read of it.

    Out: the record's columns (codes of institution, distributor and product categorical) and those of `products_of`;
    `packs` (10⁻⁴): received less confirmed returns up to as_of, above 0; `units` (10⁻⁸): minimum units, without a conversion
    factor; `value_fen`: packs × unit_price, half up. On or off the platform, emergency or not, of any kind and ownership.
    """
    back = (
        inputs.scan("returns")
        .filter((pl.col("status") == "confirmed") & (pl.col("returned_on") <= inputs.as_of))
        .group_by(DELIVERY)
        .agg(packs_back=scaled("returned_quantity").sum())
    )
    packs = scaled("received_quantity") - pl.col("packs_back").fill_null(0)
    return (
        inputs.scan("deliveries")
        .filter(pl.lit(True) if where is None else where)
        .filter(pl.col("accepted_on") <= inputs.as_of, with_gifts | ~pl.col("is_gift"))
        .join(back, on=DELIVERY, how="left")
        .with_columns(packs=packs.cast(pl.Int64))
        .filter(pl.col("packs") > 0)
        .drop("packs_back")
        .with_columns(pl.col(*_CODES, "product_code").cast(pl.Categorical))
        .join(inputs.once(products_of).lazy(), on="product_code")
        .with_columns(
            units=pl.col("packs").cast(pl.Int128) * pl.col("units_per_pack"),
            value_fen=round_half_up(pl.col("packs").cast(pl.Int128) * scaled("unit_price"), 10**6),
        )
    )


def as_units(units: str | pl.Expr) -> pl.Expr:
    """Integers of 10⁻⁸ as the double that is printed."""
    return quotient_of(units, pl.lit(10**8, pl.Int128))
