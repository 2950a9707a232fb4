"""What a pack costs by the selected price of the same medicine in packs of another size (obligations §25)."""

from __future__ import annotations

import polars as pl

from pipelines.engine.figures import round_half_up
from pipelines.engine.indicator import Inputs
from pipelines.lines.products import folded, products_of
from schemas.records.model import MOST_PRICE

METHODS = ("ratio", "unit")
_FACTOR = 1.95
_MOST = 10**4 * MOST_PRICE


def siblings_of(inputs: Inputs) -> pl.DataFrame:
    """Packs of the same medicine in other sizes: the same generic and route, manufacturer, form and strength (both given),
    minimum unit, but other units a pack. Out: `product_code`, `sibling_code` (categorical), and the units a pack of both,
    `own_units` and `units` (10⁻⁴).
    """
    generics = inputs.once(products_of).select("product_code", "generic_code", "route", "units_per_pack")
    texts = {name: folded(pl.col(name)) for name in ("dosage_form", "strength", "min_unit")}
    code = pl.col("product_code").cast(pl.Categorical)
    products = inputs.scan("products").select(code, "manufacturer_code", **texts).collect().join(generics, on="product_code")
    alike = ["generic_code", "route", "manufacturer_code", *texts]
    other = products.select(*alike, sibling_code="product_code", units="units_per_pack")
    found = products.join(other, on=alike).filter(pl.col("units") != pl.col("units_per_pack"))
    return found.select("product_code", "sibling_code", "units", own_units="units_per_pack")


def estimates_of(selections: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """What packs cost by the selected prices of their siblings.

    In: selections (`product_code`, `price` in 10⁻⁴ yuan, …). Out: these once for each sibling of their product, whose code takes
    the place of `product_code`; that stands in `sibling_code`; `units` and `own_units`; and the price (10⁻⁴) by each of METHODS.
    By `ratio` (差比价) it is price × 1.95^log₂(own units ÷ units), in double, half up to nine decimals, then to two; by `unit` it
    is in proportion, half up to four. Neither is above what a price may be at all.
    """
    times = pl.col("own_units").cast(pl.Float64) / pl.col("units").cast(pl.Float64)
    ratio = pl.col("price").cast(pl.Float64) / 10**4 * pl.lit(_FACTOR).pow(times.log(2))
    ninths = (ratio * 10**9 + 0.5).floor().cast(pl.Int128)
    prices = {
        "ratio": round_half_up(ninths, 10**7) * 100,
        "unit": round_half_up(pl.col("price").cast(pl.Int128) * pl.col("own_units"), pl.col("units")),
    }
    of_sibling = selections.rename({"product_code": "sibling_code"}).join(inputs.once(siblings_of), on="sibling_code")
    return of_sibling.with_columns(pl.min_horizontal(price, pl.lit(_MOST)).alias(name) for name, price in prices.items())


def latest_estimate(method: str, began: str) -> pl.Expr:
    """The lowest price by a method among those whose selection `began` latest."""
    return pl.col(method).filter(pl.col(began) == pl.col(began).max()).min()
