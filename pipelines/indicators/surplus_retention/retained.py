"""What of a surplus may be kept: the share that an evaluation gives, and the amounts, exact until they are printed."""

from __future__ import annotations

import polars as pl

from pipelines.engine.figures import round_half_up, scaled
from pipelines.engine.indicator import Inputs
from pipelines.indicators.surplus_retention.bases import BASE, bases_of
from pipelines.indicators.surplus_retention.declaration import RATIO

POINTS, PERCENT = 10**4, 10**2
"""A score is kept in 10⁻⁴ of a point, a share in 10⁻² of a percent."""
EXACT = 10**16
"""A base is a product of four numbers of four decimals: an amount is kept in 10⁻¹⁶ yuan. The most that a base is
worth (10¹⁰ yuan) has 26 digits, times a share in 10⁻² of a percent 30, and 128 bits hold 38.
"""


def evaluations_of(inputs: Inputs) -> pl.LazyFrame:
    """The evaluation of each base: of kind surplus, of the year in which its period ended, decided up to as_of. Out: BASE and
    the columns of the record with its place.
    """
    years = bases_of(inputs).select(*BASE, year=pl.col("period_end").dt.year().cast(pl.String))
    decided = (pl.col("kind") == "surplus") & (pl.col("decided_on") <= inputs.as_of)
    return inputs.scan("evaluations").filter(decided).join(years, on=["institution_code", "year"])


def with_share(bases: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """Add `points` and `percent`: 0 for a fail; for a pass without a score that of the lowest step, else that of the highest
    step reached, below all 0. Null without an evaluation, or where no policy row gives the steps on the last day of the period.
    """
    rows = (
        inputs.with_policy(bases, RATIO, "period_end").with_row_index("n").with_columns(points=scaled("score").cast(pl.Int64))
    )
    parts = pl.col(RATIO).str.split_exact("=", 1).struct
    steps = (
        rows.select("n", "points", RATIO)
        .explode(RATIO)
        .drop_nulls(RATIO)
        .select(
            "n",
            "points",
            least=parts[0].cast(pl.Decimal(20, 4)).to_physical().cast(pl.Int64),
            gives=parts[1].cast(pl.Decimal(20, 2)).to_physical().cast(pl.Int64),
        )
        .sort("n", "least")
    )
    reached = (pl.col("points") >= pl.col("least")).fill_null(False)
    found = steps.group_by("n").agg(lowest=pl.col("gives").first(), reached=pl.col("gives").filter(reached).last())
    share = (
        pl.when(pl.col(RATIO).is_null() | pl.col("result").is_null())
        .then(None)
        .when(pl.col("result") == "fail")
        .then(0)
        .when(pl.col("points").is_null())
        .then(pl.col("lowest").fill_null(0))
        .otherwise(pl.col("reached").fill_null(0))
    )
    return (
        rows.join(found, on="n", how="left", maintain_order="left").with_columns(percent=share.cast(pl.Int64)).drop("n", RATIO)
    )


def with_amounts(bases: pl.DataFrame) -> pl.DataFrame:
    """Add `status`; exactly (10⁻¹⁶ yuan) `budget`, `spend` and `surplus`; and to the fen `budget_fen`, `spend_fen`, `surplus_fen`
    and `retained_fen`, each rounded once.
    """
    share = scaled("insured_share")
    budget = scaled("base_quantity") * scaled("price_before") * scaled("fund_pay_ratio_before") * share
    bought = pl.col("agreed_fen").cast(pl.Int128) + pl.col("non_selected_fen")
    status = (
        pl.when(pl.col("lacks_price").is_null())
        .then(pl.lit("no_commitment"))
        .when("lacks_price")
        .then(pl.lit("no_price"))
        .when(pl.col(f"{RATIO}_policy_id").is_null())
        .then(pl.lit("no_ratio"))
        .when(pl.col("result").is_null())
        .then(pl.lit("unassessed"))
        .otherwise(pl.lit("assessed"))
    )
    rows = bases.with_columns(status=status, budget=budget).with_columns(
        spend=pl.when(~pl.col("status").is_in(["no_commitment", "no_price"])).then(
            bought * scaled("fund_pay_ratio") * share * 10**6
        )
    )
    rows = rows.with_columns(surplus=pl.col("budget") - pl.col("spend"))
    kept = pl.when(pl.col("surplus") > 0).then(pl.col("surplus")).when(pl.col("surplus").is_not_null()).then(0)
    return rows.with_columns(
        *(round_half_up(pl.col(name), EXACT // 100).alias(f"{name}_fen") for name in ("budget", "spend", "surplus")),
        retained_fen=round_half_up(kept * pl.col("percent"), EXACT * PERCENT),
    )
