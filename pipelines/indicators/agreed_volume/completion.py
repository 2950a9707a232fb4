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
    rows = look_up(rows, _thresholds(rows, inputs), ["jurisdiction_code"])
    units = {"agreed_fen": pl.col("agreed"), "net_fen": net, "capped_fen": pl.min_horizontal("net", "agreed")}
    return with_value(rows.with_columns(status=_status(inputs.as_of)), units, inputs)


def days_whole() -> pl.Expr:
    """The days of the period, first and last included."""
    return (pl.col("period_end") - pl.col("period_start")).dt.total_days() + 1


def days_passed(as_of: date) -> pl.Expr:
    """The days of the period up to as_of, which is included; 0 before it began."""
    last = pl.min_horizontal(pl.lit(as_of), "period_end")
    return pl.max_horizontal((last - pl.col("period_start")).dt.total_days() + 1, 0)


def _thresholds(rows: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    places = rows.select("jurisdiction_code").unique()
    asked = places.with_columns(pl.col("jurisdiction_code").cast(pl.String), today=pl.lit(inputs.as_of))
    found = inputs.with_policy(asked, "seriously_behind_ratio", "today").drop("today")
    return found.with_columns(
        pl.col("jurisdiction_code", "seriously_behind_ratio_policy_id").cast(pl.Categorical),
        threshold=(pl.col("seriously_behind_ratio") * 10**6).cast(pl.Int128),
    ).drop("seriously_behind_ratio")


def _status(as_of: date) -> pl.Expr:
    """The first that applies."""
    net, agreed = pl.col("net"), pl.col("agreed")
    done, due = net * days_whole(), agreed * days_passed(as_of)
    base = agreed - pl.col("excused")  # below 0 where more came back than came: the rate is a quotient like any
    excused = (pl.col("excused") > 0) & ((base == 0) | (pl.when(base > 0).then(net >= base).otherwise(net <= base)))
    return (
        pl.when(agreed <= 0)
        .then(pl.lit("cancelled"))
        .when(pl.col("period_start") > as_of)
        .then(pl.lit("not_started"))
        .when(net >= agreed)
        .then(pl.lit("completed"))
        .when(pl.col("has_ended") & excused)
        .then(pl.lit("excused"))
        .when("has_ended")
        .then(pl.lit("failed"))
        .when(done >= due)
        .then(pl.lit("on_track"))
        .when(done < _threshold_of(due))
        .then(pl.lit("seriously_behind"))
        .otherwise(pl.lit("behind"))
    )


def _threshold_of(due: pl.Expr) -> pl.Expr:
    """The least whole number that is not below threshold × due: of a due that fills 128 bits, no product is taken."""
    millions, rest, per_million = due // 10**6, due % 10**6, pl.col("threshold")
    return per_million * millions + (per_million * rest + 10**6 - 1) // 10**6
