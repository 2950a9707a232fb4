"""The stock of a batch: what a seller bought of it, from whom and since when, and sold so far (rulebook §6)."""

from __future__ import annotations

import polars as pl

from pipelines.engine.figures import running_sum
from pipelines.engine.indicator import Inputs
from pipelines.engine.order import look_up

_SALES = ["product_code", "seller_code"]


def with_stock(chain: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """The hospital lines of the chain, each with what its seller bought of the batch and sold up to this line.

    In: net lines with hops (`with_hops`). Out: `sold_through`, `bought_from_source`, `bought_within_one`
    (packs × 10⁴), and the days since which there was a purchase at all (`bought_since`), within the group
    (`in_group_since`), within it from a seller one invoice away (`transfer_since`), with a chain
    (`reached_since`), and of the product from a source (`source_since`).
    """
    sold = look_up(chain.select("line"), _sold_through(chain), ["line"])
    lines = chain.with_columns(sold["sold_through"]).filter(~pl.col("is_company"))
    bought = _with_groups(chain.filter("is_company"), inputs)
    lines = look_up(lines, _stock(bought), ["seller_node"])
    firsts = inputs.scan("firsts").select(pl.col(_SALES).cast(pl.Categorical), "source_since")
    return look_up(lines, firsts.collect(), _SALES)


def _sold_through(chain: pl.DataFrame) -> pl.DataFrame:
    return (
        chain.lazy()
        .filter(pl.col("seller_node").is_not_null())
        .select("line", "seller_node", "net")
        .sort("seller_node", maintain_order=True)
        .select("line", sold_through=running_sum("net", "seller_node"))
        .collect()
    )


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
        .group_by(seller_node="buyer_node")
        .agg(
            bought_from_source=pl.col("net").filter(hop == 0).sum(),
            bought_within_one=pl.col("net").filter(hop <= 1).sum(),
            bought_since=day.min(),
            in_group_since=day.filter("in_group").min(),
            transfer_since=day.filter(pl.col("in_group") & (hop == 1)).min(),
            reached_since=day.filter(hop.is_not_null()).min(),
        )
        .collect()
    )
