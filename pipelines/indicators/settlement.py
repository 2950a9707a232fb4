"""Settlement: which payment paid which payable, in two passes (rulebook §5)."""

from __future__ import annotations

import polars as pl

from pipelines.indicators.allocation import allocate, allocate_shared
from pipelines.indicators.indicator import Inputs

_INVOICE = ["invoice_code", "invoice_no"]


def payments_made(inputs: Inputs) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Payment lines to as_of, lessened by the reversals dated by then (in line order), and what reversals
    took back in excess.

    `pay` numbers the lines in payment order: paid_on, payment_id, line_no, institution.
    """
    key = ["institution_code", "payment_id"]
    lines = inputs.scan("payments").filter(pl.col("paid_on") <= inputs.as_of).join(
        inputs.scan("institutions").select("institution_code"), on="institution_code", how="semi"
    )  # fmt: skip
    reversed_ = (
        lines.filter(pl.col("amount_fen") < 0)
        .group_by("institution_code", payment_id="reverses_payment_id")
        .agg(taken_back=-pl.col("amount_fen").sum())
        .collect()
    )
    paid = (
        lines.filter(pl.col("amount_fen") > 0)
        .select(*key, "line_no", "payee_code", "paid_on", *_INVOICE, "amount_fen", "_file", "_sheet", "_line")
        .collect()
        .join(reversed_, on=key, how="left")
        .sort(*key, "line_no")
        .with_columns(before=pl.col("amount_fen").cum_sum().over(key) - pl.col("amount_fen"))
        .with_columns(
            amount=pl.col("amount_fen")
            - (pl.col("taken_back").fill_null(0) - pl.col("before")).clip(0, pl.col("amount_fen"))
        )
    )
    totals = paid.group_by(key).agg(paid=pl.col("amount_fen").sum())
    excess = (
        reversed_.join(totals, on=key, how="left")
        .with_columns(excess_fen=pl.col("taken_back") - pl.col("paid").fill_null(0))
        .filter(pl.col("excess_fen") > 0)
        .sort(key)
    )
    paid = (
        paid.filter(pl.col("amount") > 0)
        .sort("paid_on", "payment_id", "line_no", "institution_code")
        .with_row_index("pay")
    )
    return paid.drop("taken_back", "before"), excess


def settle(payments: pl.DataFrame, payables: pl.DataFrame) -> pl.DataFrame:
    """First to the payables of the named invoice, whoever the payee; then what is left, by institution and
    supplier.
    """
    first = _allocate_by_invoice(payments, payables)
    rest_paid = _less(payments, first, "pay").select(
        "pay", "amount", "institution_code", supplier="payee_code"
    )
    rest_due = _less(payables, first, "due").select(
        "due", "amount", "institution_code", supplier="distributor_code"
    )
    parties = ["institution_code", "supplier"]
    groups = rest_due.select(parties).unique().sort(parties).with_row_index("group")
    second = allocate(rest_paid.join(groups, on=parties), rest_due.join(groups, on=parties))
    passes = [first.with_columns(pass_no=pl.lit(1, pl.Int8)), second.with_columns(pass_no=pl.lit(2, pl.Int8))]
    return pl.concat(passes).sort("due", "pay", "pass_no")


def _less(rows: pl.DataFrame, allocations: pl.DataFrame, side: str) -> pl.DataFrame:
    used = allocations.group_by(side).agg(used=pl.col("amount").sum())
    rest = rows.join(used, on=side, how="left").with_columns(
        amount=pl.col("amount") - pl.col("used").fill_null(0)
    )
    return rest.filter(pl.col("amount") > 0)


def _allocate_by_invoice(payments: pl.DataFrame, payables: pl.DataFrame) -> pl.DataFrame:
    """Payments that name an invoice go to its payables of the payer, or of institutions whose parent the
    payer is.
    """
    named = payments.filter(pl.col("invoice_no").is_not_null()).with_columns(
        pl.col("invoice_code").fill_null("")
    )
    owed = payables.filter(pl.col("invoice_no").is_not_null()).with_columns(
        pl.col("invoice_code").fill_null("")
    )
    payers = named.select(*_INVOICE, payer_code="institution_code").unique().with_row_index("payer")
    holders = (
        owed.select(*_INVOICE, "institution_code", "parent_institution_code")
        .unique()
        .with_row_index("holder")
    )
    links = pl.concat(
        payers.join(
            holders.drop_nulls(code), left_on=[*_INVOICE, "payer_code"], right_on=[*_INVOICE, code]
        ).select(*_INVOICE, "payer", "holder")
        for code in ("institution_code", "parent_institution_code")
    ).unique()
    named = named.join(payers, left_on=[*_INVOICE, "institution_code"], right_on=[*_INVOICE, "payer_code"])
    owed = owed.join(holders.drop("parent_institution_code"), on=[*_INVOICE, "institution_code"])
    reach = (
        links.sort("holder")
        .group_by("payer")
        .agg(pl.col("holder"), pl.first(*_INVOICE))
        .with_columns(group=pl.col("holder").list.first())
    )
    shared = (
        reach.explode("holder").join(reach.select("payer", reach="holder"), on="payer")
        .group_by("holder").agg(pl.col("reach").n_unique().alias("n"), pl.first(*_INVOICE))
        .filter(pl.col("n") > 1).select(_INVOICE).unique()
    )  # fmt: skip
    plain_reach = reach.join(shared, on=_INVOICE, how="anti")
    groups = plain_reach.explode("holder").select("holder", "group").unique()
    plain = allocate(
        named.join(plain_reach.select("payer", "group"), on="payer").select("group", "pay", "amount"),
        owed.join(groups, on="holder").select("group", "due", "amount"),
    )
    if shared.is_empty():
        return plain
    walked = allocate_shared(
        named.join(shared, on=_INVOICE, how="semi"),
        owed.join(shared, on=_INVOICE, how="semi"),
        links.join(shared, on=_INVOICE, how="semi"),
    )
    return pl.concat([plain, walked])
