"""Who and what has a page: institutions and jurisdictions, each with its name and its summary."""

from __future__ import annotations

import polars as pl

from pipelines.reports.site.figures import Figures
from pipelines.reports.site.sheets.sheet import PAGE
from pipelines.reports.site.sheets.summaries import summarize
from pipelines.reports.site.sheets.wholes import add_wholes
from schemas.shown import Level


def list_institutions(figures: Figures) -> pl.DataFrame:
    """The summary of every institution with `name`, `jurisdiction`, `jurisdiction_name`, `ownership`, `level`,
    `responsible_person`.

    A name that is not known is the code itself; the jurisdiction is that of the figures, else that of the names.
    """
    known = figures.institutions.select(
        pl.col("institution_code").alias(PAGE), "name", "ownership", "level", "responsible_person", known="jurisdiction_code"
    )
    rows = pl.concat(
        frame.select(PAGE, jurisdiction="jurisdiction_code")
        for frame in figures.all_at_level("institution")
        if "jurisdiction_code" in frame.collect_schema().names()
    )
    placed = rows.drop_nulls().group_by(PAGE).agg(pl.col("jurisdiction").max()).collect()
    found = summarize(figures, "institution").join(known, on=PAGE, how="left").join(placed, on=PAGE, how="left")
    found = found.with_columns(
        pl.coalesce("name", PAGE).alias("name"), pl.coalesce("jurisdiction", "known").alias("jurisdiction")
    )
    divisions = figures.names["jurisdiction"].rename({"code": "jurisdiction", "name": "jurisdiction_name"})
    named = found.join(divisions, on="jurisdiction", how="left").drop("known")
    return named.with_columns(pl.coalesce("jurisdiction_name", "jurisdiction").alias("jurisdiction_name")).sort(PAGE)


def list_parties(figures: Figures, party: Level) -> pl.DataFrame:
    """The summary of every product or company with its `name`, the code itself where it is not known."""
    names = figures.names[party].rename({"code": PAGE})
    found = summarize(figures, party).join(names, on=PAGE, how="left")
    return found.with_columns(pl.coalesce("name", PAGE).alias("name")).sort(PAGE)


def list_jurisdictions(figures: Figures, institutions: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """The summary of every jurisdiction with its `name` and the number of its `institutions`.

    `members` say which cities and provinces as a whole are among them.
    """
    institutions = add_wholes(institutions, members, "jurisdiction")
    names = figures.names["jurisdiction"].rename({"code": PAGE})
    counted = institutions.group_by(pl.col("jurisdiction").alias(PAGE)).agg(pl.len().cast(pl.Int64).alias("institutions"))
    found = summarize(figures, "jurisdiction").join(names, on=PAGE, how="left")
    return found.join(counted, on=PAGE, how="left").with_columns(pl.coalesce("name", PAGE).alias("name")).sort(PAGE)
