"""The reference prices: what products are listed at and what the fund pays, in the nation and in places; a few change."""

import numpy as np
import polars as pl

from seeds.generator.market.catalogue import PRODUCTS, SELECTED, Catalogue
from seeds.generator.spelling import Floats, spell_prices, tabulate

_COLUMNS = "kind product_code jurisdiction_code valid_from valid_to document_no"
_LISTED, _PAID = "省药采办〔2020〕3号", "医保发〔2019〕46号"
_LISTED_AT = np.array([1.0, 1.05, 0.97, 1.2])  # of the usual price
_PAID_AT = np.array([1.0, 1.0, 1.02, 0.94, 1.3])
_SINCE, _BEFORE, _CHANGED = "2019-06-01", "2020-06-30", "2020-07-01"
_PLACES = (("", 0.1), ("33", 0.2), ("37", 0.06), ("3302", 0.05), ("3715", 0.05))  # where, and of how many products
_CHANGES, _RUNS_OUT, _STEP = 0.15, 0.08, 0.96
_Entry = tuple[str | None, ...]


def make_prices(rng: np.random.Generator, catalogue: Catalogue) -> pl.DataFrame:
    """The dataset `reference_prices` as text, about 800 prices; a place within another says its own for some products."""
    entries: list[_Entry] = []
    prices: list[int] = []

    def name(kind: str, place: str, share: float, ratios: Floats, document: str, first: int) -> None:
        chosen = first + np.flatnonzero(rng.random(PRODUCTS - first) < share)
        luck, ratio = rng.random(len(chosen)), rng.choice(ratios, len(chosen))
        for i, lot, times in zip(chosen, luck, ratio, strict=True):
            changes, ends = lot < _CHANGES, _CHANGES <= lot < _CHANGES + _RUNS_OUT
            days = [
                (_SINCE, _BEFORE if changes or ends else None, times),
                *([(_CHANGED, None, times * _STEP)] if changes else []),
            ]
            entries.extend((kind, catalogue.codes[int(i)], place or None, since, until, document) for since, until, _ in days)
            prices.extend(max(100, round(catalogue.prices[i] * of / 100) * 100) for _, _, of in days)

    for place, share in _PLACES:
        name("listing", place, share, _LISTED_AT, _LISTED, SELECTED)
        name("payment_standard", place, share, _PAID_AT, _PAID, 0)
    return tabulate(entries, _COLUMNS).with_columns(price=spell_prices(np.array(prices, dtype=np.int64)))
