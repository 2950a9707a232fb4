"""What each commitment asks of the lines: of which products, within which period (obligations §32)."""

from __future__ import annotations

import polars as pl

from pipelines.engine.indicator import Inputs
from pipelines.lines.products import GENERIC, products_of

COMMITMENTS = "agreed_volume.commitments"
GROUP = ["institution_code", "lot_code", "period_start"]
_ITEM = ["lot_code", "item_code"]
_OWN = ["commitment_id", "institution_code"]


def generic_products(inputs: Inputs, *, kind: str | None = None) -> pl.DataFrame:
    """The products of the register, or those of a kind. Out: `product_code`, `generic_code`, `route` (text)."""
    products = inputs.once(products_of)
    own = products if kind is None else products.filter(pl.col("kind") == kind)
    return own.select(pl.col("product_code", *GENERIC).cast(pl.String))


def generics_of(commitments: pl.LazyFrame, inputs: Inputs, *, until: str) -> pl.LazyFrame:
    """The generics and routes of commitments: of the product that one names, else of those selected for its lot and item,
    wherever, on a day from its `period_start` to the day in the column `until`.

    In: rows of COMMITMENTS. Out: `commitment_id`, `institution_code`, `generic_code`, `route`; one may stand twice.
    """
    named = commitments.filter(pl.col("product_code").is_not_null()).select(*_OWN, "product_code")
    selections = inputs.scan("selections").select(*_ITEM, "product_code", "valid_from", "valid_to")
    selected = (
        commitments.filter(pl.col("product_code").is_null())
        .drop("product_code")
        .join(selections, on=_ITEM)
        .filter(
            pl.col("valid_from") <= pl.col(until),
            (pl.col("valid_to") >= pl.max_horizontal("valid_from", "period_start")).fill_null(True),
        )
        .select(*_OWN, "product_code")
    )
    products = generic_products(inputs).lazy()
    return pl.concat([named, selected]).join(products, on="product_code").select(*_OWN, *GENERIC)


def substitutes_of(commitments: pl.LazyFrame, inputs: Inputs) -> pl.LazyFrame:
    """The products that may stand in for those of the items of commitments. Out: `commitment_id`, `institution_code`,
    `product_code`.
    """
    substitutes = inputs.scan("substitutes").select(*_ITEM, "product_code")
    return commitments.select(*_OWN, *_ITEM).join(substitutes, on=_ITEM).drop(_ITEM)


def asked(inputs: Inputs) -> pl.LazyFrame:
    """Of which products the lines matter to a commitment, if they fall into its period: drugs of its generics, those of all
    of its period, and the substitutes of its item. Out: `commitment_id`, `institution_code`, `product_code`; one may stand
    twice, for all there are must not be held at once.
    """
    commitments = inputs.scan(COMMITMENTS).select(*_OWN, "period_start", *_ITEM, "product_code", "period_end")
    drugs = generic_products(inputs, kind="drug").lazy()
    own = generics_of(commitments, inputs, until="period_end").join(drugs, on=GENERIC).select(*_OWN, "product_code")
    return pl.concat([own, substitutes_of(commitments, inputs)])
