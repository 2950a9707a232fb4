"""Stretches of days that figures speak of (obligations §12); both ends included."""

from __future__ import annotations

from datetime import date, timedelta

Window = tuple[date, date]


def year_to_date(as_of: date) -> Window:
    """1 January of its year … the day itself."""
    return date(as_of.year, 1, 1), as_of


def year_before(as_of: date) -> Window:
    """The same days a year ago; 29 February ends on the 28th."""
    first, last = year_to_date(as_of)
    if (last.month, last.day) == (2, 29):
        last -= timedelta(days=1)
    return first.replace(year=first.year - 1), last.replace(year=last.year - 1)


def days_ending(days: int, last: date) -> Window:
    """So many days, `last` the latest of them."""
    return last - timedelta(days=days - 1), last
