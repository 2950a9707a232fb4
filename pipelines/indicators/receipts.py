"""Receipts: which accepted delivery counts towards which commitment, in minimum units (rulebook §4)."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.indicators.figures import scaled
from pipelines.indicators.indicator import Inputs

_RECEIPT = ["institution_code", "delivery_id"]


def receipts_of(inputs: Inputs, commitments: pl.DataFrame) -> pl.DataFrame:
    """Give each receipt whole to the first commitment that may have it: with a product before without,
    earlier start, lower number.

    Receipts count, orders do not; gifts and off-platform purchases do not.
    """
    deliveries = (
        inputs.scan("deliveries")
        .filter(
            (pl.col("accepted_on") <= inputs.as_of) & ~pl.col("is_gift") & (pl.col("channel") == "platform")
        )
        .select(*_RECEIPT, "product_code", "accepted_on", "received_quantity", "_file", "_sheet", "_line")
    )
    claims = _claims(inputs, commitments)
    return (
        deliveries.join(claims.lazy(), on=["institution_code", "product_code"])
        .filter(pl.col("accepted_on").is_between("claim_from", "claim_to"))
        .sort(*_RECEIPT, "claim_rank", "period_start", "commitment_id")
        .unique(_RECEIPT, keep="first", maintain_order=True)
        .pipe(_with_factor, inputs)
        .pipe(_with_units, inputs)
        .select(
            "commitment_id", *_RECEIPT, "product_code", "accepted_on", "factor",
            "received", "returned", "_file", "_sheet", "_line",
        )
        .sort("commitment_id", *_RECEIPT)
        .collect()
    )  # fmt: skip


def _claims(inputs: Inputs, commitments: pl.DataFrame) -> pl.DataFrame:
    """From when to when a commitment may take receipts of a product."""
    fields = ["commitment_id", "institution_code", "lot_code", "item_code", "period_start", "period_end"]
    named = commitments.filter(pl.col("product_code").is_not_null())
    own = named.select(
        *fields, "product_code", claim_from="period_start", claim_to="period_end", claim_rank=0
    )
    replacements = (
        inputs.scan("commitment_adjustments")
        .filter(pl.col("replacement_product_code").is_not_null() & (pl.col("effective_on") <= inputs.as_of))
        .select("commitment_id", "effective_on", product_code="replacement_product_code")
        .collect()
    )
    replaced = named.drop("product_code").join(replacements, on="commitment_id")
    replaced = replaced.select(
        *fields,
        "product_code",
        claim_from=pl.max_horizontal("period_start", "effective_on"),
        claim_to="period_end",
        claim_rank=0,
    )
    open_ones = commitments.filter(pl.col("product_code").is_null()).drop("product_code")
    selections = (
        inputs.scan("selections")
        .select("lot_code", "item_code", "product_code", "valid_from", "valid_to")
        .collect()
    )
    selected = open_ones.join(selections, on=["lot_code", "item_code"]).select(
        *fields, "product_code",
        claim_from=pl.max_horizontal("period_start", "valid_from"),
        claim_to=pl.min_horizontal("period_end", "valid_to"),
        claim_rank=1,
    )  # fmt: skip
    return pl.concat([own, replaced, selected])


def _with_factor(receipts: pl.LazyFrame, inputs: Inputs) -> pl.LazyFrame:
    """The conversion factor (10⁻⁴) of the selection valid on acceptance for lot, item and product, else 1."""
    item = ["lot_code", "item_code", "product_code"]
    case = [*item, "accepted_on"]
    valid = (
        receipts.select(case)
        .unique()
        .join(
            inputs.scan("selections").select(
                *item, "valid_from", "valid_to", factor=scaled("conversion_factor")
            ),
            on=item,
        )
        .filter(pl.col("accepted_on").is_between("valid_from", pl.col("valid_to").fill_null(date.max)))
        .sort("valid_from")
        .unique(case, keep="last", maintain_order=True)
        .select(*case, "factor")
    )
    return receipts.join(valid, on=case, how="left").with_columns(pl.col("factor").fill_null(10**4))


def _with_units(receipts: pl.LazyFrame, inputs: Inputs) -> pl.LazyFrame:
    """Minimum units (10⁻¹²) = packs × units per pack × factor, of what was received and of its confirmed
    returns.
    """
    returns = (
        inputs.scan("returns")
        .filter((pl.col("status") == "confirmed") & (pl.col("returned_on") <= inputs.as_of))
        .group_by(_RECEIPT)
        .agg(packs_back=scaled("returned_quantity").sum())
    )
    packs = inputs.scan("products").select("product_code", pack_units=scaled("units_per_pack"))
    units = pl.col("pack_units") * pl.col("factor")
    return (
        receipts.join(returns, on=_RECEIPT, how="left")
        .join(packs, on="product_code")
        .with_columns(
            received=scaled("received_quantity") * units, returned=pl.col("packs_back").fill_null(0) * units
        )
    )
