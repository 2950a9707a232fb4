"""Commitments: how much was agreed, as adjusted, and what an approved excuse takes off (rulebook §4)."""

from __future__ import annotations

import polars as pl

from pipelines.engine.figures import scaled
from pipelines.engine.indicator import Inputs
from pipelines.engine.order import in_order, look_up


def commitments_of(inputs: Inputs) -> pl.DataFrame:
    """Commitments of a quantity at least (target quantity, direction floor), by `commitment_id`.

    Out: the record's columns (codes categorical; `period_end`, like all that was agreed, as adjusted up to as_of),
    `commitment` (the row), `jurisdiction_code`, `ownership`, and in minimum units (10⁻¹²) `agreed` and `approved`, the
    volume excuses that count, with their `excuse_id`. A commitment in packs of a product that does not stand is left out.
    """
    codes = pl.col("institution_code", "product_code", "lot_code", "item_code").cast(pl.Categorical)
    rows = (
        inputs.scan("commitments")
        .filter((pl.col("target") == "quantity") & (pl.col("direction") == "floor"))
        .select(
            "commitment_id",
            codes,
            "period_start",
            "period_end",
            is_pack=pl.col("unit") == "pack",
            agreed=scaled("agreed_quantity"),
        )
        .collect()
    )
    places = inputs.scan("institutions").select("institution_code", "jurisdiction_code", "ownership")
    packs = inputs.scan("products").select(pl.col("product_code").cast(pl.Categorical), pack_units=scaled("units_per_pack"))
    rows = look_up(rows, places.cast(pl.Categorical).collect(), ["institution_code"])
    rows = look_up(rows, packs.collect(), ["product_code"]).filter(pl.col("jurisdiction_code").is_not_null())
    rows = look_up(in_order(rows, ["commitment_id"]), _adjusted(inputs), ["commitment_id"])
    end = pl.max_horizontal("period_start", pl.coalesce("new_period_end", "period_end"))
    agreed = pl.when("is_pack").then(pl.col("agreed") * pl.col("pack_units") * 10**4).otherwise(pl.col("agreed") * 10**8)
    rows = rows.with_columns(agreed=agreed + pl.col("delta").fill_null(0) * 10**8, period_end=end).drop_nulls("agreed")
    rows = look_up(rows, _approved(rows, inputs), ["commitment_id"])
    return (
        rows.drop("is_pack", "pack_units", "delta", "new_period_end")
        .with_columns(pl.col("approved").fill_null(0))
        .with_row_index("commitment")
    )


def _adjusted(inputs: Inputs) -> pl.DataFrame:
    """The sum of all changes of the volume, and the last one of the end."""
    return (
        inputs.scan("commitment_adjustments")
        .filter(pl.col("effective_on") <= inputs.as_of)
        .group_by("commitment_id")
        .agg(
            delta=scaled("delta_quantity").sum(),
            new_period_end=pl.col("new_period_end").sort_by("effective_on", "adjustment_id").drop_nulls().last(),
        )
        .collect()
    )


def _approved(commitments: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    counts_at_end = pl.col("valid_to").is_null() | (pl.col("period_end") <= pl.col("valid_to"))
    return (
        inputs.scan("excuses")
        .filter((pl.col("kind") == "volume") & (pl.col("valid_from") <= inputs.as_of))
        .join(commitments.lazy().select("commitment_id", "period_end"), on="commitment_id")
        .filter(counts_at_end)
        .group_by("commitment_id")
        .agg(approved=scaled("quantity").sum() * 10**8, excuse_id=pl.col("excuse_id").sort().str.join(","))
        .collect()
    )
