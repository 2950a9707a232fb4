"""Cities and provinces as a whole: the rows of their divisions once more, under the code of the city or province."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from pipelines.reports.site.figures import Figures
from pipelines.reports.site.sheets.shared_sheets import VOLUME
from pipelines.reports.site.sheets.sums import sum_rows
from pipelines.views.divisions import find_wholes, name_whole

WHOLE = "whole"


def find_members(figures: Figures) -> pl.DataFrame:
    """`jurisdiction_code` and `whole`: the divisions with figures, and the cities and provinces they belong to."""
    frames = (figures.completion, figures.payments, figures.rules, figures.months, figures.findings)
    codes = pl.concat(frame.select("jurisdiction_code") for frame in frames).drop_nulls().to_series()
    pairs = [(code, whole) for whole, own in find_wholes(codes.unique()).items() for code in own]
    return pl.DataFrame(pairs, {"jurisdiction_code": pl.String, WHOLE: pl.String}, orient="row")


def add_wholes(frame: pl.DataFrame, members: pl.DataFrame, column: str = "jurisdiction_code") -> pl.DataFrame:
    """The rows, and those of the members of a whole once more with its code in the column."""
    own = members.rename({"jurisdiction_code": column})
    again = frame.join(own, on=column).with_columns(pl.col(WHOLE).alias(column))
    return pl.concat([frame, again.select(frame.columns)])


def with_wholes(figures: Figures, members: pl.DataFrame) -> Figures:
    """The figures with those of cities and provinces as a whole among the divisions, and their names."""
    places = figures.names["jurisdiction"]
    names = dict(places.iter_rows())
    wholes = members[WHOLE].unique().sort().to_list()
    named = pl.DataFrame({"code": wholes, "name": [name_whole(w, names) for w in wholes]}, places.schema)
    is_place = pl.col("level") == "jurisdiction"
    again = figures.rollup.filter(is_place).join(members.rename({"jurisdiction_code": "code"}), on="code")
    again = sum_rows(VOLUME, again.with_columns(code=WHOLE), ["level", "code", "phase", "duty"])
    return replace(
        figures,
        completion=add_wholes(figures.completion, members),
        rollup=pl.concat([figures.rollup, again], how="diagonal"),
        payments=add_wholes(figures.payments, members),
        rules=add_wholes(figures.rules, members),
        months=add_wholes(figures.months, members),
        findings=add_wholes(figures.findings, members),
        names={**figures.names, "jurisdiction": pl.concat([places, named])},
    )
