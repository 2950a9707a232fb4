"""Payments less what reversals took back of them (rulebook §5)."""

from __future__ import annotations

import polars as pl

from pipelines.engine.indicator import Inputs

_PAYMENT = ["institution_code", "payment_id"]


def made(inputs: Inputs) -> pl.LazyFrame:
    """Payment lines to as_of, of institutions that there are, as they were paid: without reversals.

    Out: `payment_id`, `line_no`, `paid_on`, `amount_fen`, and categorical what payments are told by: `institution_code`,
    `payee_code`, `channel`, `invoice_no`, `invoice_code` (`''` where empty).
    """
    return (
        _known(inputs)
        .filter(pl.col("amount_fen") > 0)
        .select(
            *("payment_id", "line_no", "paid_on", "amount_fen"),
            pl.col("institution_code", "payee_code", "channel", "invoice_no").cast(pl.Categorical),
            pl.col("invoice_code").fill_null("").cast(pl.Categorical),
        )
    )


def taken_back(inputs: Inputs) -> pl.LazyFrame:
    """What reversals to as_of took back by payment: `institution_code`, `payment_id`, `taken_back` in fen, and the first
    `invoice_code` and `invoice_no` that they name.
    """
    return (
        _known(inputs)
        .filter(pl.col("amount_fen") < 0)
        .group_by("institution_code", payment_id="reverses_payment_id")
        .agg(
            pl.struct(pl.col("invoice_code").fill_null(""), "invoice_no").sort().first().alias("invoice"),
            taken_back=-pl.col("amount_fen").sum(),
        )
        .unnest("invoice")
    )


def lessened(paid: pl.DataFrame, reversed_: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Lines of `made` with what reversals left of them (`amount` in fen, above 0), lessened in line order; and the rows of
    `taken_back` that took back more than had been paid (`excess_fen`).
    """
    left, excess = _take_back(
        paid.with_row_index("n")
        .filter(pl.col("payment_id").is_in(reversed_["payment_id"].implode()))
        .select("n", pl.col("institution_code").cast(pl.String), "payment_id", "line_no", "amount_fen"),
        reversed_,
    )
    amounts = paid["amount_fen"].scatter(left["n"], left["amount"])
    return paid.with_columns(amount=amounts).filter(pl.col("amount") > 0), excess


def _known(inputs: Inputs) -> pl.LazyFrame:
    places = inputs.scan("institutions").select("institution_code").collect().to_series()
    return inputs.scan("payments").filter(
        (pl.col("paid_on") <= inputs.as_of) & pl.col("institution_code").is_in(places.implode())
    )


def _take_back(paid: pl.DataFrame, reversed_: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What is left (`n`, `amount`) of the lines of reversed payments, and the reversals with an excess."""
    left = pl.col("amount_fen") - (pl.col("taken_back") - pl.col("before")).clip(0, pl.col("amount_fen"))
    lines = (
        paid.join(reversed_, on=_PAYMENT)
        .sort(*_PAYMENT, "line_no")
        .with_columns(before=pl.col("amount_fen").cum_sum().over(_PAYMENT) - pl.col("amount_fen"))
        .select(*_PAYMENT, "n", "amount_fen", amount=left)
    )
    totals = lines.group_by(_PAYMENT).agg(paid=pl.col("amount_fen").sum())
    excess = (
        reversed_.join(totals, on=_PAYMENT, how="left")
        .with_columns(excess_fen=pl.col("taken_back") - pl.col("paid").fill_null(0))
        .filter(pl.col("excess_fen") > 0)
        .sort(_PAYMENT)
    )
    return lines.select("n", "amount"), excess
