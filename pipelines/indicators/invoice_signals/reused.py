"""`number_reused`: one invoice with two or more sellers, or buyers (obligations §29)."""

from __future__ import annotations

import polars as pl

from pipelines.engine.finding import yuan
from pipelines.indicators.invoice_signals.said import CHECK, INVOICE, invoice, said

SIGNAL = "number_reused"
_HAS_KEY = (pl.col("invoice_code") != "") | pl.col("invoice_no").str.contains(r"^[0-9]{20}$")


def find(lines: pl.DataFrame) -> pl.DataFrame:
    """In: net lines (`sold_under`). Out: a row per code and number, with a code or 20 digits, that has several `sellers`, or
    `buyers` (a family is one): `institution_code` and `seller_code` of its first line, the latest `issued_on`, `net_fen` of all
    its `rows`.
    """
    counted = {"sellers": pl.col("seller_code").n_unique(), "buyers": pl.col("party_code").n_unique()}
    invoices = lines.filter(_HAS_KEY).group_by(INVOICE, maintain_order=True)
    found = invoices.agg(
        pl.col("institution_code", "seller_code").first(),
        pl.col("issued_on").max(),
        *(number.cast(pl.Int64).alias(name) for name, number in counted.items()),
        net_fen=pl.col("net_fen").sum(),
        rows=pl.len().cast(pl.Int64),
    )
    return found.filter(pl.any_horizontal(pl.col(*counted) > 1))


def tell(rows: pl.LazyFrame) -> pl.LazyFrame:
    """The rows as they are said."""
    message = pl.format(
        "发票 {} 的 {} 行有 {} 个销方、{} 个购方（同一医共体的机构算一个），合计 {} 元。"
        "可能的正常原因：号码录入有误、企业更名换码、清单分送几家；" + CHECK + "发票原件和查验结果",
        invoice(),
        "rows",
        "sellers",
        "buyers",
        yuan("net_fen"),
    )
    return said(
        rows,
        SIGNAL,
        INVOICE,
        message,
        day="issued_on",
        institution="institution_code",
        counterparty="seller_code",
        amount="net_fen",
    )
