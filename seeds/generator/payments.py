"""Payments: most on time, some in parts, some late or never, some without an invoice, a few taken back."""

import numpy as np
import polars as pl

from seeds.generator.market.region import Region
from seeds.generator.orders import Orders
from seeds.generator.returned import Returned
from seeds.generator.spelling import LAST_DAY, Ints, choose_text, spell_days, spell_fen, spell_ids, spell_numbers

_UNPAID, _IN_PARTS, _UNNAMED, _OTHER_PAYEE, _REVERSED = 0.02, 0.15, 0.04, 0.004, 0.006
_CHANNELS: list[str | None] = ["hospital", "fund_direct"]


def make_payments(rng: np.random.Generator, region: Region, orders: Orders, returned: Returned) -> pl.DataFrame:
    """The dataset `payments` as text: lines of one payer, payee and day make one payment."""
    owed = _sum_invoices(orders, returned)
    paid = np.flatnonzero((owed > 0) & (rng.random(len(owed)) >= _UNPAID))
    payer = region.payers[orders.institutions[paid]]
    is_prompt = rng.random(len(paid)) < region.punctuality[payer]
    late = 62 + rng.exponential(40, len(paid)).astype(np.int64)
    days = orders.accepted[paid] + np.where(is_prompt, rng.integers(3, 31, len(paid)), late)
    has_parts = (rng.random(len(paid)) < _IN_PARTS) & (owed[paid] >= 200)
    whole = owed[paid]
    begin = np.where(has_parts, (whole * rng.uniform(0.4, 0.8, len(paid))).astype(np.int64), whole)
    rest_days = days + rng.integers(10, 61, len(paid))

    invoice = np.concatenate([paid, paid[has_parts]])
    days = np.concatenate([days, rest_days[has_parts]])
    amounts = np.concatenate([begin, (whole - begin)[has_parts]])
    keep = days <= LAST_DAY
    invoice, days, amounts = invoice[keep], days[keep], amounts[keep]
    payer = region.payers[orders.institutions[invoice]]
    payee = orders.suppliers[invoice]
    other = rng.integers(0, len(region.suppliers), len(payee))
    payee = np.where(rng.random(len(payee)) < _OTHER_PAYEE, other, payee)
    order = np.lexsort((invoice, days, payee, payer))
    invoice, days, amounts, payer, payee = (a[order] for a in (invoice, days, amounts, payer, payee))
    document, line = _number_documents(payer, payee, days)
    ids = spell_ids(f"FK{region.number:05d}", document, 8)
    is_named = pl.Series(rng.random(len(invoice)) >= _UNNAMED)
    frame = pl.DataFrame(
        {
            "institution_code": region.codes.gather(payer),
            "payment_id": ids,
            "line_no": spell_numbers(line),
            "payee_code": region.suppliers.gather(payee),
            "paid_on": spell_days(days),
            "amount": spell_fen(amounts),
            "reverses_payment_id": pl.repeat(None, len(ids), dtype=pl.String, eager=True),
            "invoice_code": orders.invoice_codes.gather(invoice),
            "invoice_no": orders.invoice_numbers.gather(invoice),
            "channel": choose_text(_CHANNELS, region.is_fund_paid[payer].astype(np.int64)),
        }
    ).with_columns(pl.when(is_named).then(pl.col("invoice_code", "invoice_no")))
    return pl.concat([frame, _reverse_some(rng, region, frame, days, amounts)])


def _sum_invoices(orders: Orders, returned: Returned) -> Ints:
    """Fen still owed on each order's invoice after confirmed returns."""
    lines = orders.is_invoiced
    billed = np.bincount(orders.order[lines], orders.amounts[lines], len(orders.issued))
    back = returned.is_confirmed & lines[returned.lines]
    gone = returned.lines[back]
    credit = (returned.packs[back] * orders.prices[gone] + 50) // 100
    owed: Ints = (billed - np.bincount(orders.order[gone], credit, len(billed))).astype(np.int64)
    return owed


def _number_documents(payer: Ints, payee: Ints, days: Ints) -> tuple[Ints, Ints]:
    """Payment number and line within it, for rows sorted by payer, payee and day."""
    is_new = np.ones(len(days), dtype=bool)
    is_new[1:] = (np.diff(payer) != 0) | (np.diff(payee) != 0) | (np.diff(days) != 0)
    document = np.cumsum(is_new)
    begin = np.flatnonzero(is_new)
    return document, np.arange(len(days)) - begin[document - 1] + 1


def _reverse_some(rng: np.random.Generator, region: Region, frame: pl.DataFrame, days: Ints, amounts: Ints) -> pl.DataFrame:
    """Later payments that take back the whole or a part of one line."""
    back_on = days + rng.integers(2, 21, len(days))
    rows = np.flatnonzero((rng.random(len(days)) < _REVERSED) & (back_on <= LAST_DAY))
    part = np.maximum(1, (amounts[rows] * rng.random(len(rows))).astype(np.int64))
    back = np.where(rng.random(len(rows)) < 0.5, amounts[rows], part)
    return frame[rows].with_columns(
        payment_id=spell_ids(f"CX{region.number:05d}", np.arange(len(rows)), 8),
        line_no=pl.lit("1"),
        paid_on=spell_days(back_on[rows]),
        amount=spell_fen(-back),
        reverses_payment_id="payment_id",
    )
