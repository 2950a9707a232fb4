"""When a company is listed, and where a listing binds (obligations §24)."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.engine.indicator import Inputs


def listings_of(inputs: Inputs) -> pl.DataFrame:
    """Every listing. Out: `enterprise_code` (categorical), `prefix` of the divisions that it holds for, `since` (included) and
    `until` (no more): the day off the list, else `ban_months` later, where the policy of its first day says so.
    """
    rows = inputs.scan("blacklist").select(
        "enterprise_code", "listed_on", "delisted_on", jurisdiction_code=pl.col("jurisdiction_code").fill_null("")
    )
    found = inputs.with_policy(rows.collect(), "ban_months", "listed_on")
    banned = pl.col("listed_on").dt.offset_by(pl.format("{}mo", "ban_months"))
    return found.select(
        pl.col("enterprise_code").cast(pl.Categorical),
        prefix="jurisdiction_code",
        since="listed_on",
        until=pl.coalesce("delisted_on", banned, pl.lit(date.max)),
    )


def companies_of(inputs: Inputs) -> pl.DataFrame:
    """Who was ever listed: `enterprise_code`."""
    return inputs.scan("blacklist").select("enterprise_code").unique().collect()


def while_listed(rows: pl.LazyFrame, inputs: Inputs, *, day: str) -> pl.LazyFrame:
    """The rows (`enterprise_code` and `institution_code` categorical) on whose `day` a listing of the company is in force.
    Adds `here_lines`: 1 where one of these binds the place of the institution, else 0.
    """
    columns = rows.collect_schema().names()
    places = inputs.scan("institutions").select(pl.col("institution_code").cast(pl.Categorical), place="jurisdiction_code")
    return (
        rows.join(inputs.once(listings_of).lazy(), on="enterprise_code")
        .filter(pl.col("since") <= pl.col(day), pl.col(day) < pl.col("until"))
        .join(places, on="institution_code")
        .group_by(columns)
        .agg(here_lines=pl.col("place").str.starts_with(pl.col("prefix")).any().cast(pl.Int64))
    )
