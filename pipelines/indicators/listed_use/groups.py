"""Report rows of divisions and of families: who has negotiated drugs, and who buys what the head buys (obligations §17)."""

from __future__ import annotations

import polars as pl

from pipelines.engine.figures import with_rates
from pipelines.engine.indicator import Frames, Inputs
from pipelines.indicators.listed_use.places import negotiable
from pipelines.indicators.listed_use.tables import LINKAGE, NEGOTIATED
from pipelines.lines.listed import with_lists

_OF_FAMILY = ["head_code", "institution_code"]


def negotiated_use(sums: Frames, inputs: Inputs) -> pl.DataFrame:
    """A row per division with a public tertiary or secondary institution and product that is negotiated for it at as_of."""
    by = ["jurisdiction_code", "product_code"]
    members = inputs.scan("institutions").select(
        "jurisdiction_code", pl.col("institution_code").cast(pl.Categorical), is_pharmacy=pl.col("ownership") == "retail"
    )
    of_division = members.group_by("jurisdiction_code").agg(pl.col("institution_code").first())  # one list holds for all of it
    asked = (
        sums["divisions"]
        .lazy()
        .filter(pl.col("institutions") > 0)
        .with_columns(pl.col("jurisdiction_code").cast(pl.String))
        .join(of_division, on="jurisdiction_code")
        .join(negotiable(inputs).lazy(), how="cross")
    )
    is_pharmacy = pl.col("is_pharmacy")
    bought = (
        sums["of_negotiable"]
        .lazy()
        .with_columns(
            pl.col("jurisdiction_code").cast(pl.String), pl.col("institution_code", "product_code").cast(pl.Categorical)
        )
        .join(members.select("institution_code", "is_pharmacy"), on="institution_code")
        .group_by(by)
        .agg(
            buyers=(~is_pharmacy).sum().cast(pl.Int64),
            purchase_fen=pl.col("fen").filter(~is_pharmacy).sum(),
            pharmacy_buyers=is_pharmacy.sum().cast(pl.Int64),
        )
    )
    rows = (
        with_lists(asked, inputs, "negotiated", day=inputs.as_of)
        .filter("is_negotiated")
        .join(bought, on=by, how="left")
        .with_columns(pl.col("buyers", "purchase_fen", "pharmacy_buyers").fill_null(0))
    )
    return with_rates(rows.collect(), NEGOTIATED)


def family_linkage(sums: Frames, inputs: Inputs) -> pl.DataFrame:
    """A row per institution that bought drugs this year and is not the head of its family."""
    codes = pl.col(*_OF_FAMILY, "drug_code").cast(pl.Categorical)
    bought = sums["of_families"].lazy().with_columns(codes)
    is_head = pl.col("institution_code") == pl.col("head_code")
    of_heads = bought.filter(is_head).select("head_code", "drug_code", is_shared=True)
    is_shared = pl.col("is_shared").fill_null(False)
    rows = (
        bought.filter(~is_head)
        .join(of_heads, on=["head_code", "drug_code"], how="left")
        .group_by(_OF_FAMILY)
        .agg(
            drug_codes=pl.len().cast(pl.Int64),
            shared=is_shared.sum().cast(pl.Int64),
            essential_shared=(is_shared & (pl.col("essential_lines") > 0)).sum().cast(pl.Int64),
        )
        .with_columns(pl.col(_OF_FAMILY).cast(pl.String))
        .join(inputs.scan("institutions").select("institution_code", "jurisdiction_code"), on="institution_code")
    )
    return with_rates(rows.collect(), LINKAGE)
