"""`short_invoiced`: more was received under an invoice than stands on it (obligations §29)."""

from __future__ import annotations

import polars as pl

from pipelines.engine.finding import quantity
from pipelines.engine.indicator import Inputs
from pipelines.engine.kept import as_text
from pipelines.indicators.invoice_signals.said import CHECK, INVOICE, invoice, packs, said
from pipelines.lines.families import families_of
from pipelines.lines.lines import lines_of
from pipelines.lines.returned import DELIVERY

SIGNAL = "short_invoiced"
_PRODUCT = [*INVOICE, "product_code"]


def find(lines: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """In: net lines (`sold_under`) of the invoices that are looked at. Out: a row per institution with a net line of the invoice,
    and product of which its family `received` (10⁻⁴ packs, lines of §12 that name the invoice) more than is `invoiced` under
    that code and number; with the lowest `seller_code` and the latest `issued_on` there.
    """
    invoices = lines.select(INVOICE).unique().lazy()
    code = pl.col("invoice_code").fill_null("")
    own = inputs.scan("deliveries").with_columns(code).join(invoices, on=INVOICE, how="semi").select(DELIVERY).collect()
    named = as_text(lines_of(inputs.only_where("deliveries", own))).with_columns(code)
    by_family = named.join(inputs.once(families_of).lazy(), on="institution_code")
    received = by_family.group_by(*_PRODUCT, "head_code").agg(received=pl.col("packs").sum(), rows=pl.len().cast(pl.Int64))
    buyers = lines.select(*INVOICE, "head_code", "institution_code").drop_nulls().unique()
    invoiced = lines.group_by(_PRODUCT).agg(invoiced=pl.col("net").sum())
    of_invoice = lines.group_by(INVOICE).agg(pl.col("seller_code").min(), pl.col("issued_on").max())
    found = (
        received.collect()
        .join(buyers, on=[*INVOICE, "head_code"])
        .join(invoiced, on=_PRODUCT, how="left")
        .with_columns(pl.col("invoiced").fill_null(0))
        .filter(pl.col("received") > pl.col("invoiced"))
        .join(of_invoice, on=INVOICE)
    )
    return found.select("institution_code", *_PRODUCT, "seller_code", "issued_on", "received", "invoiced", "rows")


def tell(rows: pl.LazyFrame) -> pl.LazyFrame:
    """The rows as they are said."""
    short = packs(pl.col("received") - pl.col("invoiced"))
    numbered = rows.with_columns(_received=packs("received"), _invoiced=packs("invoiced"), _short=short)
    message = pl.format(
        "产品 {} 凭发票 {} 验收 {} 盒（{} 行收货，含同一医共体的机构），该号发票净数量 {} 盒，少 {} 盒。"
        "可能的正常原因：随后另开发票、收货时写错发票号、退货已开红字而未登记；" + CHECK + "入库单和发票清单",
        "product_code",
        invoice(),
        quantity("_received"),
        "rows",
        quantity("_invoiced"),
        quantity("_short"),
    )
    return said(
        numbered,
        SIGNAL,
        ["institution_code", *_PRODUCT],
        message,
        day="issued_on",
        institution="institution_code",
        counterparty="seller_code",
        quantity="_short",
    )
