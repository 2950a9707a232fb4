"""Arrears: what is unpaid of the goods accepted in a month, by how long ago they were accepted; and one by one (obligations §33).

From one as_of to the next everything accepted grows older, and hardly anything is paid: totals hold what is unpaid by day of
acceptance, and how old it is, is told only as rows are made.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.engine.indicator import Changes, Frames
from pipelines.indicators.payment.payables import PARTY, names_of

MONTH = (*PARTY, "month")
PAYABLE_KEY = ("institution_code", "delivery_id")
STEPS = (30, 60, 90, 180)
"""More than so many days since acceptance: fixed by the obligation, no policy."""
_MANY = 2**16
"""More than there are days, or months."""


def totals(payables: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """`accepted`: payables by institution, supplier and month of acceptance; `unpaid_days`: what is unpaid of them, by day.

    In: a row per payable with `party`, its codes, `accepted_on`, `amount`, `paid_fen` and `rows`. Groups are one packed
    number: strings cost ten times as much.
    """
    party, day = pl.col("party").cast(pl.Int64) * _MANY, pl.col("accepted_on")
    month = day.dt.year().cast(pl.Int64) * 12 + day.dt.month() - 1
    first_of_month = pl.date(pl.col("at") // 12, pl.col("at") % 12 + 1, 1)
    names = names_of(payables)
    accepted = payables.lazy().group_by(cell=party + month).agg(pl.sum("amount", "paid_fen", "rows"))
    unpaid = (
        payables.lazy()
        .filter(pl.col("paid_fen") < pl.col("amount"))
        .group_by(cell=party + day.to_physical())
        .agg(pl.first("accepted_on"), unpaid_fen=pl.sum("amount") - pl.sum("paid_fen"), rows=pl.sum("rows"))
    )
    by_month, by_day = (rows.with_columns(at=pl.col("cell") % _MANY).collect() for rows in (accepted, unpaid))
    months = by_month.select(first_of_month.dt.strftime("%Y-%m").alias("month"), "amount", "paid_fen", "rows")
    days = by_day.select(day.dt.strftime("%Y-%m").alias("month"), "accepted_on", "unpaid_fen", "rows")
    return {
        "accepted": names[by_month["cell"] // _MANY].hstack(months),
        "unpaid_days": names[by_day["cell"] // _MANY].drop("jurisdiction_code").hstack(days),
    }


def find_ageing(unpaid: pl.LazyFrame, changes: Changes) -> pl.LazyFrame:
    """The `unpaid_days` that are more than so many days ago on one of the two dates, and not on the other."""
    first, last = changes.days
    last_day = (pl.col("accepted_on") + pl.duration(days=step) for step in STEPS)
    return unpaid.filter(pl.any_horizontal(day.is_between(first, last, closed="left") for day in last_day))


def by_month(sums: Frames, as_of: date) -> pl.LazyFrame:
    """`payment_arrears`."""
    days = (pl.lit(as_of) - pl.col("accepted_on")).dt.total_days()
    over = {f"unpaid_over_{step}_fen": pl.col("unpaid_fen").filter(days > step).sum() for step in STEPS}
    unpaid = sums["unpaid_days"].lazy().group_by(MONTH).agg(pl.col("unpaid_fen").sum(), **over)
    return (
        sums["accepted"]
        .lazy()
        .join(unpaid, on=MONTH, how="left")
        .with_columns(pl.col("unpaid_fen", *over).fill_null(0), payables="rows", accepted_fen="amount")
    )


def by_payable(sums: Frames) -> pl.LazyFrame:
    """`payment_unpaid`."""
    return sums["unpaid"].lazy().with_columns(due_rule="applicable_rule", amount_fen="amount", unpaid_fen="unpaid")
