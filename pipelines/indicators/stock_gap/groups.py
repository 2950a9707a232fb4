"""Groups of products that one stock holds: the same but for the pack, or under a code of their own (obligations §19)."""

from __future__ import annotations

import polars as pl

from pipelines.engine.indicator import Inputs
from pipelines.lines.products import folded

_TEXTS = ["dosage_form", "strength"]
_SAME = ["generic_code", "manufacturer_code", *_TEXTS]
_LEFT_OUT = ("vaccine", "reserve")


def groups_of(inputs: Inputs) -> pl.DataFrame:
    """The group of every product, named by its lowest code: equal generic, manufacturer, form and strength (these two as text is
    compared); one without form or strength is alone, vaccines and reserves are of none.

    Out: `product_code`, `group_code`.
    """
    lowest = pl.col("product_code").min().over(_SAME)
    is_alone = pl.any_horizontal(pl.col(_TEXTS) == "")
    return (
        inputs.scan("products")
        .filter(~pl.col("special_category").is_in(_LEFT_OUT))
        .select("product_code", *_SAME)
        .with_columns(folded(pl.col(_TEXTS)).fill_null(""))
        .select("product_code", group_code=pl.when(is_alone).then("product_code").otherwise(lowest))
        .collect()
    )
