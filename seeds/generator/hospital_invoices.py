"""The second invoice: distributor to hospital, with void duplicates and red invoices for what went back."""

import numpy as np
import polars as pl

from seeds.generator.invoice_numbers import RED, VOID, spell_invoice_keys
from seeds.generator.market.catalogue import Catalogue
from seeds.generator.market.region import Region
from seeds.generator.market.stock import Stock
from seeds.generator.orders import Orders
from seeds.generator.returned import Returned
from seeds.generator.spelling import LAST_DAY, Bools, Ints, choose_text, spell_days, spell_fen, spell_numbers

_VOID_SHARE = 0.013
_RED_SHARE = 0.78  # of confirmed returns: about 1% of all invoice lines


def make_hospital_invoices(
    rng: np.random.Generator, region: Region, stock: Stock, catalogue: Catalogue, orders: Orders, returned: Returned
) -> pl.DataFrame:
    """Normal, void and red lines of the dataset `invoices` as text."""
    lines = np.flatnonzero(orders.is_invoiced)
    normal = _bill_lines(region, stock, catalogue, orders, lines)
    is_redrawn = rng.random(len(orders.issued)) < _VOID_SHARE
    picked = is_redrawn[orders.order[lines]]
    void_keys = spell_invoice_keys(VOID, region.number, np.arange(len(is_redrawn)), orders.is_electronic)
    void = normal.filter(pl.Series(picked)).with_columns(
        invoice_code=void_keys[0].gather(orders.order[lines[picked]]),
        invoice_no=void_keys[1].gather(orders.order[lines[picked]]),
        status=pl.lit("void"),
    )
    red = _make_red(rng, region, stock, catalogue, orders, returned)
    return pl.concat([normal, void, red])


def _bill_lines(region: Region, stock: Stock, catalogue: Catalogue, orders: Orders, lines: Ints) -> pl.DataFrame:
    order, batch = orders.order[lines], orders.batch[lines]
    return pl.DataFrame(
        {
            "invoice_code": orders.invoice_codes.gather(order),
            "invoice_no": orders.invoice_numbers.gather(order),
            "line_no": spell_numbers(orders.line_numbers[lines]),
            "seller_code": region.suppliers.gather(orders.suppliers[order]),
            "buyer_code": region.buyers.gather(orders.institutions[order]),
            "issued_on": spell_days(orders.issued[order]),
            "product_code": catalogue.codes.gather(stock.products[batch]),
            "batch_no": stock.batches.gather(batch),
            "quantity": spell_numbers(orders.received[lines]),
            "amount": spell_fen(orders.amounts[lines]),
        }
    ).with_columns(
        red_of_invoice_code=pl.lit(None, pl.String),
        red_of_invoice_no=pl.lit(None, pl.String),
        remark=pl.lit(None, pl.String),
        status=pl.lit("normal"),
    )


def _make_red(
    rng: np.random.Generator, region: Region, stock: Stock, catalogue: Catalogue, orders: Orders, returned: Returned
) -> pl.DataFrame:
    """Half of the electronic ones name their invoice in the remark only."""
    days = np.maximum(returned.days + rng.integers(0, 6, len(returned.days)), orders.issued[orders.order[returned.lines]])
    is_red: Bools = returned.is_confirmed & orders.is_invoiced[returned.lines] & (days <= LAST_DAY)
    is_red &= rng.random(len(days)) < _RED_SHARE
    lines, packs = returned.lines[is_red], returned.packs[is_red]
    order = orders.order[lines]
    codes, numbers = spell_invoice_keys(RED, region.number, np.arange(len(lines)), orders.is_electronic[order])
    by_remark = orders.is_electronic[order] & (rng.random(len(lines)) < 0.5)
    reason = choose_text(["销货退回", "开票有误"], (rng.random(len(lines)) < 0.1).astype(np.int64))
    original = orders.invoice_numbers.gather(order)
    return _bill_lines(region, stock, catalogue, orders, lines).with_columns(
        invoice_code=codes,
        invoice_no=numbers,
        line_no=pl.lit("1"),
        issued_on=spell_days(days[is_red]),
        quantity=spell_numbers(-packs),
        amount=spell_fen(-((packs * orders.prices[lines] + 50) // 100)),
        red_of_invoice_code=orders.invoice_codes.gather(order),
        red_of_invoice_no=pl.when(pl.Series(by_remark)).then(None).otherwise(original),
        remark=pl.when(pl.Series(by_remark)).then("被红冲蓝字数电发票号码：" + original).otherwise(reason),
    )
