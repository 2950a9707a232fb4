"""Stretches of days on which the same holds; both ends are included, an open one ends with time (`date.max`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import polars as pl

_DAY = timedelta(days=1)


def merged(spans: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """The days of spans (`since` … `until`) of the same `by`, in as few as there are stretches: `by`, `since`, `until`."""
    rows = spans.select(*by, "since", "until").sort(*by, "since")
    reached = pl.col("until").cum_max().over(by).shift(1).over(by)
    begins = (pl.col("since") > reached + _DAY).fill_null(True)
    stretches = rows.with_columns(stretch=begins.cum_sum()).group_by(*by, "stretch")
    return stretches.agg(pl.col("since").min(), pl.col("until").max()).drop("stretch")


def cut(spans: Mapping[str, pl.DataFrame], by: Sequence[str]) -> pl.DataFrame:
    """All of time of every `by` that any of these spans (`by`, `since`, `until`) has, cut where one begins or ends.

    Out: `by`, `since`, `until`, and a flag for each of the spans' names: whether one of them holds then. No two rows of a `by`
    that follow each other have the same flags.
    """
    rows = pl.concat([s.select(*by, "since", "until", what=pl.lit(what)) for what, s in spans.items()])
    found = overlaid(rows, by, {what: (pl.col("what") == what).any() for what in spans})
    found = found.with_columns(pl.col(*spans).fill_null(False)).sort(*by, "since")
    is_new = pl.any_horizontal((pl.col(what) != pl.col(what).shift(1).over(by)).fill_null(True) for what in spans)
    found = found.filter(is_new)
    return found.with_columns(until=(pl.col("since").shift(-1).over(by) - _DAY).fill_null(date.max))


def overlaid(spans: pl.DataFrame, by: Sequence[str], made: Mapping[str, pl.Expr]) -> pl.DataFrame:
    """All of time of every `by` that these spans (`by`, `since`, `until`, …) have, cut where one begins or ends, and what is
    `made` of those that hold then, null where none does. Out: `by`, `since` (the first the beginning of time), what is `made`.
    """
    ends = spans.filter(pl.col("until") < date.max).select(*by, since=pl.col("until") + _DAY)
    cuts = pl.concat([spans.select(*by, "since"), ends, spans.select(*by, since=pl.lit(date.min))]).unique()
    held = (
        cuts.join(spans.rename({"since": "from"}), on=by)
        .filter(pl.col("since").is_between("from", "until"))
        .group_by(*by, "since")
        .agg(**made)
    )
    return cuts.join(held, on=[*by, "since"], how="left")
