"""Chinese working days: the day a deadline rolls to when it falls on a day off (rulebook §5; 民法典 §203), and deadlines
that are counted in working days (§12).
"""

from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING

import chinese_calendar

if TYPE_CHECKING:
    import polars as pl

# Longer than any run of days off (nine days so far): the day a holiday at the end rolls to stays in sight.
_LOOK_AHEAD = timedelta(days=31)
_WORKED_A_YEAR = 240
"""Fewer days than any year has working days."""


def working_days(first: date, last: date) -> "pl.DataFrame":
    """List every day from `first` to `last`, both included, with the working day it rolls to.

    Out: `day` date; `next_working_day` date, the day itself when it is worked (statutory holidays off,
    make-up weekends on); `is_provisional` bool, True when a day looked at lies in a year whose calendar is
    not published: there Monday to Friday count as worked. Sorted by `day`. ValueError when `last` is before
    `first`.
    """
    if last < first:
        raise ValueError(f"结束日期 {last} 早于开始日期 {first}")
    return _roll_days(first, last).clone()


def add_working_days(rows: "pl.DataFrame", name: str, day: str, number: str) -> "pl.DataFrame":
    """Add `name`, the `number`-th working day later than `day`, and `<name>_is_provisional`: a day looked at lies in a year
    whose calendar is not published. Null and False where one of the two is null; no number is below 1.
    """
    import polars as pl

    first, last, most = rows.select(pl.col(day).min(), last=pl.col(day).max(), most=pl.col(number).max()).row(0)
    if first is None or most is None:
        return rows.with_columns(pl.lit(None, pl.Date).alias(name), pl.lit(False).alias(f"{name}_is_provisional"))
    years = range(first.year, min(last.year + most // _WORKED_A_YEAR + 1, date.max.year) + 1)
    days = pl.date_range(date(years[0], 1, 1), date(years[-1], 12, 31), eager=True)
    worked = days.filter(pl.Series([is_worked for year in years for is_worked in _list_worked(year)]))
    unpublished = [year for year in years if not _is_published(year)]
    later = pl.lit(worked).search_sorted(pl.col(day), side="right").cast(pl.Int64) + pl.col(number) - 1
    found = pl.lit(worked).gather(pl.when(pl.all_horizontal(pl.col(day, number).is_not_null())).then(later), null_on_oob=True)
    looked_at = pl.col(day) + pl.duration(days=1)
    return rows.with_columns(found.alias(name)).with_columns(
        (
            pl.col(name).is_not_null() & pl.any_horizontal(d.dt.year().is_in(unpublished) for d in (looked_at, pl.col(name)))
        ).alias(f"{name}_is_provisional")
    )


@cache
def _roll_days(first: date, last: date) -> "pl.DataFrame":
    import polars as pl

    end = last + min(_LOOK_AHEAD, date.max - last)
    years = range(first.year, end.year + 1)
    unpublished = [year for year in years if not _is_published(year)]
    every_day = pl.date_range(date(first.year, 1, 1), date(end.year, 12, 31), eager=True)
    is_worked = pl.Series([worked for year in years for worked in _list_worked(year)], dtype=pl.Boolean)
    return (
        pl.DataFrame({"day": every_day, "is_worked": is_worked})
        .with_columns(next_working_day=pl.when("is_worked").then("day").fill_null(strategy="backward"))
        .filter(pl.col("day").is_between(first, last))
        .select(
            "day",
            "next_working_day",
            is_provisional=pl.any_horizontal(pl.col("day", "next_working_day").dt.year().is_in(unpublished)),
        )
    )


@cache
def _is_published(year: int) -> bool:
    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


@cache
def _list_worked(year: int) -> tuple[bool, ...]:
    """Say for each day of the year whether it is worked."""
    new_year = date(year, 1, 1)
    days = [new_year + timedelta(days=n) for n in range((date(year, 12, 31) - new_year).days + 1)]
    if _is_published(year):
        return tuple(chinese_calendar.is_workday(day) for day in days)
    return tuple(day.weekday() < 5 for day in days)
