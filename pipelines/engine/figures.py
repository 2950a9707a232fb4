"""Exact figures: quotients rounded once, money rounded half up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import polars as pl

from schemas.table import ReportTable, Terms

_Frame = TypeVar("_Frame", pl.DataFrame, pl.LazyFrame)

UNIT = 10**12
"""Quantities in minimum units are integers of 10⁻¹²: packs × units per pack × factor, four decimals each."""

_SCALES = (UNIT, 10**8, 10**4)
_EXACT = 2**53


def quotient(numerator: pl.Series, denominator: pl.Series, scales: tuple[int, ...] = _SCALES) -> pl.Series:
    """The exact quotient of two integer columns, rounded once to a double; null where the denominator is 0 or
    null.

    Two integers up to 2⁵³ are doubles, and so is their quotient but for its one rounding. Most wider ones have one of
    the `scales` in common and come down to that without it; the rest is divided in Python.
    """
    pair = pl.DataFrame({"n": numerator, "d": denominator})
    answers = pair.select(
        rate=pl.when(pl.col("d") != 0).then(pl.col("n").cast(pl.Float64) / pl.col("d").cast(pl.Float64)),
        is_wide=~pl.all_horizontal(pl.col("n", "d").is_between(-_EXACT, _EXACT))
        & pl.col("n").is_not_null()
        & (pl.col("d") != 0),
    )
    rates, is_wide = answers["rate"], answers["is_wide"].fill_null(False)
    if not is_wide.any():
        return rates
    wide = pair.filter(is_wide)
    if scales:
        scaled_down = wide.select(_without(scales[0]))
        found = quotient(scaled_down["n"], scaled_down["d"], scales[1:])
    else:  # int / int is correctly rounded in Python
        found = pl.Series([n / d for n, d in wide.iter_rows()], dtype=pl.Float64)
    return rates.scatter(is_wide.arg_true(), found)


def _without(scale: int) -> list[pl.Expr]:
    """Both divided by the scale, where that leaves no rest in either; a product is found sooner than a rest."""
    n, d = (pl.col(c).cast(pl.Int128) for c in ("n", "d"))
    fits = (n // scale * scale == n) & (d // scale * scale == d)
    return [pl.when(fits).then(c // scale).otherwise(c) for c in (n, d)]


def quotient_of(numerator: str | pl.Expr, denominator: str | pl.Expr) -> pl.Expr:
    """The same as an expression, for frames that are not read yet."""
    pair = pl.struct(n=numerator, d=denominator)
    return pair.map_batches(
        lambda rows: quotient(rows.struct.field("n"), rows.struct.field("d")), return_dtype=pl.Float64, is_elementwise=True
    )


def with_quotients(rows: _Frame, rates: Mapping[str, tuple[str, str]]) -> _Frame:
    """Add rate columns: name → (numerator column, denominator column)."""
    return rows.with_columns(quotient_of(n, d).alias(name) for name, (n, d) in rates.items())


def with_rates(rows: _Frame, table: ReportTable) -> _Frame:
    """Add the rates of a report table from its own whole-numbered columns, each the quotient that its column declares."""
    rates = {column.name: column.of for column in table.columns if column.of}
    return rows.with_columns(quotient_of(total_of(of.above), total_of(of.below)).alias(name) for name, of in rates.items())


def total_of(terms: Terms) -> pl.Expr:
    """The sum of columns with their signs; null where one of them is."""
    return pl.sum_horizontal((sign * pl.col(name) for sign, name in terms), ignore_nulls=False)


def as_quantity(units: str | pl.Expr) -> pl.Expr:
    """Integers of 10⁻¹² as the double that is printed."""
    return quotient_of(units, pl.lit(UNIT, pl.Int128))


def round_half_up(numerator: pl.Expr, denominator: pl.Expr | int) -> pl.Expr:
    """numerator / denominator to the nearest integer, halves away from zero; both are integers, the
    denominator positive.
    """
    divisor = pl.lit(denominator, pl.Int128) if isinstance(denominator, int) else denominator
    rounded = (2 * numerator.cast(pl.Int128).abs() + divisor) // (2 * divisor)
    return pl.when(numerator < 0).then(0 - rounded).otherwise(rounded).cast(pl.Int64)


def scaled(column: str) -> pl.Expr:
    """A decimal column as the integer of its last decimal place (10⁻⁴), exactly."""
    return pl.col(column).to_physical().cast(pl.Int128)


def running_sum(amount: str, group: str) -> pl.Expr:
    """The sum of a column so far within its group, of rows that lie group by group, in their order.

    One running sum goes over all groups, less what it stood at where the group began: a tenth of a window.
    """
    total = pl.col(amount).cum_sum()
    begins = (pl.col(group) != pl.col(group).shift(1)).fill_null(True)
    return total - pl.when(begins).then(total - pl.col(amount)).forward_fill()
