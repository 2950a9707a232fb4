"""Who has a commitment of which generic and route: the institution itself, or the head of its family (obligations §16)."""

from __future__ import annotations

import polars as pl

from pipelines.engine.indicator import Changes, Frames, Inputs, Link, Stage
from pipelines.lines.commitments import commitments_of
from pipelines.lines.families import counted_for
from pipelines.lines.products import GENERIC, products_of
from pipelines.lines.selected import scopes_of, selections_of
from pipelines.lines.windows import year_to_date

_ITEM = ["lot_code", "item_code"]


def evidence(inputs: Inputs) -> Frames:
    """`committed`: commitments of any target and direction, not cancelled, whose period meets the year up to as_of: once for each
    institution that they count for, and each generic and route of which something is selected, where that is, for their lot
    and item on a day of their period.
    """
    first, last = year_to_date(inputs.as_of)
    codes = pl.col("institution_code", *_ITEM).cast(pl.Categorical)
    running = (
        commitments_of(inputs)
        .filter(~pl.col("is_cancelled"), pl.col("period_start") <= last, pl.col("period_end") >= first)
        .select("commitment_id", codes, "period_start", "period_end", "_file", "_sheet", "_line")
        .rename({"institution_code": "committed_code"})
    )
    generics = inputs.once(products_of).select("product_code", *GENERIC)
    selected = inputs.once(selections_of).join(generics, on="product_code").drop("product_code")
    placed = running.join(counted_for(inputs).lazy(), on="committed_code").join(
        inputs.once(scopes_of).lazy(), on="institution_code"
    )
    found = (
        placed.collect()  # left to itself, the optimizer joins every institution with every selection of its place first
        .lazy()
        .join(selected.unique().lazy(), on=["scope", *_ITEM])
        .filter(pl.col("since") <= pl.col("period_end"), pl.col("until") >= pl.col("period_start"))
        .drop("scope", "since", "until")
        .unique(["commitment_id", "institution_code", *GENERIC])
    )
    return {"committed": found}


def sums(evidence: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """`committed`: by commitment, institution, generic and route."""
    key = ("commitment_id", "institution_code", *GENERIC)
    return {"committed": evidence["committed"].lazy().select(*key, rows=pl.lit(1, pl.Int64)).collect()}


def _another_year(changes: Changes) -> pl.DataFrame:
    """Of another year other commitments are: all are looked at again."""
    first, last = changes.days
    ids = changes.now.scan("commitments").select("commitment_id")
    return ids.filter(pl.lit(first.year != last.year)).collect()


COMMITTED = Stage(
    unit=("commitment_id",),
    evidence=evidence,
    sums=sums,
    links={"commitments": Link(day="period_start"), "commitment_adjustments": Link(day="effective_on")},
    wakes=_another_year,
    yields=("committed",),
    anew=("committed",),
)
