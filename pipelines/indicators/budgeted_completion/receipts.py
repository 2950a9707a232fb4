"""Receipts of budgets, caps and bands: only what their few commitments may claim is read (obligations §13)."""

from __future__ import annotations

import polars as pl

from pipelines.engine.figures import round_half_up, scaled
from pipelines.engine.indicator import Inputs
from pipelines.engine.order import look_up
from pipelines.indicators.agreed_volume.receipts import receipts_of

_PAIR = ["institution_code", "product_code"]
_DELIVERY = ["institution_code", "delivery_id"]


def deliveries_near(inputs: Inputs, claims: pl.DataFrame) -> pl.LazyFrame:
    """The deliveries of the pairs of institution and product that some claim names."""
    pairs = claims.select(pl.col(_PAIR).cast(pl.String)).unique()
    rows = inputs.scan("deliveries")
    if pairs.is_empty():
        return rows.clear()
    rows = rows.filter(pl.col(column).is_in(pairs[column].unique().to_list()) for column in _PAIR)
    return rows.join(pairs.lazy(), on=_PAIR, how="semi", maintain_order="left")


def net_receipts(inputs: Inputs, claims: pl.DataFrame) -> pl.DataFrame:
    """Each receipt that counts, once in every pool that claims it.

    In: `claims_of`. Out: `institution_code`, `delivery_id`, `commitment`, `claim`, and less what was returned up to as_of
    `net_units` (minimum units, 10⁻¹²) and `net_fen`, to the fen by itself.
    """
    deliveries = (
        deliveries_near(inputs, claims)
        .filter((pl.col("accepted_on") <= inputs.as_of) & ~pl.col("is_gift"))
        .select(
            pl.col(_PAIR).cast(pl.Categorical),
            "delivery_id",
            "accepted_on",
            is_offline=pl.col("channel") == "offline",
            packs=scaled("received_quantity"),
            price=scaled("unit_price"),
        )
        .collect()
        .with_row_index("n")
    )
    codes = deliveries.select(pl.col(_DELIVERY).cast(pl.String))
    taken = receipts_of(deliveries, claims, inputs.only_where("returns", codes))
    found = look_up(taken, deliveries.select("n", *_DELIVERY, "price"), ["n"])
    found = look_up(found, claims.select("claim", "commitment", "units"), ["claim"])
    packs = pl.col("packs") - pl.col("packs_back")
    return found.select(
        pl.col(_DELIVERY).cast(pl.String),
        "commitment",
        "claim",
        net_units=packs * pl.col("units"),
        net_fen=round_half_up(packs * pl.col("price"), 10**6),
    )


def explain_receipts(inputs: Inputs, commitments: pl.DataFrame, claims: pl.DataFrame, receipts: pl.DataFrame) -> pl.LazyFrame:
    """Every delivery of what a commitment may claim, with what it counts for, or why it does not (`left_out`)."""
    of = commitments.lazy().select("commitment", "commitment_id", "direction", "period_start", "period_end")
    may = (
        claims.lazy()
        .group_by("commitment", pl.col(_PAIR).cast(pl.String))
        .agg(is_claimed_from=pl.col("claim_from").min(), is_claimed_to=pl.col("claim_to").max())
    )
    day = pl.col("accepted_on")
    why = (
        pl.when(pl.col("net_units").is_not_null())
        .then(pl.lit(None, pl.String))
        .when("is_gift")
        .then(pl.lit("赠品不计入"))
        .when((pl.col("channel") == "offline") & (pl.col("direction") != "cap"))
        .then(pl.lit("线下采购不计入（只有上限计入）"))
        .when(day.is_null())
        .then(pl.lit("尚未验收，订货不计入"))
        .when(day > inputs.as_of)
        .then(pl.format("验收日期 {} 在统计截止日之后", day))
        .when(~day.is_between("period_start", "period_end"))
        .then(pl.format("验收日期 {} 不在采购周期 {} 至 {} 内", day, "period_start", "period_end"))
        .when(~day.is_between("is_claimed_from", "is_claimed_to"))
        .then(pl.format("验收日期 {} 该品种不计入本协议（中选或替代不在有效期内）", day))
        .otherwise(pl.lit("已整笔计入同类协议中排在前面的一份，或验收日该品种未中选"))
    )
    return (
        deliveries_near(inputs, claims)
        .select(*_PAIR, "delivery_id", "accepted_on", "received_quantity", "unit_price", "channel", "is_gift")
        .join(may, on=_PAIR)
        .join(receipts.lazy().drop("claim"), on=["commitment", *_DELIVERY], how="left")
        .join(of, on="commitment")
        .select(
            "commitment_id",
            *_DELIVERY,
            "product_code",
            "accepted_on",
            "received_quantity",
            "unit_price",
            "net_units",
            "net_fen",
            left_out=why,
        )
    )
