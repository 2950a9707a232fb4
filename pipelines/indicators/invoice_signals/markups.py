"""`chain_markup`: how much dearer a distributor sold a batch than it bought it from the manufacturer (obligations §29)."""

from __future__ import annotations

import polars as pl

from pipelines.engine.figures import quotient_of, round_half_up
from pipelines.engine.finding import percent, quantity, yuan
from pipelines.engine.indicator import Frames, Inputs, Link, Stage
from pipelines.indicators.invoice_signals.circles import PURCHASES
from pipelines.indicators.invoice_signals.declaration import LIMIT
from pipelines.indicators.invoice_signals.paid import JUDGED
from pipelines.indicators.invoice_signals.said import CHECK, INVOICE, invoice, packs, said, unit_price
from pipelines.indicators.two_invoice.verdicts import EXEMPT

SIGNAL = "chain_markup"
_UNIT = ["product_code", "batch_no", "seller_code"]
_LINE = [*INVOICE, "line_no"]
_MEASURES = ("net", "net_fen", "bought", "bought_fen")
_ABOVE = pl.col("net_fen").cast(pl.Int128) * pl.col("bought") - pl.col("bought_fen").cast(pl.Int128) * pl.col("net")
_BELOW = pl.col("bought_fen").cast(pl.Int128) * pl.col("net")
"""(p₂ − p₁)/p₁ in whole numbers, with p₂ = net_fen/net and p₁ = bought_fen/bought."""


def evidence(inputs: Inputs) -> Frames:
    """A row per line of a public institution with hop 1, not exempt, whose price is above what the seller paid for the batch up
    to that day to sellers of hop 0 (`bought`, `bought_fen`, both above 0), by more than the limit of its division on as_of.
    """
    limited = limits(inputs)
    lines = (
        inputs.scan(JUDGED).filter(pl.col("hops") == 1, ~pl.col("verdict").is_in(EXEMPT)).join(limited, on="jurisdiction_code")
    )
    sold = lines.select(*_UNIT, *_LINE, "institution_code", "issued_on", LIMIT, *_MEASURES[:2], "rows").collect()
    bought = (
        inputs.scan(PURCHASES).filter("is_source").select(*_UNIT[:2], "issued_on", *_MEASURES[:2], seller_code="buyer_code")
    )
    of_sold = bought.join(sold.lazy().select(_UNIT).unique(), on=_UNIT, how="semi")
    by_day = of_sold.group_by(*_UNIT, "issued_on").agg(bought=pl.col("net").sum(), bought_fen=pl.col("net_fen").sum())
    so_far = by_day.sort(*_UNIT, "issued_on").with_columns(pl.col(*_MEASURES[2:]).cum_sum().over(_UNIT))
    priced = sold.sort("issued_on").join_asof(
        so_far.sort("issued_on").collect(), on="issued_on", by=_UNIT, check_sortedness=False
    )
    limit = pl.col(LIMIT).to_physical().cast(pl.Int128)
    is_above = (pl.col("bought") > 0) & (pl.col("bought_fen") > 0) & (limit * _BELOW < _ABOVE * 10**6)
    return {SIGNAL: priced.filter(is_above)}


def limits(inputs: Inputs) -> pl.LazyFrame:
    """Divisions with a limit: `jurisdiction_code`, and the limit as of as_of."""
    places = inputs.scan("institutions").select("jurisdiction_code").unique().collect()
    found = inputs.with_policy(places.with_columns(day=pl.lit(inputs.as_of)), LIMIT, "day")
    return found.select("jurisdiction_code", LIMIT).drop_nulls().lazy()


def sums(evidence: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """The same, without the limit."""
    key = (*_UNIT, *_LINE, "institution_code", "issued_on")
    return {SIGNAL: evidence[SIGNAL].lazy().select(*key, *_MEASURES, "rows").collect()}


def tell(rows: pl.LazyFrame) -> pl.LazyFrame:
    """The rows as they are said."""
    numbered = rows.with_columns(
        _rate=quotient_of(_ABOVE, _BELOW),
        _dearer=round_half_up(_ABOVE, pl.col("bought").cast(pl.Int128)),
        _packs=packs("net"),
        _own=unit_price("net_fen", "net"),
        _paid=unit_price("bought_fen", "bought"),
    )
    message = pl.format(
        "发票 {} 第 {} 行（产品 {}，批号 {}）单价 {} 元，销方自生产企业购进的均价 {} 元，加价 {}，{} 盒计 {} 元。"
        "可能的正常原因：购进后另有折让、价格中含配送和冷链费用；" + CHECK + "购销合同和折让发票",
        invoice(),
        "line_no",
        "product_code",
        "batch_no",
        quantity("_own"),
        quantity("_paid"),
        percent("_rate"),
        quantity("_packs"),
        yuan("_dearer"),
    )
    return said(
        numbered,
        SIGNAL,
        _LINE,
        message,
        day="issued_on",
        institution="institution_code",
        counterparty="seller_code",
        amount="_dearer",
        quantity="_packs",
        rate=pl.col("_rate"),
    )


MARKUPS = Stage(
    unit=tuple(_UNIT),
    yields=(SIGNAL,),
    evidence=evidence,
    sums=sums,
    links={
        JUDGED: Link(where=pl.col("hops") == 1),
        PURCHASES: Link(
            {"product_code": "product_code", "batch_no": "batch_no", "seller_code": "buyer_code"}, where=pl.col("is_source")
        ),
    },
)
