"""How a budget, cap or band stands at as_of: what is excused, and its status (obligations §13)."""

from __future__ import annotations

import polars as pl

from pipelines.engine.indicator import Inputs
from pipelines.engine.order import look_up
from pipelines.indicators.agreed_volume.completion import days_passed, days_whole, floor_status, threshold_of, thresholds


def judge(rows: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """Add `limit` (null of floors), `excused`, `excused_base` (what net is divided by once it is taken off or added), `status`
    at as_of, and `policy_id`.

    In: commitments with `agreed`, `agreed_max`, `approved`, `net` in minimum units (10⁻¹²), or in fen; `has_products`.
    """
    is_cap = pl.col("direction") == "cap"
    rows = rows.with_columns(
        limit=pl.when(is_cap).then("agreed").otherwise("agreed_max"), has_ended=pl.col("period_end") < inputs.as_of
    )
    is_above = (pl.col("net") > pl.col("limit")).fill_null(False)
    excess, shortfall = (pl.max_horizontal(pl.lit(0, pl.Int128), pl.col(a) - pl.col(b)) for a, b in _APART)
    excused = pl.min_horizontal(pl.when(is_cap | is_above).then(excess).otherwise(shortfall), "approved")
    base = pl.when(is_cap | is_above).then(pl.col("limit") + pl.col("excused")).otherwise(pl.col("agreed") - pl.col("excused"))
    rows = rows.with_columns(excused=excused).with_columns(excused_base=base)
    of_both = [_thresholds(rows.filter(is_cap if cap else ~is_cap), cap, inputs) for cap in (True, False)]
    return look_up(rows, pl.concat(of_both), ["jurisdiction_code", "direction"]).with_columns(status=_status(inputs))


_APART = (("net", "limit"), ("agreed", "net"))


def _thresholds(rows: pl.DataFrame, is_cap: bool, inputs: Inputs) -> pl.DataFrame:
    """By `jurisdiction_code` and `direction`."""
    ratio = "cap_ahead_ratio" if is_cap else "seriously_behind_ratio"
    found = thresholds(rows, ratio, inputs).rename({f"{ratio}_policy_id": "policy_id"})
    return rows.select("jurisdiction_code", "direction").unique().join(found, on="jurisdiction_code")


def _status(inputs: Inputs) -> pl.Expr:
    """The first that applies."""
    net, limit, is_cap = pl.col("net"), pl.col("limit"), pl.col("direction") == "cap"
    due = pl.col("agreed") * days_passed(inputs.as_of)
    return (
        pl.when(pl.col("agreed") <= 0)
        .then(pl.lit("cancelled"))
        .when(~pl.col("has_products"))
        .then(pl.lit("no_products"))
        .when(pl.col("period_start") > inputs.as_of)
        .then(pl.lit("not_started"))
        .when((net > limit) & (net <= limit + pl.col("excused")))
        .then(pl.lit("excused"))
        .when(net > limit)
        .then(pl.lit("exceeded"))
        .when(is_cap & pl.col("has_ended"))
        .then(pl.lit("kept"))
        .when(is_cap & (net * days_whole() > threshold_of(due, or_less=True)))
        .then(pl.lit("ahead"))
        .when(is_cap)
        .then(pl.lit("on_track"))
        .otherwise(floor_status(inputs.as_of))
    )
