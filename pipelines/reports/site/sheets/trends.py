"""How the rates went over the published dates of the last twelve months, as the points at which they changed.

Read from the versions of the report tables: what many dates share is read, and added up, once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import reduce
from operator import add
from typing import Any

import polars as pl
import sqlalchemy as sa

from pipelines.database.open import METADATA
from pipelines.database.tables import versions_of
from pipelines.reports.added_up import at_level, having
from pipelines.reports.followed import list_trends, quotient_of
from pipelines.reports.read_frame import read_frame
from pipelines.reports.site.sheets.sheet import ALL, PAGE
from pipelines.reports.site.sheets.wholes import add_wholes
from schemas.measure import Measure
from schemas.reports import REPORTS
from schemas.shown import Level, levels_of, split_first
from schemas.table import Terms

Points = Mapping[str, Sequence[tuple[str, float | None]]]
"""Per measure the days at which its rate changed, and the rate from then on."""

_SUMS = ("above", "below")


def read_trends(
    connection: sa.Connection, as_of: dt.date, level: Level, members: pl.DataFrame | None = None
) -> dict[str, Points]:
    """The points of every page of a level.

    `members` say which cities and provinces as a whole have pages. A measure that keeps rows apart is followed by those that
    stand first. The rate is null where there is nothing to divide by. The dates begin with the month a
    year before `as_of`: a night that changes no rate adds no point.
    """
    dates = _read_dates(connection, as_of)
    found: dict[str, dict[str, list[tuple[str, float | None]]]] = {}
    for measure in (series.measure for trend in list_trends() for series in trend.series):
        if level not in levels_of(REPORTS[measure.table]):
            continue
        lives = read_frame(connection, _within(_lives(measure, level), dates))
        if lives.is_empty():
            continue
        if level == "jurisdiction" and members is not None:
            lives = add_wholes(lives, members, "page_code")
        for page, day, rate in _find_points(lives, level, dates).rows():
            found.setdefault(page, {}).setdefault(measure.code, []).append((day.isoformat(), rate))
    return found  # type: ignore[return-value]


def _read_dates(connection: sa.Connection, as_of: dt.date) -> list[dt.date]:
    published = METADATA.tables["publications"].c.as_of
    first = as_of.replace(year=as_of.year - 1, day=1)
    query = sa.select(published).where(published.between(first, as_of)).order_by(published)
    return list(connection.execute(query).scalars())


def _lives(measure: Measure, level: Level) -> sa.Select[Any]:
    """What a measure is the quotient of, per page and life: sums of the versions that stand for the same dates."""
    v = versions_of(measure.table)
    chosen, beyond = split_first(measure)
    where = {**measure.where, **chosen, **(beyond if level != "institution" else {})}
    rows_at, codes = at_level(REPORTS[measure.table], v, level)
    of = quotient_of(measure)
    sums = [
        sa.cast(sa.func.sum(_total(v, terms)), sa.BigInteger).label(name)
        for name, terms in zip(_SUMS, (of.above, of.below), strict=True)
    ]
    keys = [*(code.label("page_code") for code in codes), v.c.valid_from, v.c.valid_to]
    return sa.select(*keys, *sums).where(rows_at, *having(v, where)).group_by(*keys)


def _total(v: sa.Table, terms: Terms) -> sa.ColumnElement[int]:
    return reduce(add, (v.c[name] if sign > 0 else -v.c[name] for sign, name in terms))


def _within(lives: sa.Select[Any], dates: Sequence[dt.date]) -> sa.Select[Any]:
    since, until = lives.selected_columns["valid_from"], lives.selected_columns["valid_to"]
    return lives.where(since <= dates[-1], until > dates[0])


def _find_points(lives: pl.DataFrame, level: Level, dates: Sequence[dt.date]) -> pl.DataFrame:
    """`page`, `day`, `rate`: what begins is added and what ends is taken off, then the sums run through the dates."""
    days = pl.Series("day", dates, pl.Date)
    page = pl.lit(ALL) if level == ALL else pl.col("page_code")
    begins, ends = (
        lives.select(page.alias(PAGE), pl.col(_SUMS) * sign, at=days.search_sorted(lives[name]).cast(pl.Int64))
        for name, sign in (("valid_from", 1), ("valid_to", -1))
    )
    running = (
        pl.concat([begins, ends])
        .filter(pl.col("at") < len(dates))
        .group_by(PAGE, "at")
        .agg(pl.col(_SUMS).sum())
        .sort(PAGE, "at")
        .with_columns(pl.col(_SUMS).cum_sum().over(PAGE))
    )
    rates = running.select(
        PAGE, day=pl.lit(days).gather(pl.col("at")), rate=pl.when(pl.col("below") != 0).then(pl.col("above") / pl.col("below"))
    )
    changed = pl.col("rate").ne_missing(pl.col("rate").shift(1).over(PAGE))
    return rates.filter(changed)
