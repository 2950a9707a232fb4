"""What patients are charged: the purchase price, and a little more for a few lines."""

import numpy as np
import polars as pl

from seeds.generator.orders import Orders
from seeds.generator.spelling import spell_prices

_SHARE = 0.004
_TIMES = np.array([1.05, 1.15, 1.25])
_DIGITS = 100  # 10⁻⁴ yuan in a fen


def charge_more(rng: np.random.Generator, orders: Orders) -> pl.DataFrame:
    """`orders.frame` with a `charge_price` above the purchase price on four lines in a thousand, at least one; else as it is."""
    count = len(orders.prices)
    lines = np.sort(rng.choice(count, max(1, round(count * _SHARE)), replace=False))
    prices = np.ceil(orders.prices[lines] * rng.choice(_TIMES, len(lines)) / _DIGITS).astype(np.int64) * _DIGITS
    return orders.frame.with_columns(orders.frame["charge_price"].clone().scatter(lines, spell_prices(prices)))
