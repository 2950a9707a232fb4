"""Payables that are not the same on two days, because they are due or in another band of age (rulebook §5)."""

from __future__ import annotations

import polars as pl

from pipelines.engine.indicator import Changes
from pipelines.indicators.payment.dues import BANDS
from pipelines.indicators.payment.payables import RULES, with_terms


def find_aged(changes: Changes) -> pl.DataFrame:
    """The numbers of the invoices (`invoice_no`) of payables that come due between the two days, and of unpaid ones that
    pass into another band of age. In: `deliveries`, and the sums kept as `owed` with what is `unpaid`.
    """
    first, last = changes.days
    if first == last:
        return pl.DataFrame(schema={"invoice_no": pl.String})
    case = ["jurisdiction_code", "accepted_on"]
    places = changes.now.scan("institutions").select("institution_code", "jurisdiction_code")
    received = (pl.col("accepted_on") <= last) & ~pl.col("is_gift")
    deliveries = changes.now.scan("deliveries").filter(received).join(places, on="institution_code")
    cases = _find_moving(deliveries.select(case).unique().collect(), changes)
    matures, ages = (cases.lazy().filter(which).select(case) for which in ("matures", "ages"))
    days = cases.filter("matures")["accepted_on"].unique()
    matured = deliveries.filter(pl.col("accepted_on").is_in(days.implode())).join(
        matures, on=case, how="semi"
    )
    aged = changes.kept["owed"].filter(pl.col("unpaid") > 0).join(ages, on=case, how="semi")
    return pl.concat(pl.collect_all([rows.select("invoice_no") for rows in (matured, aged)]))


def _find_moving(cases: pl.DataFrame, changes: Changes) -> pl.DataFrame:
    """Of cases (`jurisdiction_code`, `accepted_on`) whose payables come due (`matures`) or, unpaid, grow older (`ages`)
    between the two days.
    """
    first, last = changes.days
    rows, terms = with_terms(
        cases.with_columns(pl.col("jurisdiction_code").cast(pl.Categorical)), changes.now
    )
    matures, ages = [], []
    for rule in RULES:
        due = pl.col(f"due_{rule}")
        matures.append((due > first) & (due <= last))
        ages += [
            (due + pl.duration(days=days)).is_between(first, last, closed="left")
            for days in BANDS.values()
            if days is not None
        ]
    moved = terms.select(matures=pl.any_horizontal(matures), ages=pl.any_horizontal(ages))[rows["term"]]
    return cases.hstack(moved)
