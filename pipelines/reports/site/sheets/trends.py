"""How the rates went over the published dates of the last twelve months, as the points at which they changed.

Read from the versions of the report tables: what many dates share is read, and added up, once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
import sqlalchemy as sa

from pipelines.database.open import METADATA
from pipelines.database.tables import versions_of
from pipelines.reports.read_frame import read_frame
from pipelines.reports.site.sheets.shared_sheets import ALL, Level
from pipelines.reports.site.sheets.sheet import PAGE
from pipelines.reports.site.sheets.wholes import add_wholes

Points = Mapping[str, Sequence[tuple[str, float | None]]]
"""Per series (`volume`, `payment`, `invoice`) the days at which its rate changed, and the rate from then on."""

_SUMS = ("above", "below")


def read_trends(
    connection: sa.Connection, as_of: dt.date, level: Level, members: pl.DataFrame | None = None
) -> dict[str, Points]:
    """The points of every page of a level.

    `members` say which cities and provinces as a whole have pages. `volume` is executed of agreement years that run
    (of a jurisdiction and of all: by mandatory institutions), `payment` paid on time and `invoice` two-invoice
    compliant, both by amount. The rate is null where there is nothing to divide by. The dates begin with the month a
    year before `as_of`: a night that changes no rate adds no point.
    """
    dates = _read_dates(connection, as_of)
    found: dict[str, dict[str, list[tuple[str, float | None]]]] = {}
    for series, lives in (
        ("volume", _volume(level)),
        ("payment", _payment(level)),
        ("invoice", _invoice(level)),
    ):
        found_lives = read_frame(connection, _within(lives, dates))
        if level == "jurisdiction" and members is not None:
            found_lives = add_wholes(found_lives, members, "page_code")
        for page, day, rate in _find_points(found_lives, level, dates).rows():
            found.setdefault(page, {}).setdefault(series, []).append((day.isoformat(), rate))
    return found  # type: ignore[return-value]


def _read_dates(connection: sa.Connection, as_of: dt.date) -> list[dt.date]:
    published = METADATA.tables["publications"].c.as_of
    first = as_of.replace(year=as_of.year - 1, day=1)
    query = sa.select(published).where(published.between(first, as_of)).order_by(published)
    return list(connection.execute(query).scalars())


def _volume(level: Level) -> sa.Select[Any]:
    v = versions_of("agreed_volume_rollup")
    duty = sa.true() if level == "institution" else v.c.duty == "mandatory"
    code = v.c.code.label("page_code")
    return _sum(v, [code], v.c.net_fen, v.c.agreed_fen).where(
        v.c.level == level, v.c.phase == "running", duty
    )


def _payment(level: Level) -> sa.Select[Any]:
    v = versions_of("payment_timeliness")
    return _sum(v, _code(v, level), v.c.on_time_fen, v.c.matured_fen).where(v.c.due_rule == "applicable")


def _invoice(level: Level) -> sa.Select[Any]:
    v = versions_of("two_invoice_compliance")
    return _sum(v, _code(v, level), v.c.compliant_fen, v.c.compliant_fen + v.c.violation_fen)


def _code(v: sa.Table, level: Level) -> list[sa.ColumnElement[str]]:
    return [] if level == ALL else [v.c[f"{level}_code"].label("page_code")]


def _sum(v: sa.Table, by: Sequence[sa.ColumnElement[str]], *sums: sa.ColumnElement[int]) -> sa.Select[Any]:
    """Sums of the versions with the same life, per page."""
    keys = [*by, v.c.valid_from, v.c.valid_to]
    added = [
        sa.cast(sa.func.sum(column), sa.BigInteger).label(name)
        for column, name in zip(sums, _SUMS, strict=True)
    ]
    return sa.select(*keys, *added).group_by(*keys)


def _within(lives: sa.Select[Any], dates: Sequence[dt.date]) -> sa.Select[Any]:
    since, until = lives.selected_columns["valid_from"], lives.selected_columns["valid_to"]
    return lives.where(since <= dates[-1], until > dates[0])


def _find_points(lives: pl.DataFrame, level: Level, dates: Sequence[dt.date]) -> pl.DataFrame:
    """`page`, `day`, `rate`: what begins is added and what ends is taken off, then the sums run through the dates."""
    days = pl.Series("day", dates, pl.Date)
    page = pl.lit(ALL) if level == ALL else pl.col("page_code")
    begins, ends = (
        lives.select(
            page.alias(PAGE), pl.col(_SUMS) * sign, at=days.search_sorted(lives[name]).cast(pl.Int64)
        )
        for name, sign in (("valid_from", 1), ("valid_to", -1))
    )
    running = (
        pl.concat([begins, ends])
        .filter(pl.col("at") < len(dates))
        .group_by(PAGE, "at").agg(pl.col(_SUMS).sum())
        .sort(PAGE, "at")
        .with_columns(pl.col(_SUMS).cum_sum().over(PAGE))
    )  # fmt: skip
    rates = running.select(
        PAGE,
        day=pl.lit(days).gather(pl.col("at")),
        rate=pl.when(pl.col("below") != 0).then(pl.col("above") / pl.col("below")),
    )
    changed = pl.col("rate").ne_missing(pl.col("rate").shift(1).over(PAGE))
    return rates.filter(changed)
