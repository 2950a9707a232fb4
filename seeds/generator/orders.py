"""The orders of a region: who ordered what from whom, what arrived, and which lines the supplier invoiced."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from seeds.generator.invoice_numbers import HOSPITAL, spell_invoice_keys
from seeds.generator.market.catalogue import Catalogue
from seeds.generator.market.region import Region
from seeds.generator.market.stock import Stock
from seeds.generator.spelling import (
    DAY_ZERO,
    LAST_DAY,
    NO_DAY,
    Bools,
    Floats,
    Ints,
    choose_text,
    spell_days,
    spell_flags,
    spell_ids,
    spell_numbers,
    spell_prices,
)

_LINES_PER_ORDER = 1.64
_MONTHS = (0.9, 0.5, 0.8, 1.0, 1.05, 1.1, 1.1, 1.1, 1.1, 1.0, 1.1, 1.15)  # the epidemic spring of 2020
_PRICE_STEPS = np.array([1.0, 1.02, 1.10, 0.95])
_STEP_SHARES = (0.96, 0.015, 0.01, 0.015)


@dataclass(frozen=True)
class Orders:
    """Orders (`institutions` … `is_electronic`, one entry each) and their lines (`order` … `amounts`).

    Days as in `spelling`; `issued` is NO_DAY where there is no invoice. Quantities in packs, `received` 0
    where nothing came; `prices` in 10⁻⁴ yuan, `amounts` in fen for the received packs. Invoiced lines are
    numbered 1, 2 ….
    """

    institutions: Ints
    suppliers: Ints
    ordered: Ints
    accepted: Ints
    issued: Ints
    is_electronic: Bools
    order: Ints
    batch: Ints
    received: Ints
    prices: Ints
    amounts: Ints
    is_invoiced: Bools
    line_numbers: Ints
    invoice_codes: pl.Series
    invoice_numbers: pl.Series
    delivery_ids: pl.Series
    frame: pl.DataFrame


def make_orders(rng: np.random.Generator, count: int, region: Region, stock: Stock, catalogue: Catalogue) -> Orders:
    """Exactly `count` delivery lines; `frame` is the dataset `deliveries` as text."""
    sizes = rng.geometric(1 / _LINES_PER_ORDER, count)
    orders = int(np.searchsorted(np.cumsum(sizes), count)) + 1
    order = np.repeat(np.arange(orders), sizes[:orders])[:count]
    institutions = rng.choice(len(region.weights), orders, p=region.weights)
    slots = (region.breadth[institutions] * rng.random(orders) ** 1.6).astype(np.int64)
    suppliers = region.choices[institutions, slots]
    ordered = _draw_days(rng, orders)
    shipped = ordered + rng.integers(1, 4, orders)
    accepted = shipped + rng.integers(0, 4, orders)
    is_pending = (accepted > LAST_DAY) | (rng.random(orders) < 0.01)
    issued = shipped + rng.integers(0, 5, orders)
    is_billed = ~is_pending & (issued <= LAST_DAY) & (rng.random(orders) > 0.005)
    is_electronic = rng.random(orders) < 0.3

    batch = stock.find(suppliers[order], ordered[order], rng.random(count))
    product = stock.products[batch]
    wanted = _draw_quantities(rng, region.weights[institutions[order]])
    received = np.where(rng.random(count) < 0.045, (wanted * rng.random(count)).astype(np.int64), wanted)
    is_gift = rng.random(count) < 0.003
    step = rng.choice(len(_PRICE_STEPS), count, p=_STEP_SHARES)
    table = _step_prices(catalogue.prices)
    prices = table[product, step]
    is_accepted = ~is_pending[order]
    is_invoiced = is_billed[order] & (received > 0) & ~is_gift
    codes, numbers = spell_invoice_keys(HOSPITAL, region.number, np.arange(orders), is_electronic)
    serials = np.arange(count)
    delivery_ids = spell_ids(f"PS{region.number:05d}", serials, 8)
    price_texts = spell_prices(table.ravel()).gather(product * len(_PRICE_STEPS) + step)
    shipped_quantity = np.where(rng.random(count) < 0.1, wanted, received)
    received_text = _blank(spell_numbers(received), is_accepted)
    frame = pl.DataFrame(
        {
            "institution_code": region.codes.gather(institutions[order]),
            "delivery_id": delivery_ids,
            "order_line_id": spell_ids(f"DD{region.number:05d}", serials, 8),
            "distributor_code": region.suppliers.gather(suppliers[order]),
            "product_code": catalogue.codes.gather(product),
            "batch_no": stock.batches.gather(batch),
            "ordered_quantity": spell_numbers(wanted),
            "shipped_quantity": _blank(spell_numbers(shipped_quantity), is_accepted),
            "received_quantity": received_text,
            "unit_price": price_texts,
            "ordered_on": spell_days(ordered[order]),
            "shipped_on": spell_days(np.where(is_pending, NO_DAY, shipped)[order]),
            "accepted_on": spell_days(np.where(is_pending, NO_DAY, accepted)[order]),
            "invoice_code": _blank(codes.gather(order), is_invoiced),
            "invoice_no": _blank(numbers.gather(order), is_invoiced),
            "channel": choose_text(["platform", "offline"], (rng.random(count) < 0.015).astype(np.int64)),
            "is_gift": spell_flags(is_gift),
            "is_emergency": spell_flags(rng.random(count) < 0.003),
            "trace_codes_count": _blank(received_text, rng.random(count) < 0.6),
            "charge_price": price_texts,
        }
    )
    return Orders(
        institutions=institutions,
        suppliers=suppliers,
        ordered=ordered,
        accepted=np.where(is_pending, NO_DAY, accepted),
        issued=np.where(is_billed, issued, NO_DAY),
        is_electronic=is_electronic,
        order=order,
        batch=batch,
        received=np.where(is_accepted, received, 0),
        prices=prices,
        amounts=(received * prices + 50) // 100,
        is_invoiced=is_invoiced,
        line_numbers=_number_lines(order, is_invoiced),
        invoice_codes=codes,
        invoice_numbers=numbers,
        delivery_ids=delivery_ids,
        frame=frame,
    )


def _draw_days(rng: np.random.Generator, count: int) -> Ints:
    """Order days of 2020, by the weight of their month."""
    days = np.datetime64(DAY_ZERO) + np.arange(LAST_DAY + 1)
    weight = np.array(_MONTHS)[days.astype("datetime64[M]").astype(np.int64) % 12]
    found: Ints = rng.choice(LAST_DAY + 1, count, p=weight / weight.sum())
    return found


def _draw_quantities(rng: np.random.Generator, weights: Floats) -> Ints:
    """Whole packs, more in large institutions; large orders come in tens."""
    packs = rng.lognormal(3.0, 0.9, len(weights)) * (weights / weights.mean()) ** 0.3
    whole = np.clip(packs, 1, 5_000).astype(np.int64)
    found: Ints = np.where(whole > 50, whole // 10 * 10, whole)
    return found


def _step_prices(prices: Ints) -> Ints:
    """Paid prices: mostly the listed one, else whole fen a little off it."""
    stepped: Ints = np.round(prices[:, None] * _PRICE_STEPS / 100).astype(np.int64) * 100
    stepped[:, 0] = prices
    return stepped


def _number_lines(order: Ints, is_invoiced: Bools) -> Ints:
    """1, 2 … over the invoiced lines of an order; lines of one order stand together."""
    running = np.cumsum(is_invoiced)
    begin = np.searchsorted(order, order)
    found: Ints = running - np.where(begin > 0, running[begin - 1], 0)
    return found


def _blank(texts: pl.Series, keep: Bools) -> pl.Series:
    return pl.DataFrame({"text": texts, "keep": keep}).select(pl.when("keep").then("text")).to_series()
