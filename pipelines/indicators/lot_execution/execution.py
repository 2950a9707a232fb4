"""Where each agreed product stands at as_of, and what was bought instead of it (obligations §32)."""

from __future__ import annotations

import polars as pl

from pipelines.engine.indicator import Frames, Inputs
from pipelines.indicators.lot_execution.asked import COMMITMENTS, GROUP, generic_products, generics_of, substitutes_of
from pipelines.lines.products import GENERIC
from pipelines.lines.selected import scopes_of, selections_of

_ID = "commitment_id"
STATES = ("zero_products", "over_products", "below_products", "normal_products")


def evidence(inputs: Inputs) -> Frames:
    """`agreed`: a row per agreed product, with what it counts as (0 or 1), and units (10⁻⁸) and fen of the selected and the
    non-selected drugs of its generics; `products`: a row per lot and product, non-selected or substitutable.
    """
    commitments = _begun(inputs)
    generics = generics_of(commitments.lazy(), inputs, until="last_day").unique().collect()
    substitutes = substitutes_of(commitments.lazy(), inputs).collect()
    bought = inputs.scan("bought").collect()
    own = bought.join(generic_products(inputs), on="product_code").join(generics, on=[_ID, *GENERIC], how="semi")
    return {"agreed": _judge(commitments, own), "products": _products(commitments, generics, substitutes, own, bought, inputs)}


def _begun(inputs: Inputs) -> pl.DataFrame:
    """The commitments that have begun and are not cancelled, with the `last_day` that counts, and days gone and whole."""
    begun = inputs.scan(COMMITMENTS).filter((pl.col("period_start") <= inputs.as_of) & (pl.col("status") != "cancelled"))
    days = (pl.col("last_day") - pl.col("period_start")).dt.total_days() + 1
    whole = (pl.col("period_end") - pl.col("period_start")).dt.total_days() + 1
    return (
        begun.select(_ID, *GROUP, "jurisdiction_code", "item_code", "product_code", "period_end", "agreed", "net")
        .with_columns(last_day=pl.min_horizontal("period_end", pl.lit(inputs.as_of)))
        .with_columns(days_gone=days, days_whole=whole)
        .collect()
    )


def _judge(commitments: pl.DataFrame, own: pl.DataFrame) -> pl.DataFrame:
    """The state of each agreed product, the first that applies, and its W and N."""
    of_use = [
        pl.col(measure).filter(pl.col("use") == use).sum().alias(f"{use}_{measure}")
        for use in ("selected", "non_selected")
        for measure in ("units", "value_fen")
    ]
    used = own.group_by(_ID).agg(of_use)
    is_behind = pl.col("net") * pl.col("days_whole") < pl.col("agreed") * pl.col("days_gone")
    state = (
        pl.when(pl.col("net") <= 0)
        .then(pl.lit("zero_products"))
        .when(pl.col("net") > pl.col("agreed"))
        .then(pl.lit("over_products"))
        .when(is_behind)
        .then(pl.lit("below_products"))
        .otherwise(pl.lit("normal_products"))
    )
    over = {
        "non_selected_over_quantity": pl.col("non_selected_units") > pl.col("selected_units"),
        "non_selected_over_amount": pl.col("non_selected_value_fen") > pl.col("selected_value_fen"),
    }
    rows = commitments.join(used, on=_ID, how="left").with_columns(
        pl.col("^(non_)?selected_(units|value_fen)$").fill_null(0), state=state
    )
    return rows.with_columns(
        *((pl.col("state") == name).cast(pl.Int64).alias(name) for name in STATES),
        *(is_over.cast(pl.Int64).alias(name) for name, is_over in over.items()),
        agreed_products=pl.lit(1, pl.Int64),
    ).with_columns(below_and_over=pl.col("non_selected_over_quantity") * (pl.col("zero_products") + pl.col("below_products")))


def _products(
    commitments: pl.DataFrame,
    generics: pl.DataFrame,
    substitutes: pl.DataFrame,
    own: pl.DataFrame,
    bought: pl.DataFrame,
    inputs: Inputs,
) -> pl.DataFrame:
    """Products beside the agreed ones, each once for an institution, lot and period: 0 or 1 in each column."""
    groups = commitments.select(_ID, *GROUP)
    found = {
        "non_selected_products": _not_selected(commitments, generics, inputs),
        "non_selected_bought": own.filter(pl.col("use") == "non_selected"),
        "substitutable_products": substitutes.join(groups, on=[_ID, "institution_code"]),
        "substitutable_bought": bought.join(substitutes, on=[_ID, "product_code"], how="semi"),
    }
    rows = [rows.select(*GROUP, "product_code", what=pl.lit(name)).unique() for name, rows in found.items()]
    counts = ((pl.col("what") == name).any().cast(pl.Int64).alias(name) for name in found)
    return pl.concat(rows).group_by(*GROUP, "product_code").agg(counts)


def _not_selected(commitments: pl.DataFrame, generics: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """Drugs of the generics of commitments that are not selected where the institution is on the last day of one of them."""
    scopes = inputs.once(scopes_of).cast(pl.String)
    cases = (
        generics.join(commitments.select(_ID, *GROUP, "last_day"), on=[_ID, "institution_code"])
        .drop(_ID)
        .unique()
        .join(scopes, on="institution_code")
    )
    asked = cases.select("scope", *GENERIC, "last_day").unique().join(generic_products(inputs, kind="drug"), on=GENERIC)
    held = inputs.once(selections_of).select(pl.col("scope", "product_code").cast(pl.String), "since", "until")
    selected = asked.join(held, on=["scope", "product_code"]).filter(pl.col("last_day").is_between("since", "until"))
    left = asked.join(selected, on=["scope", "product_code", "last_day"], how="anti")
    return cases.join(left, on=["scope", *GENERIC, "last_day"])


def sums(evidence: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """`lots`: by institution, lot and first day, days and the counts of the table."""
    counts = (*STATES, "agreed_products", "non_selected_over_quantity", "non_selected_over_amount", "below_and_over")
    agreed = (
        evidence["agreed"]
        .lazy()
        .group_by(*GROUP, "jurisdiction_code")
        .agg(pl.col("period_end").max(), pl.col("days_gone", "days_whole", *counts).sum(), rows=pl.len().cast(pl.Int64))
    )
    beside = evidence["products"].lazy().group_by(GROUP).agg(pl.col(pl.Int64).sum())
    whole = agreed.join(beside, on=GROUP, how="left").with_columns(pl.col(pl.Int64).fill_null(0))
    return {"lots": whole.sort(GROUP).collect()}
