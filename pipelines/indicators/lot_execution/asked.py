"""What each commitment asks of the lines: of which products, within which period (obligations §32)."""

from __future__ import annotations

import polars as pl

from pipelines.engine.indicator import Inputs
from pipelines.lines.products import GENERIC, products_of

COMMITMENTS = "agreed_volume.commitments"
GROUP = ["institution_code", "lot_code", "period_start"]
_ITEM = ["lot_code", "item_code"]
_ID = "commitment_id"


def generic_products(inputs: Inputs, *, kind: str | None = None) -> pl.DataFrame:
    """The products of the register, or those of a kind. Out: `product_code`, `generic_code`, `route` (text)."""
    products = inputs.once(products_of)
    own = products if kind is None else products.filter(pl.col("kind") == kind)
    return own.select(pl.col("product_code", *GENERIC).cast(pl.String))


def generics_of(commitments: pl.DataFrame, inputs: Inputs, *, until: str) -> pl.DataFrame:
    """The generics and routes of commitments: of the product that one names, else of those selected for its lot and item,
    wherever, on a day from its `period_start` to the day in the column `until`.

    In: rows of COMMITMENTS. Out: `commitment_id`, `generic_code`, `route`.
    """
    named = commitments.filter(pl.col("product_code").is_not_null()).select(_ID, "product_code")
    selections = inputs.scan("selections").select(*_ITEM, "product_code", "valid_from", "valid_to").collect()
    selected = (
        commitments.filter(pl.col("product_code").is_null())
        .drop("product_code")
        .join(selections, on=_ITEM)
        .filter(
            pl.col("valid_from") <= pl.col(until),
            (pl.col("valid_to") >= pl.max_horizontal("valid_from", "period_start")).fill_null(True),
        )
        .select(_ID, "product_code")
    )
    return pl.concat([named, selected]).join(generic_products(inputs), on="product_code").select(_ID, *GENERIC).unique()


def substitutes_of(commitments: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """The products that may stand in for those of the items of commitments. Out: `commitment_id`, `product_code`."""
    return (
        commitments.select(_ID, *_ITEM)
        .join(inputs.scan("substitutes").select(*_ITEM, "product_code").collect(), on=_ITEM)
        .drop(_ITEM)
    )


def asked(inputs: Inputs) -> pl.DataFrame:
    """Of which products the lines matter to a commitment, if they fall into its period: drugs of its generics, those of all
    of its period, and the substitutes of its item. Out: `commitment_id`, `institution_code`, `product_code`.
    """
    commitments = inputs.scan(COMMITMENTS).select(_ID, *GROUP, "item_code", "product_code", "period_end").collect()
    drugs = generic_products(inputs, kind="drug")
    own = generics_of(commitments, inputs, until="period_end").join(drugs, on=GENERIC).select(_ID, "product_code")
    found = pl.concat([own, substitutes_of(commitments, inputs)]).unique()
    return found.join(commitments.select(_ID, "institution_code"), on=_ID)
