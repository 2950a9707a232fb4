"""`circular`: two companies that invoiced one batch of a product to each other (obligations §29)."""

from __future__ import annotations

import polars as pl

from pipelines.engine.finding import yuan
from pipelines.engine.indicator import Frames, Inputs, Link, Stage
from pipelines.indicators.invoice_signals.said import CHECK, said
from pipelines.indicators.two_invoice.chain import has_batch

SIGNAL = "circular"
PURCHASES = "two_invoice.purchases"
_BATCH = ["product_code", "batch_no"]
_PAIR = [*_BATCH, "seller_code", "buyer_code"]


def evidence(inputs: Inputs) -> Frames:
    """A row per product, batch (not empty) and two companies with net lines either way: `seller_code` is the lower code;
    `there_fen` what it invoiced to `buyer_code`, `back_fen` what that invoiced to it, and the latest `issued_on`.
    """
    bought = inputs.scan(PURCHASES).filter(has_batch(pl.col("batch_no")))
    pairs = bought.group_by(_PAIR).agg(pl.col("issued_on").max(), pl.col("net_fen", "rows").sum())
    either = pairs.join(
        pairs.rename({"seller_code": "buyer_code", "buyer_code": "seller_code"}), on=_PAIR, suffix="_back"
    ).filter(pl.col("seller_code") < pl.col("buyer_code"))
    found = either.select(
        *_PAIR,
        issued_on=pl.max_horizontal("issued_on", "issued_on_back"),
        there_fen="net_fen",
        back_fen="net_fen_back",
        rows=pl.col("rows") + pl.col("rows_back"),
    )
    return {SIGNAL: found.collect()}


def sums(evidence: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """The same."""
    return {SIGNAL: evidence[SIGNAL].lazy().collect()}


def tell(rows: pl.LazyFrame) -> pl.LazyFrame:
    """The rows as they are said."""
    both = rows.with_columns(_both=pl.col("there_fen") + pl.col("back_fen"))
    message = pl.format(
        "产品 {} 批号 {}：企业 {} 开给 {} {} 元，{} 又开给 {} {} 元，合计 {} 元。"
        "可能的正常原因：退货没有开红字发票、集团内调剂；" + CHECK + "随货同行单和资金流向",
        *_BATCH,
        "seller_code",
        "buyer_code",
        yuan("there_fen"),
        "buyer_code",
        "seller_code",
        yuan("back_fen"),
        yuan("_both"),
    )
    return said(both, SIGNAL, _PAIR, message, day="issued_on", counterparty="seller_code", amount="_both")


CIRCLES = Stage(unit=tuple(_BATCH), yields=(SIGNAL,), evidence=evidence, sums=sums, links={PURCHASES: Link()})
