"""Where a series breaks: days on which agreement years of a lot begin, or are over, so that the rate is one of other lots."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import polars as pl

from pipelines.reports.site.figures import Figures
from pipelines.reports.site.sheets.shared_sheets import Level, page_of
from pipelines.reports.site.sheets.sheet import PAGE

Breaks = Sequence[tuple[str, str, str]]
"""Day, `begins` or `ends`, and the lots, in the order of the days."""


def find_breaks(figures: Figures, level: Level) -> Mapping[str, Breaks]:
    """The breaks of every page of a level in the year before the date, itself included; a lot ends the day after its last."""
    rows = figures.completion.filter(pl.col("status") != "cancelled").with_columns(page_of(level))
    lot = pl.coalesce("lot_code_name", "lot_code").alias("lot")
    days = pl.concat(
        [
            rows.select(PAGE, lot, day=pl.col("period_start"), what=pl.lit("begins")),
            rows.select(PAGE, lot, day=pl.col("period_end").dt.offset_by("1d"), what=pl.lit("ends")),
        ]
    )
    since = figures.as_of.replace(year=figures.as_of.year - 1, day=1)
    met = days.filter(pl.col("day").is_between(since, figures.as_of)).unique()
    told = (
        met.group_by(PAGE, "day", "what").agg(pl.col("lot").sort().str.join("、")).sort(PAGE, "day", "what")
    )
    found: dict[str, list[tuple[str, str, str]]] = {}
    for page, day, what, lots in told.select(PAGE, "day", "what", "lot").iter_rows():
        assert isinstance(day, dt.date)
        found.setdefault(page, []).append((day.isoformat(), what, lots))
    return found
