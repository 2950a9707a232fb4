"""The price index of a division: quantities of the same month a year before at the prices of the month (obligations §25)."""

from __future__ import annotations

import polars as pl

from pipelines.engine.figures import quotient_of
from pipelines.engine.indicator import Frames, Inputs

_FINE = 10**20


def price_index(sums: Frames, inputs: Inputs) -> pl.DataFrame:
    """A row per division and month with a drug line of a public institution.

    What the quantity of the year before costs at the mean price of the month, fen × packs ÷ packs, is a fraction: it is cut off
    at 10⁻²⁰ fen, whole fen first and then the rest, so that neither grows beyond 128 bits. Fewer than 10⁴ products are thereby
    off by less than 10⁻¹⁶ fen in all, far less than the last digit of the double that the quotient is rounded to once.
    """
    month = ["jurisdiction_code", "month"]
    bought = sums["bought"].lazy().with_columns(pl.col("jurisdiction_code", "product_code").cast(pl.Categorical))
    earlier = bought.select(
        "jurisdiction_code", "product_code", month=pl.col("month").dt.offset_by("1y"), base_packs="packs", base_fen="value_fen"
    )
    packs, is_matched = pl.col("packs").cast(pl.Int128), pl.col("base_packs").is_not_null()
    cost = pl.col("value_fen").cast(pl.Int128) * pl.col("base_packs")
    rows = (
        bought.join(earlier, on=[*month, "product_code"], how="left")
        .group_by(month)
        .agg(
            purchase_fen=pl.col("value_fen").sum(),
            matched_products=is_matched.sum().cast(pl.Int64),
            matched_fen=pl.col("value_fen").filter(is_matched).sum(),
            base_fen=pl.col("base_fen").sum(),
            repriced=(cost // packs * _FINE + cost % packs * _FINE // packs).sum(),
        )
        .with_columns(
            pl.col("jurisdiction_code").cast(pl.String),
            pl.col("month").dt.strftime("%Y-%m"),
            price_index=quotient_of("repriced", pl.col("base_fen").cast(pl.Int128) * _FINE),
        )
    )
    return rows.collect()
