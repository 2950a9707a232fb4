"""Chinese working days and the due dates that roll to them (rulebook §5)."""

from datetime import date, timedelta
from functools import cache

import chinese_calendar


@cache
def is_working_day(day: date) -> bool:
    """Working day by the State Council calendar; a year without one knows weekends only."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5


def is_published(year: int) -> bool:
    """Whether the State Council's calendar of that year is known."""
    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


def roll_forward(day: date) -> date:
    """The day itself when it is a working day, else the next one."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def end_of_next_month(day: date) -> date:
    """Last day of the month after the month of `day` (次月底)."""
    months = day.year * 12 + (day.month - 1) + 2
    return date(months // 12, months % 12 + 1, 1) - timedelta(days=1)


def due_before_rolling(due_rule: str, accepted_on: date) -> date:
    """D30, D60: acceptance + so many days; EONM: last day of the month after acceptance."""
    if due_rule == "D30":
        return accepted_on + timedelta(days=30)
    if due_rule == "D60":
        return accepted_on + timedelta(days=60)
    if due_rule == "EONM":
        return end_of_next_month(accepted_on)
    raise ValueError(f"unknown due rule {due_rule!r}: use D30, EONM or D60")
