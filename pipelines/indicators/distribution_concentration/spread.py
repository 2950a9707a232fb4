"""How purchases are spread over distributors, groups and products in each place (obligations §23)."""

from __future__ import annotations

import polars as pl

from pipelines.engine.figures import quotient_of
from pipelines.engine.indicator import Inputs

PLACE = ["level", "code"]
_JURISDICTION = pl.col("jurisdiction_code")
_CODES = {"county": _JURISDICTION, "city": _JURISDICTION.str.head(4) + "00", "all": pl.lit("all")}
_TEN, _SEVERAL = 10, 2
_OVER = {"over_1000m": 10**11, "over_500m": 5 * 10**10}
"""Fen of 1,000 and 500 million yuan, which the columns are named after."""


def in_places(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Rows of counties (`jurisdiction_code`) once for each place that they belong to: adds `level` and `code`."""
    return pl.concat(rows.with_columns(level=pl.lit(level), code=code) for level, code in _CODES.items())


def over_distributors(bought: pl.LazyFrame, inputs: Inputs) -> pl.DataFrame:
    """By place what was bought in all, and from the largest.

    In: `jurisdiction_code`, `distributor_code` (text), `value_fen`, a row for each pair. Out: `level`, `code`,
    `jurisdiction_code`, `purchase_fen`, `distributors`, `top_distributor_code`, `top_fen`, `top10_fen`, `squares` (fen²),
    `top_group_code`, `top_group_fen`, `group_squares`, `over_1000m`, `over_500m`.
    """
    named = inputs.scan("enterprises").select(distributor_code="enterprise_code", group="group_code")
    grouped = bought.join(named, on="distributor_code", how="left").with_columns(pl.coalesce("group", "distributor_code"))
    found = in_places(grouped).group_by(*PLACE, "distributor_code", "group").agg(pl.col("value_fen").sum())
    alone = (
        _largest_first(found, "distributor_code")
        .group_by(PLACE)
        .agg(
            purchase_fen=pl.col("value_fen").sum(),
            distributors=pl.len().cast(pl.Int64),
            top_distributor_code=pl.col("distributor_code").first(),
            top_fen=pl.col("value_fen").first(),
            top10_fen=pl.col("value_fen").head(_TEN).sum(),
            squares=_squares(),
        )
    )
    together = (
        _largest_first(found.group_by(*PLACE, "group").agg(pl.col("value_fen").sum()), "group")
        .group_by(PLACE)
        .agg(
            *((pl.col("value_fen") > limit).sum().cast(pl.Int64).alias(name) for name, limit in _OVER.items()),
            top_group_code=pl.col("group").first(),
            top_group_fen=pl.col("value_fen").first(),
            group_squares=_squares(),
        )
    )
    jurisdiction = pl.when(pl.col("level") == "all").then(pl.lit("")).otherwise("code")
    return alone.join(together, on=PLACE).with_columns(jurisdiction_code=jurisdiction).collect()


def _largest_first(rows: pl.LazyFrame, name: str) -> pl.LazyFrame:
    """The rows of most fen first, of equal ones the lowest code."""
    return rows.sort("value_fen", name, descending=[True, False])


def _squares() -> pl.Expr:
    return (pl.col("value_fen").cast(pl.Int128) * pl.col("value_fen")).sum()


def of_products(bought: pl.LazyFrame) -> pl.LazyFrame:
    """By place the `products` that were bought, and the `sole_products`.

    In: `jurisdiction_code`, `product_code`, `distributor_code` and how many `institutions` bought it from there, a row for each.
    Where two distributors have one, an institution may count with both; but then it is no sole product anyway.
    """
    codes = pl.col("product_code", "distributor_code").cast(pl.Categorical).to_physical()
    by_county = (
        bought.with_columns(codes)
        .group_by("jurisdiction_code", "product_code")
        .agg(pl.col("institutions").sum(), first=pl.col("distributor_code").min(), last=pl.col("distributor_code").max())
    )
    by_place = in_places(by_county).group_by(*PLACE, "product_code")
    everywhere = by_place.agg(pl.col("institutions").sum(), pl.col("first").min(), pl.col("last").max())
    is_sole = (pl.col("first") == pl.col("last")) & (pl.col("institutions") >= _SEVERAL)
    return everywhere.group_by(PLACE).agg(products=pl.len().cast(pl.Int64), sole_products=is_sole.sum().cast(pl.Int64))


def shares(rows: pl.DataFrame) -> pl.DataFrame:
    """Add the shares and indices of what `over_distributors` says: null where nothing was bought."""
    whole = "purchase_fen"
    shares = {"top_share": "top_fen", "top10_share": "top10_fen", "top_group_share": "top_group_fen"}
    return rows.with_columns(
        *(quotient_of(part, whole).alias(name) for name, part in shares.items()),
        hhi=_index(rows["squares"], rows[whole]),
        hhi_group=_index(rows["group_squares"], rows[whole]),
    )


def _index(squares: pl.Series, whole: pl.Series) -> pl.Series:
    """10,000 Σv² ÷ (Σv)², rounded once; with numbers of any length, for ten thousand times a square of fen may need them."""
    found = (10_000 * s / t**2 if t else None for s, t in zip(squares, whole, strict=True))
    return pl.Series(list(found), dtype=pl.Float64)
