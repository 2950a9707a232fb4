"""Buyers: the institution that an invoice line was sold to, or none where it runs between companies."""

from __future__ import annotations

import polars as pl

from pipelines.indicators.indicator import Inputs
from pipelines.indicators.look_up import look_up


def with_buyers(lines: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """Add `institution_code` (categorical; the buyer by its code or its USCC) and `is_company`.

    In: `buyer_code`, categorical. Of institutions that share a USCC the one without a parent owns the
    invoice, then the lowest code.
    """
    places = (
        inputs.scan("institutions").select("institution_code", "uscc", "parent_institution_code").collect()
    )
    by_code = places.select(buyer_code="institution_code", institution_code="institution_code")
    by_uscc = (
        places.drop_nulls("uscc")
        .sort(pl.col("parent_institution_code").is_not_null(), "institution_code")
        .unique("uscc", keep="first", maintain_order=True)
        .select(buyer_code="uscc", institution_code="institution_code")
    )
    buyers = (
        pl.concat([by_code, by_uscc])
        .unique("buyer_code", keep="first", maintain_order=True)
        .cast(pl.Categorical)
    )
    return look_up(lines, buyers, ["buyer_code"]).with_columns(
        is_company=pl.col("institution_code").is_null()
    )
