"""Cities and provinces as a whole: the rows of their divisions once more, under the code of the city or province."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from pipelines.reports.added_up import add_up, with_rates_of
from pipelines.reports.beside import shown_table
from pipelines.reports.site.figures import Figures
from pipelines.reports.site.sheets.sheet import PAGE
from pipelines.views.divisions import find_wholes, name_whole

WHOLE = "whole"
_CITY = "whole_city"
_CODE = "jurisdiction_code"


def find_members(figures: Figures) -> pl.DataFrame:
    """`jurisdiction_code` and `whole`: the divisions with figures, and the cities and provinces they belong to."""
    pairs = [(code, whole) for whole, own in find_wholes(_divisions(figures)).items() for code in own]
    return pl.DataFrame(pairs, {_CODE: pl.String, WHOLE: pl.String}, orient="row")


def _divisions(figures: Figures) -> pl.Series:
    return pl.concat(frame.select(PAGE) for frame in figures.all_at_level("jurisdiction")).drop_nulls().unique().to_series()


def add_wholes(frame: pl.DataFrame, members: pl.DataFrame, column: str = _CODE) -> pl.DataFrame:
    """The rows, and those of the members of a whole once more with its code in the column."""
    own = members.rename({_CODE: column})
    again = frame.join(own, on=column).with_columns(pl.col(WHOLE).alias(column))
    return pl.concat([frame, again.select(frame.columns)])


def with_wholes(figures: Figures, members: pl.DataFrame) -> Figures:
    """The figures with those of cities and provinces as a whole among the divisions, and their names."""
    places = figures.names["jurisdiction"]
    names = dict(places.iter_rows())
    wholes = members[WHOLE].unique().sort().to_list()
    pages = pl.concat([_divisions(figures), pl.Series(wholes, dtype=pl.String)])
    named = pl.DataFrame({"code": wholes, "name": [name_whole(w, names) for w in wholes]}, places.schema)
    return replace(
        figures,
        rows={name: _widen(name, frame, members, pages) for name, frame in figures.rows.items()},
        alternatives={name: _widen(name, frame, members, pages) for name, frame in figures.alternatives.items()},
        names={**figures.names, "jurisdiction": pl.concat([places, named])},
    )


def _widen(name: str, frame: pl.DataFrame, members: pl.DataFrame, pages: pl.Series) -> pl.DataFrame:
    """The rows of a report table and those of the wholes; of a table that is rolled up these are added up. A row of a city as a
    whole stands on the pages of all its divisions, too.
    """
    table = shown_table(name)
    for city in (column.name for column in table.columns if column.refers == _CITY):
        own = pl.DataFrame({_CODE: pages}).with_columns(city=pl.col(_CODE).str.head(4) + "00")
        return frame.join(own, left_on=city, right_on="city")
    if table.of_divisions:
        column, code, division = table.of_divisions
        own = pl.DataFrame({_CODE: pages}).with_columns((pl.col(_CODE).str.head(4) + "00").alias(code))
        cities = frame.filter(pl.col(column) != division).drop(_CODE).join(own, on=code)
        return pl.concat([add_wholes(frame.filter(pl.col(column) == division), members), cities.select(frame.columns)])
    if table.rolled_up is None:
        return add_wholes(frame, members) if _CODE in frame.columns else frame
    level, code = table.rolled_up
    again = frame.filter(pl.col(level) == "jurisdiction").join(members.rename({_CODE: code}), on=code)
    key = [column for column in table.key if column in frame.columns]
    sums = add_up(again.with_columns(pl.col(WHOLE).alias(code)), table.columns, key)
    return pl.concat([frame, with_rates_of(sums, table)], how="diagonal")
