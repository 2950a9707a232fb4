"""Report rows of institutions: what they bought of the lists, and what rose (obligations §17)."""

from __future__ import annotations

import polars as pl

from pipelines.engine.figures import quotient_of, with_rates
from pipelines.engine.indicator import Changes, Frames, Inputs
from pipelines.indicators.listed_use.tables import ESSENTIAL
from pipelines.indicators.listed_use.windows import QUARTERS
from pipelines.lines.listed import entries_change, with_lists
from pipelines.lines.products import products_of

LISTED_NOW = ("key_monitored", "negotiated", "governed_consumable")
"""Lists that are asked on as_of, for the year before as well."""

_UNIT = 10**8


def essential_and_monitored(sums: Frames, inputs: Inputs) -> pl.DataFrame:
    """A row per institution with a line of a drug that is no decoction piece, or of a consumable, this year or in the same days
    of the year before.
    """
    products = inputs.once(products_of).lazy().select("product_code", "kind", "special_category")
    codes = pl.col("institution_code", "product_code").cast(pl.Categorical)
    is_drug = pl.col("kind") == "drug"
    bought = sums["bought"].lazy().with_columns(codes).join(products, on="product_code")
    bought = bought.filter(~is_drug | (pl.col("special_category") != "tcm_decoction"))
    drugs = {
        "drug_fen": pl.col("fen"),
        "drug_products": (pl.col("lines") > 0).cast(pl.Int64),
        "essential_fen": pl.col("essential_fen"),
        "essential_products": (pl.col("essential_lines") > 0).cast(pl.Int64),
        "insured_fen": pl.col("insured_fen"),
        "insured_products": (pl.col("insured_lines") > 0).cast(pl.Int64),
        "monitored_fen": pl.col("fen") * pl.col("is_key_monitored"),
        "negotiated_fen": pl.col("fen") * pl.col("is_negotiated"),
        "other_fen": pl.col("other_fen"),
        "drug_fen_before": pl.col("fen_before"),
        "monitored_fen_before": pl.col("fen_before") * pl.col("is_key_monitored"),
    }
    consumables = {
        "consumable_fen": pl.col("fen"),
        "governed_fen": pl.col("fen") * pl.col("is_governed_consumable"),
        "governed_fen_before": pl.col("fen_before") * pl.col("is_governed_consumable"),
    }
    rows = (
        with_lists(bought, inputs, *LISTED_NOW, day=inputs.as_of)
        .group_by("institution_code")
        .agg(
            **{name: (value * is_drug).sum() for name, value in drugs.items()},
            **{name: (value * ~is_drug).sum() for name, value in consumables.items()},
        )
        .with_columns(pl.col("institution_code").cast(pl.String))
        .join(_resolved(inputs, "monitored_growth_limit"), on="institution_code")
        .collect()
    )
    return with_rates(rows, ESSENTIAL)


def use_surges(sums: Frames, inputs: Inputs) -> pl.DataFrame:
    """A row per generic that cost an institution enough of late and that it used to buy, where it is known long enough."""
    codes = pl.col("institution_code", "generic_code").cast(pl.String)
    enough = pl.col("recent_fen").cast(pl.Int128) * 10**4 >= pl.col("surge_floor").to_physical()
    return (
        sums["watched"]
        .lazy()
        .filter(pl.col("usual_units") > 0)
        .with_columns(codes)
        .join(sums["long_known"].lazy().select(pl.col("institution_code").cast(pl.String)), on="institution_code", how="semi")
        .join(_resolved(inputs, "surge_ratio", "surge_floor"), on="institution_code")
        .filter(enough)
        .collect()
        .with_columns(
            recent_units=quotient_of("recent_units", pl.lit(_UNIT, pl.Int128)),
            usual_units=quotient_of("usual_units", pl.lit(QUARTERS * _UNIT, pl.Int128)),
            ratio=quotient_of(pl.col("recent_units") * QUARTERS, "usual_units"),
        )
    )


def _resolved(inputs: Inputs, parameter: str, *others: str) -> pl.LazyFrame:
    """`jurisdiction_code` of every institution and what is in force there on as_of; `policy_id` is the row of the first."""
    places = inputs.scan("institutions").select("institution_code", "jurisdiction_code").collect()
    divisions = places.select("jurisdiction_code", today=pl.lit(inputs.as_of)).unique()
    for name in (parameter, *others):
        divisions = inputs.with_policy(divisions, name, "today")
    found = divisions.select("jurisdiction_code", parameter, *others, policy_id=f"{parameter}_policy_id")
    return places.join(found, on="jurisdiction_code").lazy()


def aged(rows: pl.LazyFrame, changes: Changes) -> pl.LazyFrame:
    """All of these rows where an entry of a list that is asked on as_of begins or ends between two nights, else none."""
    return rows.filter(pl.lit(entries_change(changes, *LISTED_NOW)))
