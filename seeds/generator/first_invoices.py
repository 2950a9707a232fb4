"""The first invoice: manufacturer to distributor, large enough to cover a batch's sales to many hospitals."""

import numpy as np
import polars as pl

from seeds.generator.invoice_numbers import COMPANY, spell_invoice_keys
from seeds.generator.market.catalogue import Catalogue
from seeds.generator.market.region import Region
from seeds.generator.market.stock import DIRECT, MISSING, OTHER_BATCH, OVERSOLD, SECOND_LEVEL, Stock
from seeds.generator.orders import Orders
from seeds.generator.spelling import LAST_DAY, Ints, spell_days, spell_fen, spell_numbers

_INSTALMENTS = (0.60, 0.26, 0.14)  # shares of batches bought at once, in two, in three parts
_PRICE_BEFORE_MARK_UP = 92  # per cent of the hospital's price


def make_first_invoices(
    rng: np.random.Generator, region: Region, stock: Stock, catalogue: Catalogue, orders: Orders
) -> pl.DataFrame:
    """Company lines of `invoices` as text: purchases of batches, and hops between two distributors."""
    bought = _cover_sales(rng, stock, orders)
    buyers = np.where(stock.roles == SECOND_LEVEL, stock.middlemen, stock.suppliers)
    batches = pl.DataFrame({"text": stock.batches, "other": stock.roles == OTHER_BATCH}).select(
        pl.when("other").then(pl.col("text") + "X").otherwise("text")
    )
    parts = np.where(stock.roles == SECOND_LEVEL, 1, rng.choice([1, 2, 3], len(bought), p=_INSTALMENTS))
    parts[(stock.roles == MISSING) | (stock.roles == DIRECT)] = 0
    hops = np.flatnonzero(stock.roles == SECOND_LEVEL)
    lot = np.concatenate([np.repeat(np.arange(len(parts)), parts), hops])
    first = np.concatenate([np.arange(parts.sum()) - np.repeat(np.cumsum(parts) - parts, parts), np.zeros_like(hops)])
    is_hop = np.arange(len(lot)) >= parts.sum()
    share = bought[lot] // np.maximum(parts[lot], 1)
    packs = np.where(first == 0, bought[lot] - share * (np.maximum(parts[lot], 1) - 1), share)
    days = np.minimum(stock.days[lot] + first * 20 + is_hop, LAST_DAY)
    price = catalogue.prices[stock.products[lot]] * (_PRICE_BEFORE_MARK_UP + 3 * is_hop) // 10_000
    codes, numbers = spell_invoice_keys(COMPANY, region.number, np.arange(len(lot)), rng.random(len(lot)) < 0.3)
    makers = pl.Series(catalogue.first_sellers).gather(stock.products[lot])
    middlemen = region.suppliers.gather(stock.middlemen[lot])
    buyer = np.where(is_hop, stock.suppliers[lot], buyers[lot])
    return pl.DataFrame(
        {
            "invoice_code": codes,
            "invoice_no": numbers,
            "line_no": pl.repeat("1", len(lot), eager=True),
            "seller_code": pl.DataFrame({"hop": is_hop, "a": middlemen, "b": makers})
            .select(pl.when("hop").then("a").otherwise("b"))
            .to_series(),
            "buyer_code": region.suppliers.gather(buyer),
            "issued_on": spell_days(days),
            "product_code": catalogue.codes.gather(stock.products[lot]),
            "batch_no": batches.to_series().gather(lot),
            "quantity": spell_numbers(packs),
            "amount": spell_fen(packs * np.maximum(price, 1)),
        }
    ).with_columns(
        red_of_invoice_code=pl.lit(None, pl.String),
        red_of_invoice_no=pl.lit(None, pl.String),
        remark=pl.lit(None, pl.String),
        status=pl.lit("normal"),
    )


def _cover_sales(rng: np.random.Generator, stock: Stock, orders: Orders) -> Ints:
    """Packs bought of each batch: a little more than was sold, in tens; too few for `OVERSOLD`."""
    lines = orders.is_invoiced
    sold = np.bincount(orders.batch[lines], orders.received[lines], len(stock.roles)).astype(np.int64)
    plenty = (sold * rng.uniform(1.03, 1.3, len(sold))).astype(np.int64) // 10 * 10 + 10
    short = np.maximum(1, sold * 7 // 10)
    found: Ints = np.where((stock.roles == OVERSOLD) & (sold > 1), short, plenty)
    return found
