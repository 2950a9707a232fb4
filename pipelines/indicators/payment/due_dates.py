"""Due dates: until when accepted goods must be paid, under each due rule, in a division on a day of acceptance (rulebook §5)."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.engine.indicator import Inputs
from pipelines.engine.order import look_up
from pipelines.policy.calendar import working_days

RULES = ("D30", "EONM", "D60")
_PARAMETERS = [
    "payment_days_D30",
    "payment_days_D60",
    "payment_months_EONM",
    "payment_roll_to_working_day",
    "payment_rule_selected",
    "payment_rule_other",
]


def with_terms(rows: pl.DataFrame, inputs: Inputs) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Add `term` to rows with `jurisdiction_code` (categorical) and `accepted_on`; return them and the terms."""
    case = pl.col("jurisdiction_code").to_physical().cast(pl.Int64) * 2**32 + pl.col("accepted_on").to_physical()
    rows = rows.with_columns(case=case)
    cases = rows.select("case", "jurisdiction_code", "accepted_on").unique("case").with_row_index("term")
    terms = _terms(cases.with_columns(pl.col("jurisdiction_code").cast(pl.String)), inputs)
    return look_up(rows, cases.select("case", "term"), ["case"]).drop("case"), terms


def payment_due_on(rows: pl.DataFrame, terms: pl.DataFrame) -> pl.Series:
    """The due date of each row (`term`) by its `applicable_rule`."""
    due = pl.coalesce(pl.when(pl.col("applicable_rule") == rule).then(f"due_{rule}") for rule in RULES)
    return terms[rows["term"]].with_columns(rows["applicable_rule"]).select(due.alias("payment_due_on")).to_series()


def _terms(days: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """What policy says in a division on a day of acceptance: for each rule the due date rolled to a working
    day and the month before rolling; the rules for products selected and for others.
    """
    for parameter in _PARAMETERS:
        days = inputs.with_policy(days, parameter, "accepted_on")
    raw = {
        "D30": pl.col("accepted_on") + pl.duration(days="payment_days_D30"),
        "D60": pl.col("accepted_on") + pl.duration(days="payment_days_D60"),
        "EONM": pl.col("accepted_on").dt.month_start().dt.offset_by(pl.format("{}mo", "payment_months_EONM")).dt.month_end(),
    }
    days = days.with_columns(raw[rule].alias(f"raw_{rule}") for rule in RULES)
    calendar = _calendar(days)
    for rule in RULES:
        due = pl.when("payment_roll_to_working_day").then("next_working_day").otherwise(f"raw_{rule}")
        days = (
            days.join(calendar, left_on=f"raw_{rule}", right_on="day", how="left")
            .with_columns(
                due.alias(f"due_{rule}"),
                pl.col(f"raw_{rule}").dt.strftime("%Y-%m").alias(f"month_{rule}"),
                pl.col("is_provisional").alias(f"is_provisional_{rule}"),
            )
            .drop("next_working_day", "is_provisional", f"raw_{rule}")
        )
    months = [f"month_{rule}" for rule in RULES]
    in_their_order = pl.Enum(pl.concat([days[m] for m in months]).unique().sort())
    return days.with_columns(pl.col(months).cast(in_their_order)).drop(_PARAMETERS[:4]).sort("term")


def _calendar(days: pl.DataFrame) -> pl.DataFrame:
    if days.is_empty():
        return working_days(date(2020, 1, 1), date(2020, 1, 1))
    raw = days.select(
        pl.min_horizontal(f"raw_{r}" for r in RULES).min(), last=pl.max_horizontal(f"raw_{r}" for r in RULES).max()
    )
    return working_days(*raw.row(0))
