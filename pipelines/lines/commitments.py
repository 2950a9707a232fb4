"""Commitments of any target and direction as they stand at as_of (rulebook §4, obligations §13)."""

from __future__ import annotations

import polars as pl

from pipelines.engine.figures import round_half_up, scaled
from pipelines.engine.indicator import Inputs


def commitments_of(inputs: Inputs) -> pl.LazyFrame:
    """Every commitment as adjusted up to as_of.

    Out: the record's columns, `period_end` as adjusted; `is_cancelled`: whether the agreed volume, or the amount to the fen, is
    not above 0.
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
        .join(packs, on="product_code", how="left")
        .join(_adjusted(inputs), on="commitment_id", how="left")
        .with_columns(period_end=end, is_cancelled=left <= 0)
        .drop("pack_units", "delta", "delta_fen", "new_period_end")
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
