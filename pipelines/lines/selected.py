"""What is selected where: selections of lots that hold for the nation, a province, a city or a county (obligations §12)."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.engine.figures import scaled
from pipelines.engine.indicator import Inputs


def scopes_of(inputs: Inputs) -> pl.DataFrame:
    """The scope of every institution among the lots' jurisdictions (`institutions_in`): where two have the same, the same is
    selected.
    """
    return institutions_in(inputs, lot_prefixes(inputs).select("prefix").unique())


def selections_of(inputs: Inputs) -> pl.DataFrame:
    """The selections that hold in each scope. Out: `scope`, `lot_code`, `item_code`, `product_code` (categorical), `since`
    and `until`, both included; an open one ends with time.
    """
    scopes = inputs.once(scopes_of).select(pl.col("scope").cast(pl.String)).unique()
    return selections_in(inputs, scopes).drop("price")


def selections_in(inputs: Inputs, scopes: pl.DataFrame) -> pl.DataFrame:
    """The selections that hold in each of these scopes (`scope`), as `selections_of` has them, and `price` (10⁻⁴ yuan)."""
    codes = ["lot_code", "item_code", "product_code"]
    selections = inputs.scan("selections").select(
        *codes, since="valid_from", until=pl.col("valid_to").fill_null(date.max), price=scaled("selected_price").cast(pl.Int64)
    )
    placed = selections.collect().join(lot_prefixes(inputs), on="lot_code", how="left")
    held = within(placed.with_columns(pl.col("prefix").fill_null("")), scopes)
    return held.select(pl.col("scope", *codes).cast(pl.Categorical), "since", "until", "price")


def institutions_in(inputs: Inputs, prefixes: pl.DataFrame) -> pl.DataFrame:
    """The scope of every institution: the longest of these prefixes (`prefix`, each once) that its own division begins with,
    `''` for the nation. Out: `institution_code`, `scope` (categorical).
    """
    places = inputs.scan("institutions").select("institution_code", "jurisdiction_code").collect()
    scopes = (
        places.select("jurisdiction_code")
        .unique()
        .join(prefixes.rename({"prefix": "scope"}), how="cross")
        .filter(pl.col("jurisdiction_code").str.starts_with(pl.col("scope")))
        .group_by("jurisdiction_code")
        .agg(pl.col("scope").sort_by(pl.col("scope").str.len_bytes()).last())
    )
    found = places.join(scopes, on="jurisdiction_code", how="left").with_columns(pl.col("scope").fill_null(""))
    return found.select(pl.col("institution_code", "scope").cast(pl.Categorical))


def within(spans: pl.DataFrame, scopes: pl.DataFrame) -> pl.DataFrame:
    """Spans (`prefix`, `since`, `until`, …) once for each `scope` that they hold in: one that begins with their prefix."""
    held = scopes.join(spans, how="cross")
    return held.filter(pl.col("scope").str.starts_with(pl.col("prefix")), pl.col("since") <= pl.col("until"))


def lot_prefixes(inputs: Inputs) -> pl.DataFrame:
    """Where lots hold: `lot_code`, `prefix`, `''` for the nation."""
    return inputs.scan("lots").select("lot_code", prefix=pl.col("jurisdiction_code").fill_null("")).collect()
