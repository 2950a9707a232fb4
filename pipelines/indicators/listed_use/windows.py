"""The days that the use of lists looks at (obligations §17)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

import polars as pl

from pipelines.lines.windows import Window, days_ending, year_before, year_to_date

_RECENT, _USUAL = 90, 360
QUARTERS = _USUAL // _RECENT


class Windows(NamedTuple):
    """Of an as_of: the year to date, the same days of the year before, the last 90 days, the 360 days before these, and
    all of time up to the first of these: who has a line then has bought for long enough to have a usual quantity.
    """

    year: Window
    before: Window
    recent: Window
    usual: Window
    past: Window

    @property
    def first(self) -> date:
        """The first day of which what was bought matters; from it on every day is in one of the windows."""
        return min(self.before[0], self.usual[0])


def windows_of(as_of: date) -> Windows:
    """The windows of a date."""
    recent = days_ending(_RECENT, as_of)
    usual = days_ending(_USUAL, recent[0] - timedelta(days=1))
    return Windows(year_to_date(as_of), year_before(as_of), recent, usual, (date.min, usual[0]))


def moved_between(one: date, other: date) -> pl.Expr:
    """Whether a line accepted on `accepted_on` lies in other windows of the one date than of the other."""
    day = pl.col("accepted_on")
    return pl.any_horizontal(
        day.is_between(*then) != day.is_between(*now) for then, now in zip(windows_of(one), windows_of(other), strict=True)
    )
