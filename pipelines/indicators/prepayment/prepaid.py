"""What was prepaid of a group by which day, and what was due (obligations §15)."""

from __future__ import annotations

import polars as pl

from pipelines.engine.figures import round_half_up
from pipelines.engine.indicator import Inputs
from pipelines.engine.order import look_up
from pipelines.indicators.prepayment.groups import GROUP
from pipelines.policy.calendar import add_working_days


def with_required(groups: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """Add `required_fen`: what was agreed times the rate on the day of signing, half up; null without a rate."""
    rows = inputs.with_policy(groups, "prepayment_rate", "signed_on")
    millionths = pl.col("prepayment_rate").to_physical().cast(pl.Int128)
    return rows.with_columns(required_fen=round_half_up(pl.col("agreed_fen") * millionths, 10**6)).drop("prepayment_rate")


def with_dates(groups: pl.DataFrame, prepayments: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """Add `applied_on`, until when to apply (`apply_due_on`) and to pay (`pay_due_on`), whether a due date `is_provisional`, and
    `settle_due_on`, until when an ended group is to be settled; each null where something that it hangs on is.
    """
    given = prepayments.filter(pl.col("amount_fen") > 0)
    applied = given.group_by(GROUP).agg(applied_on=pl.coalesce(pl.col("applied_on").min(), pl.col("paid_on").min()))
    rows = look_up(groups, applied, GROUP).with_columns(today=pl.lit(inputs.as_of))
    for name, since, known_on in (
        ("apply", "signed_on", "signed_on"),
        ("pay", "applied_on", "applied_on"),
        ("settle", "period_end", "today"),
    ):
        rows = inputs.with_policy(rows, f"prepayment_{name}_days", known_on)
        rows = add_working_days(rows, f"{name}_due_on", since, f"prepayment_{name}_days").drop(f"prepayment_{name}_days")
    is_provisional = [f"{name}_due_on_is_provisional" for name in ("apply", "pay", "settle")]
    return rows.with_columns(is_provisional=pl.any_horizontal(is_provisional[:2])).drop(*is_provisional, "today")


def with_paid(groups: pl.DataFrame, prepayments: pl.DataFrame) -> pl.DataFrame:
    """Add `prepaid_fen`, what stands at as_of; `paid_in_fen`, the most that ever stood at the end of a day, at least 0; and
    `on_time_fen`, the same up to pay_due_on (at as_of without one). What is taken back later undoes no payment in time.
    """
    days = (
        prepayments.filter(pl.col("paid_on").is_not_null())
        .group_by(*GROUP, "paid_on")
        .agg(pl.col("amount_fen").sum())
        .sort(*GROUP, "paid_on")
        .with_columns(stands=pl.col("amount_fen").cum_sum().over(GROUP))
    )
    is_on_time = pl.col("paid_on") <= pl.coalesce("pay_due_on", pl.col("paid_on"))
    paid = (
        look_up(days, groups.select(*GROUP, "pay_due_on"), GROUP)
        .group_by(GROUP)
        .agg(
            prepaid_fen=pl.col("amount_fen").sum(),
            paid_in_fen=pl.col("stands").max(),
            on_time_fen=pl.col("stands").filter(is_on_time).max(),
        )
    )
    found = look_up(groups, paid, GROUP).with_columns(pl.col("prepaid_fen", "paid_in_fen", "on_time_fen").fill_null(0))
    return found.with_columns(pl.max_horizontal(c, 0).alias(c) for c in ("paid_in_fen", "on_time_fen"))


def with_balance(groups: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """Add what purchases have earned of what stands (`offset_fen`; all of it once the last commitment has ended), the rest
    (`balance_fen`), what nothing was bought for by the end (`unearned_fen`), and `bought_fen`: purchases up to what was agreed,
    which is progress times agreed.
    """
    stands = pl.max_horizontal("prepaid_fen", 0).cast(pl.Int128)
    bought, agreed = pl.min_horizontal("purchase_fen", "agreed_fen"), pl.max_horizontal("agreed_fen", 1)
    has_ended = (pl.col("period_end") < inputs.as_of).fill_null(False)
    offset = pl.when(has_ended).then(stands.cast(pl.Int64)).otherwise(round_half_up(stands * bought, agreed))
    unearned = pl.when(has_ended).then(round_half_up(stands * (agreed - bought), agreed)).otherwise(0)
    return groups.with_columns(bought_fen=bought, offset_fen=offset, unearned_fen=unearned).with_columns(
        balance_fen=pl.max_horizontal("prepaid_fen", 0) - pl.col("offset_fen")
    )


def with_excuse(groups: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """Add `excuse_id`, the lowest prepayment excuse of the institution, for this lot or for all, that holds."""
    excuses = (
        inputs.scan("excuses")
        .filter((pl.col("kind") == "prepayment") & (pl.col("valid_from") <= inputs.as_of))
        .select("institution_code", "excuse_id", "valid_to", of_lot="lot_code")
        .collect()
    )
    is_meant = (pl.col("of_lot").is_null() | (pl.col("of_lot") == pl.col("lot_code"))) & (
        pl.col("valid_to").is_null() | (pl.col("pay_due_on") <= pl.col("valid_to")).fill_null(False)
    )
    held = groups.select(*GROUP, "pay_due_on").join(excuses, on="institution_code").filter(is_meant)
    return look_up(groups, held.group_by(GROUP).agg(pl.col("excuse_id").min()), GROUP)


def status(inputs: Inputs) -> pl.Expr:
    """The first that applies."""
    as_of = pl.lit(inputs.as_of)
    return (
        pl.when(~pl.col("has_commitment"))
        .then(pl.lit("no_commitment"))
        .when((pl.col("agreed_fen") == 0) & pl.col("lacks_price"))
        .then(pl.lit("no_price"))
        .when(pl.col("agreed_fen") == 0)
        .then(pl.lit("cancelled"))
        .when(pl.col("required_fen").is_null())
        .then(pl.lit("no_rule"))
        .when(pl.col("on_time_fen") >= pl.col("required_fen"))
        .then(pl.lit("paid"))
        .when(pl.col("paid_in_fen") >= pl.col("required_fen"))
        .then(pl.lit("paid_late"))
        .when(pl.col("applied_on").is_null() & (as_of > pl.col("apply_due_on")).fill_null(False))
        .then(pl.lit("not_applied"))
        .when(~(as_of > pl.col("pay_due_on")).fill_null(False))
        .then(pl.lit("not_due"))
        .when(pl.col("paid_in_fen") > 0)
        .then(pl.lit("partly_paid"))
        .otherwise(pl.lit("unpaid"))
    )
