"""Payables that are not the same on two days, because they are due or in another band of age (rulebook §5)."""

from __future__ import annotations

from typing import Literal

import polars as pl

from pipelines.engine.indicator import Changes
from pipelines.indicators.payment.ageing import BANDS
from pipelines.indicators.payment.due_dates import RULES, with_terms

_CASE = ["jurisdiction_code", "accepted_on"]


def find_moving(payables: pl.LazyFrame, changes: Changes, how: Literal["matures", "ages"]) -> pl.LazyFrame:
    """Those of the payables (`jurisdiction_code`, `accepted_on`) that come due between the two days, or pass into another
    band of age.
    """
    first, last = changes.days
    cases = payables.select(pl.col("jurisdiction_code").cast(pl.Categorical), "accepted_on").unique().collect()
    rows, terms = with_terms(cases, changes.now)
    moves = []
    for rule in RULES:
        due = pl.col(f"due_{rule}")
        if how == "matures":
            moves.append((due > first) & (due <= last))
        else:
            moves += [
                (due + pl.duration(days=days)).is_between(first, last, closed="left")
                for days in BANDS.values()
                if days is not None
            ]
    moved = terms.select(moves=pl.any_horizontal(moves))[rows["term"]]
    found = cases.hstack(moved).filter("moves").select(pl.col(_CASE[0]).cast(pl.String), _CASE[1])
    days = found["accepted_on"].unique()
    return payables.filter(pl.col("accepted_on").is_in(days.implode())).join(found.lazy(), on=_CASE, how="semi")
