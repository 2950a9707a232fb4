"""Commitments of any target that run at as_of (obligations §14, §13; rulebook §4)."""

from __future__ import annotations

import polars as pl

from pipelines.engine.figures import round_half_up, scaled
from pipelines.engine.indicator import Inputs


def commitments_of(members: pl.DataFrame, inputs: Inputs) -> pl.LazyFrame:
    """The commitments of `members` (`institution_code` and columns that are kept) as adjusted up to as_of.

    Out: `commitment_id`, `period_start`, `period_end`, and `left_out` (Chinese), why one is not in force; null where it is. One
    whose agreed volume, or amount to the fen, is not above 0 is cancelled. The place of its record.
    """
    packs = inputs.scan("products").select("product_code", pack_units=scaled("units_per_pack"))
    is_amount, agreed = pl.col("target") == "amount", scaled("agreed_quantity")
    whole = pl.when(pl.col("unit") == "pack").then(pl.col("pack_units")).otherwise(10**4)
    left = (
        pl.when(is_amount)
        .then(round_half_up(agreed, 100) + pl.col("delta_fen").fill_null(0))
        .otherwise(agreed * whole + pl.col("delta").fill_null(0) * 10**4)
    )
    end = pl.max_horizontal("period_start", pl.coalesce("new_period_end", "period_end"))
    return (
        inputs.scan("commitments")
        .join(members.lazy(), on="institution_code")
        .join(packs, on="product_code", how="left")
        .join(_adjusted(inputs), on="commitment_id", how="left")
        .with_columns(period_end=end, left=left)
        .select(
            *members.columns,
            "commitment_id",
            "period_start",
            "period_end",
            left_out=pl.when(pl.col("left") <= 0)
            .then(pl.lit("约定采购量已取消"))
            .when(pl.col("period_start") > inputs.as_of)
            .then(pl.lit("采购周期尚未开始"))
            .when(pl.col("period_end") < inputs.as_of)
            .then(pl.lit("采购周期已结束")),
            _file="_file",
            _sheet="_sheet",
            _line="_line",
        )
    )


def _adjusted(inputs: Inputs) -> pl.LazyFrame:
    """The sum of all changes of the volume (10⁻⁴) and of the amount, each to the fen, and the last change of the end."""
    delta = scaled("delta_quantity")
    return (
        inputs.scan("commitment_adjustments")
        .filter(pl.col("effective_on") <= inputs.as_of)
        .group_by("commitment_id")
        .agg(
            delta=delta.sum(),
            delta_fen=round_half_up(delta, 100).sum(),
            new_period_end=pl.col("new_period_end").sort_by("effective_on", "adjustment_id").drop_nulls().last(),
        )
    )


def whose(inputs: Inputs) -> pl.DataFrame:
    """`commitment_id`, `institution_code`."""
    return inputs.scan("commitments").select("commitment_id", "institution_code").collect()
