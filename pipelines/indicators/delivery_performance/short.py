"""Products that are short in a city (obligations §26)."""

from __future__ import annotations

import polars as pl

from pipelines.engine.figures import quotient_of
from pipelines.engine.indicator import Changes, Frame, Inputs
from pipelines.lines.lines import as_units
from pipelines.lines.listed import entries_change, listed_on
from pipelines.lines.products import GENERIC, products_of

_LISTS = ("shortage", "shortage_prone")
_CITY_GENERIC = ["city_code", *GENERIC]
_MILLION = 10**6
_LIMITS = ("shortage_fill", "shortage_institutions", "watch_fill")


def shortages(goods: Frame, inputs: Inputs) -> pl.DataFrame:
    """A row per city and product of which less came than was ordered; `is_short` is whether its generic is short, too."""
    packs = inputs.once(products_of).select(pl.col("product_code").cast(pl.String), "units_per_pack")
    units = {name: pl.col(name).cast(pl.Int128) * pl.col("units_per_pack") for name in ("ordered", "delivered")}
    lacks = pl.col("institution_code").filter(pl.col("lacking") > 0)
    short = (
        goods.lazy()
        .group_by(*_CITY_GENERIC, "product_code")
        .agg(
            pl.sum("ordered", "delivered"),
            institutions=pl.n_unique("institution_code").cast(pl.Int64),
            short_institutions=lacks.n_unique().cast(pl.Int64),
            distributors=pl.n_unique("distributor_code").cast(pl.Int64),
        )
        .join(packs.lazy(), on="product_code")
        .with_columns(**units)
        .with_columns(pl.sum("ordered", "delivered").over(_CITY_GENERIC).name.prefix("generic_"))
        .filter(pl.col("delivered") < pl.col("ordered"))
        .collect()
    )
    cities = short.select(code="city_code").unique()
    listed = listed_on(inputs, cities, *_LISTS, day=inputs.as_of).rename({"code": "city_code"})
    rows = short.join(listed.with_columns(is_listed=True), on=["city_code", "product_code"], how="left")
    rows = rows.with_columns(pl.col("is_listed").fill_null(False), today=pl.lit(inputs.as_of))
    for parameter in _LIMITS:
        rows = inputs.policies.resolve_frame(rows, parameter, day="today", jurisdiction="city_code")
    many = (pl.col("short_institutions") >= pl.col("shortage_institutions")).fill_null(False)
    is_watched = pl.col("is_listed") | _below("", "watch_fill")
    level = (
        pl.when(many & _below("", "shortage_fill"))
        .then(pl.lit("shortage"))
        .when(is_watched)
        .then(pl.lit("watch"))
        .otherwise(pl.lit("none"))
    )
    generic = pl.when(pl.col("watch_fill").is_null()).then(_below("generic_", "shortage_fill"))
    return rows.with_columns(
        ordered_units=as_units("ordered"),
        delivered_units=as_units("delivered"),
        fill_rate=quotient_of("delivered", "ordered"),
        generic_fill_rate=quotient_of("generic_delivered", "generic_ordered"),
        level=level,
        is_generic_short=generic.otherwise(_below("generic_", "watch_fill")),
        policy_id="shortage_fill_policy_id",
    ).sort("city_code", "product_code")


def _below(whose: str, limit: str) -> pl.Expr:
    """Whether less was delivered than this share of what was ordered, in whole numbers; where there is no limit it is not."""
    share = pl.col(limit).to_physical().cast(pl.Int128)
    return (pl.col(f"{whose}delivered") * _MILLION < share * pl.col(f"{whose}ordered")).fill_null(False)


def aged(rows: pl.LazyFrame, changes: Changes) -> pl.LazyFrame:
    """All of these rows where something begins or ceases to be listed between two nights, else none."""
    return rows.filter(pl.lit(entries_change(changes, *_LISTS)))
