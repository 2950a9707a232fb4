"""What a signal says: its row of the report table, with the day and the words of its finding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from pipelines.engine.figures import round_half_up

INVOICE = ["invoice_code", "invoice_no"]
NOTHING = pl.lit(None)
PACKS = 10**4
CHECK = "请核对"


def said(
    rows: pl.LazyFrame,
    signal: str,
    key: Sequence[str],
    message: pl.Expr,
    *,
    day: str | pl.Expr,
    institution: str | pl.Expr = NOTHING,
    counterparty: str | pl.Expr = NOTHING,
    amount: str | pl.Expr = NOTHING,
    quantity: str | pl.Expr = NOTHING,
    rate: pl.Expr = NOTHING,
) -> pl.LazyFrame:
    """A row of `invoice_signals` for each row, without its division: `signal`, `subject_key` (the columns of `key`),
    `institution_code`, `counterparty_code`, `amount_fen`, `quantity`, `rate`; `event_on` and `message` of its finding.
    """

    def as_(value: str | pl.Expr, dtype: Any) -> pl.Expr:
        return (pl.col(value) if isinstance(value, str) else value).cast(dtype)

    return rows.select(
        signal=pl.lit(signal),
        subject_key=pl.concat_str(pl.col(key).cast(pl.String), separator="|"),
        institution_code=as_(institution, pl.String),
        counterparty_code=as_(counterparty, pl.String),
        amount_fen=as_(amount, pl.Int64),
        quantity=as_(quantity, pl.Float64),
        rate=as_(rate, pl.Float64),
        event_on=as_(day, pl.Date),
        message=message,
    )


def invoice() -> pl.Expr:
    """Code and number as people write them; the number alone where there is no code."""
    return pl.when(pl.col("invoice_code") == "").then("invoice_no").otherwise(pl.concat_str(INVOICE, separator="-"))


def packs(units: str | pl.Expr) -> pl.Expr:
    """Packs × 10⁻⁴ as the double that is printed."""
    return (pl.col(units) if isinstance(units, str) else units).cast(pl.Float64) / PACKS


def unit_price(fen: str, units: str) -> pl.Expr:
    """Money for packs (10⁻⁴) as the price of one in yuan, to four decimals."""
    return round_half_up(pl.col(fen).cast(pl.Int128) * 10**6, pl.col(units).cast(pl.Int128)).cast(pl.Float64) / 10**4
