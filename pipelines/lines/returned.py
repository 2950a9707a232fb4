"""What came back of deliveries."""

from __future__ import annotations

import polars as pl

from pipelines.engine.figures import scaled
from pipelines.engine.indicator import Inputs

DELIVERY = ["institution_code", "delivery_id"]


def returned(deliveries: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """The confirmed returns up to as_of, added up by delivery.

    In: `institution_code` (text or categorical) and `delivery_id` of deliveries. Out: `n`, the row of the
    delivery, and `packs_back` (packs × 10⁴), for deliveries with returns alone. Returns are few, and a
    delivery's number nearly tells it, so that the deliveries are asked for their number only.
    """
    back = (
        inputs.scan("returns")
        .filter((pl.col("status") == "confirmed") & (pl.col("returned_on") <= inputs.as_of))
        .group_by("delivery_id", code="institution_code")
        .agg(packs_back=scaled("returned_quantity").sum())
        .collect()
    )
    return (
        deliveries.with_row_index("n")
        .join(back, on="delivery_id")
        .filter(pl.col("institution_code").cast(pl.String) == pl.col("code"))
        .select("n", "packs_back")
    )
