"""Commitments: how much was agreed, as adjusted, and what an approved excuse takes off (rulebook §4)."""

from __future__ import annotations

import polars as pl

from pipelines.engine.figures import round_half_up, scaled
from pipelines.engine.indicator import Inputs
from pipelines.engine.order import in_order, look_up

_IS_AMOUNT = pl.col("target") == "amount"
_DIRECTIONS = ("floor", "cap", "band")
POOLS = 2 * len(_DIRECTIONS)
CAPS = [n * len(_DIRECTIONS) + _DIRECTIONS.index("cap") for n in range(2)]
FLOORS_OF_QUANTITY = ~_IS_AMOUNT & (pl.col("direction") == "floor")


def commitments_of(inputs: Inputs, chosen: pl.Expr = FLOORS_OF_QUANTITY) -> pl.DataFrame:
    """The chosen commitments, by default those of a quantity at least, by `commitment_id`.

    Out: the record's columns (codes categorical; `period_end`, like all that was agreed, as adjusted up to as_of),
    `commitment` (the row), `pool` (of its target and direction: claims are made within one), `jurisdiction_code`,
    `ownership`, and in minimum units (10⁻¹²), or where the target is an amount in fen, `agreed`, `agreed_max` (of bands)
    and `approved`, the volume excuses that count, with their `excuse_id`. A commitment in packs of a product that
    does not stand is left out.
    """
    codes = pl.col("institution_code", "product_code", "lot_code", "item_code").cast(pl.Categorical)
    direction = pl.col("direction").replace_strict(_DIRECTIONS, range(len(_DIRECTIONS)), return_dtype=pl.Int64)
    rows = (
        inputs.scan("commitments")
        .filter(chosen)
        .select(
            "commitment_id",
            codes,
            "target",
            "direction",
            "period_start",
            "period_end",
            is_amount=_IS_AMOUNT,
            is_pack=~_IS_AMOUNT & (pl.col("unit") == "pack"),
            pool=pl.when(_IS_AMOUNT).then(len(_DIRECTIONS)).otherwise(0) + direction,
            agreed=scaled("agreed_quantity"),
            agreed_max=pl.when(pl.col("direction") == "band").then(scaled("agreed_quantity_max")),
        )
        .collect()
    )
    places = inputs.scan("institutions").select("institution_code", "jurisdiction_code", "ownership")
    packs = inputs.scan("products").select(pl.col("product_code").cast(pl.Categorical), pack_units=scaled("units_per_pack"))
    rows = look_up(rows, places.cast(pl.Categorical).collect(), ["institution_code"])
    rows = look_up(rows, packs.collect(), ["product_code"]).filter(pl.col("jurisdiction_code").is_not_null())
    rows = look_up(in_order(rows, ["commitment_id"]), _adjusted(rows, inputs), ["commitment_id"])
    end = pl.max_horizontal("period_start", pl.coalesce("new_period_end", "period_end"))
    in_packs = pl.col("pack_units") * 10**4
    rows = rows.with_columns(
        pl.when("is_pack").then(pl.col(c) * in_packs).otherwise(_measured(pl.col(c))) + pl.col("delta").fill_null(0)
        for c in ("agreed", "agreed_max")
    )
    rows = rows.with_columns(period_end=end).drop_nulls("agreed")
    rows = look_up(rows, _approved(rows, inputs), ["commitment_id"])
    return (
        rows.drop("is_pack", "pack_units", "delta", "new_period_end")
        .with_columns(pl.col("approved").fill_null(0))
        .with_row_index("commitment")
    )


def _measured(quantity: pl.Expr) -> pl.Expr:
    """A quantity in minimum units (10⁻⁴) as 10⁻¹² of them; yuan (10⁻⁴) as fen, each record rounded by itself."""
    return pl.when("is_amount").then(round_half_up(quantity, 100).cast(pl.Int128)).otherwise(quantity * 10**8)


def _adjusted(commitments: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """The sum of all changes of the volume, and the last one of the end."""
    return (
        inputs.scan("commitment_adjustments")
        .filter(pl.col("effective_on") <= inputs.as_of)
        .join(commitments.lazy().select("commitment_id", "is_amount"), on="commitment_id")
        .group_by("commitment_id")
        .agg(
            delta=_measured(scaled("delta_quantity")).sum(),
            new_period_end=pl.col("new_period_end").sort_by("effective_on", "adjustment_id").drop_nulls().last(),
        )
        .collect()
    )


def _approved(commitments: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    counts_at_end = pl.col("valid_to").is_null() | (pl.col("period_end") <= pl.col("valid_to"))
    return (
        inputs.scan("excuses")
        .filter((pl.col("kind") == "volume") & (pl.col("valid_from") <= inputs.as_of))
        .join(commitments.lazy().select("commitment_id", "period_end", "is_amount"), on="commitment_id")
        .filter(counts_at_end)
        .group_by("commitment_id")
        .agg(approved=_measured(scaled("quantity")).sum(), excuse_id=pl.col("excuse_id").sort().str.join(","))
        .collect()
    )
