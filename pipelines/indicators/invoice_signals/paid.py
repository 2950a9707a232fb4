"""`paid_unverified`: money went to receipts of an invoice whose chain is a violation or cannot be verified (obligations §29)."""

from __future__ import annotations

import polars as pl

from pipelines.engine.finding import yuan
from pipelines.engine.indicator import Frames, Inputs, Link, Stage
from pipelines.indicators.invoice_signals.said import CHECK, INVOICE, invoice, said
from pipelines.indicators.two_invoice.verdicts import UNVERIFIABLE, VIOLATION

SIGNAL = "paid_unverified"
JUDGED, MET = "two_invoice.lines", "payment.met"
IS_OPEN = pl.col("verdict").is_in((*VIOLATION, *UNVERIFIABLE))


def evidence(inputs: Inputs) -> Frames:
    """A row per invoice with lines of public institutions that violate or cannot be verified, and with payables to which the
    first pass of payments (rulebook §5) gave money: these `lines` and their `net_fen`, the money (`paid_fen`), the lowest
    `institution_code` and `seller_code`, and the latest `issued_on` of them.
    """
    open_ones = inputs.scan(JUDGED).filter(IS_OPEN).group_by(INVOICE)
    lines = open_ones.agg(
        pl.col("institution_code", "seller_code").min(),
        pl.col("issued_on").max(),
        net_fen=pl.col("net_fen").sum(),
        lines=pl.col("rows").sum(),
    )
    money = inputs.scan(MET).group_by(INVOICE).agg(pl.col("paid_fen", "rows").sum())
    return {SIGNAL: lines.join(money, on=INVOICE).collect()}


def sums(evidence: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """The same."""
    return {SIGNAL: evidence[SIGNAL].lazy().collect()}


def tell(rows: pl.LazyFrame) -> pl.LazyFrame:
    """The rows as they are said."""
    least = rows.with_columns(_least=pl.min_horizontal("paid_fen", "net_fen"))
    message = pl.format(
        "发票 {} 有 {} 行超过两票或无法核实（{} 元），而按该发票已付款 {} 元，计 {} 元。"
        "可能的正常原因：上游发票尚未报送、批号漏填；" + CHECK + "上游发票，核实后再付款",
        invoice(),
        "lines",
        yuan("net_fen"),
        yuan("paid_fen"),
        yuan("_least"),
    )
    return said(
        least,
        SIGNAL,
        INVOICE,
        message,
        day="issued_on",
        institution="institution_code",
        counterparty="seller_code",
        amount="_least",
    )


PAID = Stage(unit=("invoice_no",), yields=(SIGNAL,), evidence=evidence, sums=sums, links={JUDGED: Link(), MET: Link()})
