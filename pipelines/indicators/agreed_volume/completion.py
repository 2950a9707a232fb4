"""Completion: how far a commitment has come by as_of, what that is worth, and its status (rulebook §4)."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.engine.indicator import Inputs
from pipelines.engine.order import look_up
from pipelines.indicators.agreed_volume.valuation import with_value


def judge(rows: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """Add `net`, `excused` (at most the shortfall), exact comparisons and `status` at as_of, its value in fen,
    and the policy row of the jurisdiction.

    In: commitments with `agreed`, `approved`, `received`, `returned` in minimum units (10⁻¹²). Fen are null
    where nothing was selected on period_start.
    """
    net = pl.col("received") - pl.col("returned")
    shortfall = pl.max_horizontal(pl.lit(0, pl.Int128), pl.col("agreed") - net)
    rows = rows.with_columns(
        net=net, excused=pl.min_horizontal(shortfall, "approved"), has_ended=pl.col("period_end") < inputs.as_of
    )
    rows = look_up(rows, thresholds(rows, "seriously_behind_ratio", inputs), ["jurisdiction_code"])
    units = {"agreed_fen": pl.col("agreed"), "net_fen": net, "capped_fen": pl.min_horizontal("net", "agreed")}
    status = (
        pl.when(pl.col("agreed") <= 0)
        .then(pl.lit("cancelled"))
        .when(pl.col("period_start") > inputs.as_of)
        .then(pl.lit("not_started"))
        .otherwise(floor_status(inputs.as_of))
    )
    return with_value(rows.with_columns(status=status), units, inputs)


def days_whole() -> pl.Expr:
    """The days of the period, first and last included."""
    return (pl.col("period_end") - pl.col("period_start")).dt.total_days() + 1


def days_passed(as_of: date) -> pl.Expr:
    """The days of the period up to as_of, which is included; 0 before it began."""
    last = pl.min_horizontal(pl.lit(as_of), "period_end")
    return pl.max_horizontal((last - pl.col("period_start")).dt.total_days() + 1, 0)


def thresholds(rows: pl.DataFrame, ratio: str, inputs: Inputs) -> pl.DataFrame:
    """The policy row of a ratio of time progress at as_of, by `jurisdiction_code` (categorical): `<ratio>_policy_id`, and
    `threshold`, its millionths.
    """
    places = rows.select("jurisdiction_code").unique()
    asked = places.with_columns(pl.col("jurisdiction_code").cast(pl.String), today=pl.lit(inputs.as_of))
    found = inputs.with_policy(asked, ratio, "today").drop("today")
    return found.with_columns(
        pl.col("jurisdiction_code", f"{ratio}_policy_id").cast(pl.Categorical),
        threshold=(pl.col(ratio) * 10**6).cast(pl.Int128),
    ).drop(ratio)


def floor_status(as_of: date) -> pl.Expr:
    """How far a commitment that began has come towards what was agreed at least, the first that applies.

    In: `net`, `agreed`, `excused`, `has_ended`, `threshold` and the period.
    """
    net, agreed = pl.col("net"), pl.col("agreed")
    done, due = net * days_whole(), agreed * days_passed(as_of)
    base = agreed - pl.col("excused")  # below 0 where more came back than came: the rate is a quotient like any
    excused = (pl.col("excused") > 0) & ((base == 0) | (pl.when(base > 0).then(net >= base).otherwise(net <= base)))
    return (
        pl.when(net >= agreed)
        .then(pl.lit("completed"))
        .when(pl.col("has_ended") & excused)
        .then(pl.lit("excused"))
        .when("has_ended")
        .then(pl.lit("failed"))
        .when(done >= due)
        .then(pl.lit("on_track"))
        .when(done < threshold_of(due))
        .then(pl.lit("seriously_behind"))
        .otherwise(pl.lit("behind"))
    )


def threshold_of(due: pl.Expr, *, or_less: bool = False) -> pl.Expr:
    """The least whole number that is not below threshold × due, or the greatest that is not above it: of a due that fills
    128 bits, no product is taken.
    """
    millions, rest, per_million = due // 10**6, due % 10**6, pl.col("threshold")
    return per_million * millions + (per_million * rest + (0 if or_less else 10**6 - 1)) // 10**6
