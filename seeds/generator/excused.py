"""Excuses for late payments and for the chain of an invoice: a few lines in ten thousand."""

import numpy as np
import polars as pl

from seeds.generator.market.region import Region
from seeds.generator.orders import Orders
from seeds.generator.spelling import spell_days, spell_ids

_SHARE = 0.001


def make_trade_excuses(rng: np.random.Generator, region: Region, orders: Orders) -> pl.DataFrame:
    """The dataset `excuses` as text: half payment (by delivery line), half two_invoice (by invoice)."""
    lines = np.flatnonzero(orders.is_invoiced & (rng.random(len(orders.order)) < _SHARE))
    order = orders.order[lines]
    is_payment = pl.Series(rng.random(len(lines)) < 0.5)
    return pl.DataFrame(
        {
            "excuse_id": spell_ids(f"ZD{region.number:05d}", np.arange(len(lines)), 7),
            "institution_code": region.codes.gather(orders.institutions[order]),
            "delivery_id": orders.delivery_ids.gather(lines),
            "invoice_code": orders.invoice_codes.gather(order),
            "invoice_no": orders.invoice_numbers.gather(order),
            "valid_from": spell_days(orders.accepted[order]),
        }
    ).with_columns(
        pl.when(is_payment).then(pl.lit("payment")).otherwise(pl.lit("two_invoice")).alias("kind"),
        pl.when(is_payment).then("delivery_id").alias("delivery_id"),
        pl.when(~is_payment).then(pl.col("invoice_code", "invoice_no")),
        pl.when(is_payment).then(pl.lit("质量争议")).otherwise(pl.lit("急救药品")).alias("reason_code"),
        pl.lit("医药价格科").alias("approved_by"),
        pl.lit("慈医保〔2020〕45号").alias("document_no"),
    )
