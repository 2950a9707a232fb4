"""Invoice lines that do not go together with others: a number used again, two distributors in a circle, red without a return."""

import numpy as np
import polars as pl

from seeds.generator.invoice_numbers import ODD, spell_invoice_keys
from seeds.generator.market.catalogue import Catalogue
from seeds.generator.market.region import Region
from seeds.generator.market.stock import Stock
from seeds.generator.orders import Orders
from seeds.generator.spelling import LAST_DAY, Ints, spell_days, spell_fen, spell_numbers

_SHARE = 0.0003
_AGAIN = 91  # the line of a number that is used again: no invoice has so many
_PACKS, _FEN = 5, 10_000


def make_odd_invoices(
    rng: np.random.Generator, region: Region, stock: Stock, catalogue: Catalogue, orders: Orders
) -> pl.DataFrame:
    """Lines of `invoices` as text beside those of the trade, of each of the three a few in ten thousand deliveries. Those between
    companies are of batches of their own, so that no verdict on a hospital's line hangs on them.
    """
    lines = np.flatnonzero(orders.is_invoiced & (orders.received > 1))
    count = min(max(1, round(len(lines) * _SHARE)), len(lines) // 2)
    used, flushed = rng.permutation(lines)[: 2 * count].reshape(2, count)
    pairs: Ints = np.array([rng.choice(len(region.suppliers), 2, replace=False) for _ in range(count)])
    codes, numbers = spell_invoice_keys(ODD, region.number, np.arange(3 * count), rng.random(3 * count) < 0.5)
    days = rng.integers(0, LAST_DAY, count)
    again = _between(region, stock, catalogue, used, orders, pairs, orders.issued[orders.order[used]]).with_columns(
        invoice_code=orders.invoice_codes.gather(orders.order[used]),
        invoice_no=orders.invoice_numbers.gather(orders.order[used]),
        line_no=pl.lit(str(_AGAIN)),
    )
    there, back = (
        _between(region, stock, catalogue, used, orders, way, days + turn).with_columns(
            invoice_code=codes[turn * count : (turn + 1) * count],
            invoice_no=numbers[turn * count : (turn + 1) * count],
            batch_no=pl.lit("H") + stock.batches.gather(orders.batch[used]).fill_null(""),
        )
        for turn, way in enumerate((pairs, pairs[:, ::-1]))
    )
    order = orders.order[flushed]
    red = _between(
        region, stock, catalogue, flushed, orders, pairs, np.minimum(orders.issued[order] + 1, LAST_DAY)
    ).with_columns(
        invoice_code=codes[2 * count :],
        invoice_no=numbers[2 * count :],
        seller_code=region.suppliers.gather(orders.suppliers[order]),
        buyer_code=region.buyers.gather(orders.institutions[order]),
        batch_no=stock.batches.gather(orders.batch[flushed]),
        quantity=pl.lit("-1"),
        amount=pl.lit("-0.01"),
        red_of_invoice_code=orders.invoice_codes.gather(order),
        red_of_invoice_no=orders.invoice_numbers.gather(order),
        remark=pl.lit("开票有误"),
    )
    return pl.concat([again, there, back, red])


def _between(
    region: Region, stock: Stock, catalogue: Catalogue, lines: Ints, orders: Orders, pairs: Ints, days: Ints
) -> pl.DataFrame:
    """A small line from one distributor to another, of the product of a delivery and a batch that nobody else has."""
    batch = orders.batch[lines]
    return pl.DataFrame(
        {
            "invoice_code": pl.repeat(None, len(lines), dtype=pl.String, eager=True),
            "invoice_no": pl.repeat("", len(lines), eager=True),
            "line_no": pl.repeat("1", len(lines), eager=True),
            "seller_code": region.suppliers.gather(pairs[:, 0]),
            "buyer_code": region.suppliers.gather(pairs[:, 1]),
            "issued_on": spell_days(days),
            "product_code": catalogue.codes.gather(stock.products[batch]),
            "batch_no": "Z" + stock.batches.gather(batch).fill_null(""),
            "quantity": spell_numbers(np.full(len(lines), _PACKS)),
            "amount": spell_fen(np.full(len(lines), _FEN)),
        }
    ).with_columns(
        red_of_invoice_code=pl.lit(None, pl.String),
        red_of_invoice_no=pl.lit(None, pl.String),
        remark=pl.lit(None, pl.String),
        status=pl.lit("normal"),
    )
