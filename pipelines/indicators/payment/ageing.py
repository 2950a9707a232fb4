"""Dues: what each payable contributes to a report row under a due rule, paid in time, late or not at all
(rulebook §5).
"""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.engine.order import look_up
from pipelines.indicators.payment.due_dates import RULES
from pipelines.indicators.payment.payables import PARTY

BANDS = {"0_30": 30, "31_60": 60, "61_90": 90, "91_180": 180, "over_180": None}
"""The last day of each age."""

_NOT_DUE = len(BANDS)
PAID = ("paid_fen", "paid_fen_days", "paid_within_30_fen", "paid_31_60_fen", "paid_over_60_fen")
COUNTED = ("amount", "on_time", "excused_lack", "is_on_time", "rows", *PAID)
"""What is counted of a payable under a rule; all the amounts of the report are made of it."""


def with_paid(payables: pl.DataFrame, payments: pl.DataFrame, allocations: pl.DataFrame, terms: pl.DataFrame) -> pl.DataFrame:
    """Add what was paid towards each payable, by its age, and in time for each rule (`on_time_<rule>`), in fen."""
    met = payables.select("accepted_on", "term")[allocations["due"]]
    pieces = allocations.select(
        "due",
        "amount",
        paid_on=payments["paid_on"].gather(allocations["pay"]),
        accepted_on=met["accepted_on"],
        **{f"due_{r}": terms[f"due_{r}"].gather(met["term"]) for r in RULES},
    ).lazy()
    amount, days = pl.col("amount"), (pl.col("paid_on") - pl.col("accepted_on")).dt.total_days()
    counted = {
        "paid_fen": amount,
        "paid_fen_days": amount * days.clip(lower_bound=0),
        "paid_within_30_fen": amount * (days <= 30),
        "paid_31_60_fen": amount * days.is_between(31, 60),
        "paid_over_60_fen": amount * (days > 60),
        **{f"on_time_{r}": amount * (pl.col("paid_on") <= pl.col(f"due_{r}")) for r in RULES},
    }
    paid = pieces.select("due", **counted).group_by("due").agg(pl.all().sum()).collect()
    return payables.with_columns(look_up(payables.select("due"), paid, ["due"]).drop("due").fill_null(0))


def under_rule(paid: pl.DataFrame, terms: pl.DataFrame, rule: str, as_of: date) -> pl.LazyFrame:
    """Each payable under one rule: `due_month`, `due_on`, `is_provisional`, `age` (how long overdue, as a
    class; or not due), and what is counted of it.
    """
    due = pl.col("due_on")
    days = (pl.lit(as_of) - due).dt.total_days()
    age = pl.sum_horizontal(pl.lit(0), *(days > last for last in BANDS.values() if last is not None))
    facts = (
        terms.lazy()
        .select("term", due_month=f"month_{rule}", due_on=f"due_{rule}", is_provisional=f"is_provisional_{rule}")
        .with_columns(age=pl.when(due <= as_of).then(age).otherwise(_NOT_DUE).cast(pl.Int64))
    )
    on_time = pl.col(f"on_time_{rule}")
    return (
        paid.lazy()
        .with_columns(
            on_time=on_time,
            excused_lack=(pl.col("amount") - on_time) * pl.col("excuse_id").is_not_null(),
            is_on_time=(on_time == pl.col("amount")).cast(pl.Int64),
            rows=pl.lit(1, pl.Int64),
        )
        .join(facts, on="term")
    )


def dues(paid: pl.DataFrame, terms: pl.DataFrame, as_of: date) -> pl.LazyFrame:
    """One row per payable and due rule, also the one that applies (`applicable`), with every amount of the
    report.
    """
    rules = [under_rule(paid, terms, rule, as_of).with_columns(due_rule=pl.lit(rule)) for rule in RULES]
    every = pl.concat(rules)
    applicable = every.filter(pl.col("due_rule") == pl.col("applicable_rule").cast(pl.String))
    both = pl.concat([every, applicable.with_columns(due_rule=pl.lit("applicable"))])
    return both.select(
        "due_rule",
        "due",
        pl.col(*PARTY, "jurisdiction_code", "due_month").cast(pl.String),
        "delivery_id",
        "due_on",
        "is_provisional",
        "excuse_id",
        **amounts(),
    )


def amounts() -> dict[str, pl.Expr]:
    """The amounts of the report, from what is counted of payables of one `age`."""
    is_due = pl.col("age") != _NOT_DUE
    overdue = (pl.col("amount") - pl.col("paid_fen")) * is_due
    return {
        "matured_fen": pl.col("amount") * is_due,
        "on_time_fen": pl.col("on_time") * is_due,
        "late_paid_fen": (pl.col("paid_fen") - pl.col("on_time")) * is_due,
        "overdue_fen": overdue,
        "not_due_fen": pl.col("amount") * ~is_due,
        "matured_count": pl.col("rows") * is_due,
        "on_time_count": pl.col("is_on_time") * is_due,
        "excused_fen": pl.col("excused_lack") * is_due,
        **{name: pl.col(name) for name in PAID},
        **{f"overdue_{band}_fen": overdue * (pl.col("age") == n) for n, band in enumerate(BANDS)},
    }
