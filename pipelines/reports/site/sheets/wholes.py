"""Cities and provinces as a whole: the rows of their divisions once more, under the code of the city or province."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from pipelines.reports.added_up import Frame, add_up, with_rates_of
from pipelines.reports.beside import shown_table
from pipelines.reports.site.figures import Figures
from pipelines.views.divisions import find_wholes, name_whole

WHOLE = "whole"
_CITY = "whole_city"
_CODE = "jurisdiction_code"


def find_members(figures: Figures) -> pl.DataFrame:
    """`jurisdiction_code` and `whole`: the divisions with figures, and the cities and provinces they belong to."""
    pairs = [(code, whole) for whole, own in find_wholes(_divisions(figures)).items() for code in own]
    return pl.DataFrame(pairs, {_CODE: pl.String, WHOLE: pl.String}, orient="row")


def _divisions(figures: Figures) -> pl.Series:
    return pl.Series(_CODE, figures.pages_at("jurisdiction"), pl.String)


def add_wholes(frame: Frame, members: pl.DataFrame, column: str = _CODE) -> Frame:
    """The rows, and those of the members of a whole once more with its code in the column."""
    rows, own = frame.lazy(), members.lazy().rename({_CODE: column})
    again = rows.join(own, on=column).with_columns(pl.col(WHOLE).alias(column))
    found = pl.concat([rows, again.select(frame.collect_schema().names())])
    return found.collect() if isinstance(frame, pl.DataFrame) else found


def with_wholes(figures: Figures, members: pl.DataFrame) -> Figures:
    """The figures with those of cities and provinces as a whole among the divisions, and their names."""
    places = figures.names["jurisdiction"]
    names = dict(places.iter_rows())
    wholes = members[WHOLE].unique().sort().to_list()
    pages = pl.concat([_divisions(figures), pl.Series(wholes, dtype=pl.String)])
    named = pl.DataFrame({"code": wholes, "name": [name_whole(w, names) for w in wholes]}, places.schema)
    return replace(
        figures,
        rows=_widen_all(figures.rows, members, pages),
        named=_widen_all(figures.named, members, pages),
        alternatives=_widen_all(figures.alternatives, members, pages),
        names={**figures.names, "jurisdiction": pl.concat([places, named])},
    )


def _widen_all(rows: Mapping[str, pl.LazyFrame], members: pl.DataFrame, pages: pl.Series) -> dict[str, pl.LazyFrame]:
    return {name: _widen(name, frame, members, pages) for name, frame in rows.items()}


def _widen(name: str, frame: pl.LazyFrame, members: pl.DataFrame, pages: pl.Series) -> pl.LazyFrame:
    """The rows of a report table and those of the wholes; of a table that is rolled up these are added up. A row of a city as a
    whole stands on the pages of all its divisions, too.
    """
    table, columns = shown_table(name), frame.collect_schema().names()
    cities = pl.LazyFrame({_CODE: pages}).with_columns(city=pl.col(_CODE).str.head(4) + "00")
    for city in (column.name for column in table.columns if column.refers == _CITY):
        return frame.join(cities, left_on=city, right_on="city")
    if table.of_divisions:
        column, code, division = table.of_divisions
        wide = frame.filter(pl.col(column) != division).drop(_CODE).join(cities.rename({"city": code}), on=code)
        return pl.concat([add_wholes(frame.filter(pl.col(column) == division), members), wide.select(columns)])
    if table.rolled_up is None:
        return add_wholes(frame, members) if _CODE in columns else frame
    level, code = table.rolled_up
    again = frame.filter(pl.col(level) == "jurisdiction").join(members.lazy().rename({_CODE: code}), on=code)
    key = [column for column in table.key if column in columns]
    sums = add_up(again.with_columns(pl.col(WHOLE).alias(code)), table.columns, key)
    return pl.concat([frame, with_rates_of(sums, table)], how="diagonal")
