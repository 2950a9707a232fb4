"""Working days: holidays, make-up weekends, years not yet published."""

from datetime import date

import polars as pl
import pytest

from pipelines.policy.calendar import add_working_days, working_days


def roll(day: str) -> tuple[str, bool]:
    day_on = date.fromisoformat(day)
    [(_, rolled, is_provisional)] = working_days(day_on, day_on).rows()
    return rolled.isoformat(), is_provisional


@pytest.mark.parametrize(
    ("day", "rolled"),
    [
        ("2020-10-03", "2020-10-09"),  # National Day
        ("2020-02-29", "2020-03-02"),  # Saturday, over the end of the month
        ("2020-03-01", "2020-03-02"),
        ("2021-01-31", "2021-02-01"),
        ("2020-09-27", "2020-09-27"),  # make-up Sunday
        ("2020-09-30", "2020-09-30"),  # plain Wednesday
        ("2019-12-31", "2019-12-31"),
        ("2020-01-01", "2020-01-02"),
    ],
)
def test_rolls_to_next_working_day(day: str, rolled: str) -> None:
    assert roll(day) == (rolled, False)


def test_unpublished_year_knows_weekends_only() -> None:
    assert roll("2033-01-01") == ("2033-01-03", True)
    assert roll("2033-01-03") == ("2033-01-03", True)
    assert roll("1995-10-02") == ("1995-10-02", True)


def test_roll_into_unpublished_year_is_provisional(monkeypatch: pytest.MonkeyPatch) -> None:
    from pipelines.policy import calendar

    for known in (calendar._roll_days, calendar._list_worked):
        known.cache_clear()
    monkeypatch.setattr(calendar, "_is_published", lambda year: year < 2023)
    assert roll("2022-12-30") == ("2022-12-30", False)
    assert roll("2022-12-31") == ("2023-01-02", True)
    for known in (calendar._roll_days, calendar._list_worked):
        known.cache_clear()


def test_every_day_has_one_row_in_order() -> None:
    days = working_days(date(1990, 1, 1), date(2100, 12, 31))
    assert days.height == (date(2100, 12, 31) - date(1990, 1, 1)).days + 1
    assert days["day"].is_sorted()
    assert days["next_working_day"].null_count() == 0
    assert (days["next_working_day"] >= days["day"]).all()


def test_reversed_range_is_refused() -> None:
    with pytest.raises(ValueError, match="早于"):
        working_days(date(2020, 1, 2), date(2020, 1, 1))


@pytest.mark.parametrize(
    ("day", "number", "found", "is_provisional"),
    [
        ("2020-04-10", 10, "2020-04-24", False),
        ("2020-04-24", 10, "2020-05-11", False),  # a make-up Sunday and a make-up Saturday
        ("2020-04-24", 1, "2020-04-26", False),
        ("2020-09-30", 1, "2020-10-09", False),
        ("2020-04-25", 1, "2020-04-26", False),  # a Saturday
        ("2099-01-02", 1, "2099-01-05", True),
        ("1995-09-29", 250, "1996-09-13", True),
        (None, 1, None, False),
        ("2020-04-10", None, None, False),
    ],
)
def test_working_days_are_counted_from_the_day_after(day, number, found, is_provisional) -> None:
    days = [date.fromisoformat(day) if day else None, date(2020, 4, 10)]
    rows = pl.DataFrame({"day": days, "number": [number, 1]}, schema={"day": pl.Date, "number": pl.Int64})
    added = add_working_days(rows, "due_on", "day", "number").row(0, named=True)
    expected = date.fromisoformat(found) if found else None
    assert (added["due_on"], added["due_on_is_provisional"]) == (expected, is_provisional)
