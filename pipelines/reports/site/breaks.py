"""Where a series breaks: days from which on its rate is one of other things, as indicators declare them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import polars as pl

from pipelines.reports.site.figures import Figures
from pipelines.reports.site.sheets.sheet import PAGE
from schemas.declared import SHOWN
from schemas.shown import Breaks, Level

Broken = Mapping[str, Sequence[tuple[str, str, str]]]
"""By indicator: day, `begins` or `ends`, and what does, in the order of the days."""


def find_breaks(figures: Figures, level: Level) -> Mapping[str, Broken]:
    """The breaks of every page of a level in the year before the date, itself included; what ends is over the day after."""
    found: dict[str, dict[str, list[tuple[str, str, str]]]] = {}
    for code, breaks in ((code, shown.breaks) for code, shown in SHOWN.items() if shown.breaks):
        for page, day, what, named in _find(figures, level, breaks).sort("day", "what", "named").iter_rows():
            assert isinstance(day, dt.date)
            found.setdefault(page, {}).setdefault(code, []).append((day.isoformat(), what, named))
    return found


def _find(figures: Figures, level: Level, breaks: Breaks) -> pl.DataFrame:
    rows = figures.named_at_level(breaks.table, level)
    assert rows is not None
    counts = [~pl.col(name).is_in(values) for name, values in breaks.without.items()]
    rows = rows.filter(*counts) if counts else rows
    name = pl.coalesce(f"{breaks.named}_name", breaks.named).alias("named")
    days = pl.concat(
        [
            rows.select(PAGE, name, day=pl.col(breaks.starts), what=pl.lit("begins")),
            rows.select(PAGE, name, day=pl.col(breaks.ends).dt.offset_by("1d"), what=pl.lit("ends")),
        ]
    )
    since = figures.as_of.replace(year=figures.as_of.year - 1, day=1)
    met = days.filter(pl.col("day").is_between(since, figures.as_of)).unique()
    told = met.group_by(PAGE, "day", "what").agg(pl.col("named").sort().str.join("、"))
    return told.select(PAGE, "day", "what", "named").collect()
