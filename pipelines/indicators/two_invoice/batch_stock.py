"""The stock of a batch: what a seller bought of it, from whom and since when, and sold so far (rulebook §6)."""

from __future__ import annotations

import polars as pl

from pipelines.engine.indicator import Inputs
from pipelines.engine.order import look_up
from pipelines.indicators.two_invoice.chain import SALE


def with_sold(chain: pl.DataFrame) -> pl.DataFrame:
    """Add `sold_through`: what the seller of a net line with a node (`with_hops`) sold of the batch up to this line."""
    sold = chain.lazy().select(pl.col("net").cum_sum().over("seller_node")).collect()
    return chain.with_columns(sold_through=sold["net"])


def with_stock(lines: pl.DataFrame, chain: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """Add to lines of the chain what their sellers bought of the batch.

    In: net lines with hops (`with_hops`). Out: `bought_from_source`, `bought_within_one` (packs × 10⁴), and the days since
    which there was a purchase at all (`bought_since`), within the group (`in_group_since`), within it from a seller one
    invoice away (`transfer_since`), with a chain (`reached_since`), and of the product from a source (`source_since`).
    """
    bought = _with_groups(chain.filter("is_company"), inputs)
    lines = look_up(lines, _stock(bought), ["seller_node"]).with_columns(SALE)
    firsts = inputs.scan("firsts").select(pl.col("product_code", "seller_code").cast(pl.Categorical), "source_since").collect()
    return look_up(lines, firsts.select(SALE, "source_since"), ["sale"]).drop("sale")


def _with_groups(bought: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    groups = inputs.scan("enterprises").select("enterprise_code", "group_code").collect().cast(pl.Categorical)
    sides = [
        look_up(bought.select(enterprise_code=f"{side}_code"), groups, ["enterprise_code"])["group_code"]
        for side in ("seller", "buyer")
    ]
    return bought.with_columns(in_group=(sides[0] == sides[1]).fill_null(False))


def _stock(bought: pl.DataFrame) -> pl.DataFrame:
    day, hop = pl.col("issued_on"), pl.col("hop")
    return (
        bought.lazy()
        .filter(pl.col("buyer_node").is_not_null())
        .select(
            seller_node="buyer_node",
            bought_from_source=pl.when(hop == 0).then("net"),
            bought_within_one=pl.when(hop <= 1).then("net"),
            bought_since=day,
            in_group_since=pl.when("in_group").then(day),
            transfer_since=pl.when(pl.col("in_group") & (hop == 1)).then(day),
            reached_since=pl.when(hop.is_not_null()).then(day),
        )
        .group_by("seller_node")
        .agg(pl.col("^bought_(from|within)_.*$").sum(), pl.col("^.*_since$").min())
        .collect()
    )
