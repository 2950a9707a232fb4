"""Exact figures: quotients rounded once, money rounded half up, report rows as sums of evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

UNIT = 10**12
"""Quantities in minimum units are integers of 10⁻¹²: packs × units per pack × factor, four decimals each."""

_EXACT = 2**53


def quotient(numerator: pl.Series, denominator: pl.Series) -> pl.Series:
    """The exact quotient of two integer columns, rounded once to a double; null where the denominator is 0 or
    null.
    """
    pair = pl.DataFrame({"n": numerator.cast(pl.Int128), "d": denominator.cast(pl.Int128)})
    for scale in (UNIT, 10**8, 10**4):
        fits = (pl.col("n") % scale == 0) & (pl.col("d") % scale == 0)
        pair = pair.with_columns(
            pl.when(fits).then(pl.col(c) // scale).otherwise(pl.col(c)).alias(c) for c in ("n", "d")
        )
    rates = pair.select(
        pl.when(pl.col("d") != 0).then(pl.col("n").cast(pl.Float64) / pl.col("d").cast(pl.Float64)).alias("r")
    )["r"]
    wide = pair.select(
        (pl.col("d") != 0) & ((pl.col("n").abs() > _EXACT) | (pl.col("d").abs() > _EXACT)).alias("w")
    ).to_series().fill_null(False)  # fmt: skip
    if wide.any():
        exact = [n / d for n, d in pair.filter(wide).iter_rows()]  # int / int is correctly rounded in Python
        rates = rates.scatter(wide.arg_true(), exact)
    return rates


def with_quotients(rows: pl.DataFrame, rates: Mapping[str, tuple[str, str]]) -> pl.DataFrame:
    """Add rate columns: name → (numerator column, denominator column)."""
    return rows.with_columns(quotient(rows[n], rows[d]).alias(name) for name, (n, d) in rates.items())


def as_quantity(units: pl.Series) -> pl.Series:
    """Integers of 10⁻¹² as the double that is printed."""
    return quotient(units, pl.repeat(UNIT, len(units), dtype=pl.Int128, eager=True))


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


def sum_evidence(evidence: pl.DataFrame, by: Sequence[str], sums: Mapping[str, pl.Expr]) -> pl.DataFrame:
    """Report rows: one per value of `by`, each column the sum of its expression over the rows of evidence,
    sorted by `by`.
    """
    return evidence.group_by(by).agg(e.sum().alias(name) for name, e in sums.items()).sort(by)
