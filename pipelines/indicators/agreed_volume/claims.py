"""Claims: from when to when a commitment may take receipts of a product, and at what factor (rulebook §4)."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.engine.figures import scaled
from pipelines.engine.indicator import Inputs

_ITEM = ["lot_code", "item_code", "product_code"]


def claims_of(inputs: Inputs, commitments: pl.DataFrame) -> pl.DataFrame:
    """The claims in the order in which they come first, numbered by `claim`.

    In: `commitments_of`. Out: `commitment` (its row), its `pool`, `institution_code`, `product_code` (categorical),
    `claim_from`, `claim_to`, and on all these days the same `factor` (10⁻⁴) and `units` (10⁻⁸): minimum units
    to the pack. Order: with a product before without, earlier start, lower commitment number.
    """
    fields = ["commitment", "pool", "institution_code", "lot_code", "item_code", "period_start"]
    named = commitments.filter(pl.col("product_code").is_not_null())
    own = named.select(*fields, "product_code", claim_from="period_start", claim_to="period_end", claim_rank=0)
    replaced = (
        named.drop("product_code")
        .join(_replacements(inputs), on="commitment_id")
        .select(
            *fields,
            "product_code",
            claim_from=pl.max_horizontal("period_start", "effective_on"),
            claim_to="period_end",
            claim_rank=0,
        )
    )
    selections = _selections(inputs)
    open_ones = commitments.filter(pl.col("product_code").is_null()).drop("product_code")
    selected = open_ones.join(selections, on=["lot_code", "item_code"]).select(
        *fields,
        "product_code",
        claim_from=pl.max_horizontal("period_start", "valid_from"),
        claim_to=pl.min_horizontal("period_end", "valid_to"),
        claim_rank=1,
    )
    packs = inputs.scan("products").select(pl.col("product_code").cast(pl.Categorical), pack_units=scaled("units_per_pack"))
    return (
        pl.concat([own, replaced, selected])
        .lazy()
        .join(_stretches(selections).lazy(), on=_ITEM, how="left")
        .join(packs, on="product_code")
        .with_columns(claim_from=pl.max_horizontal("claim_from", "since"), claim_to=pl.min_horizontal("claim_to", "until"))
        .filter(pl.col("claim_from") <= pl.col("claim_to"))
        .sort("claim_rank", "period_start", "commitment")
        .with_columns(pl.col("factor").fill_null(10**4))
        .select(
            "commitment",
            "pool",
            "institution_code",
            "product_code",
            "claim_from",
            "claim_to",
            "factor",
            units=pl.col("pack_units") * pl.col("factor"),
        )
        .with_row_index("claim")
        .collect()
    )


def _replacements(inputs: Inputs) -> pl.DataFrame:
    return (
        inputs.scan("commitment_adjustments")
        .filter(pl.col("replacement_product_code").is_not_null() & (pl.col("effective_on") <= inputs.as_of))
        .select("commitment_id", "effective_on", product_code=pl.col("replacement_product_code").cast(pl.Categorical))
        .collect()
    )


def _selections(inputs: Inputs) -> pl.DataFrame:
    return (
        inputs.scan("selections")
        .select(pl.col(_ITEM).cast(pl.Categorical), "valid_from", "valid_to", factor=scaled("conversion_factor"))
        .collect()
    )


def _stretches(selections: pl.DataFrame) -> pl.DataFrame:
    """All of time cut into stretches of one factor for each lot, item and product: that of the latest selection
    that is valid, else 1.
    """
    after = selections.drop_nulls("valid_to").select(*_ITEM, since=pl.col("valid_to") + pl.duration(days=1))
    cuts = pl.concat(
        [selections.select(*_ITEM, since="valid_from"), after, selections.select(*_ITEM, since=pl.lit(date.min))]
    ).unique()
    valid = (
        cuts.join(selections, on=_ITEM)
        .filter(pl.col("since").is_between("valid_from", pl.col("valid_to").fill_null(date.max)))
        .sort("valid_from")
        .unique([*_ITEM, "since"], keep="last", maintain_order=True)
        .select(*_ITEM, "since", "factor")
    )
    factors = cuts.join(valid, on=[*_ITEM, "since"], how="left").with_columns(pl.col("factor").fill_null(10**4))
    changes = factors.sort(*_ITEM, "since").filter((pl.col("factor") != pl.col("factor").shift(1).over(_ITEM)).fill_null(True))
    until = pl.col("since").shift(-1).over(_ITEM) - pl.duration(days=1)
    return changes.with_columns(until=until.fill_null(date.max))
