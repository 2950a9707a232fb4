"""What the distributors of a region hold: batches of products, the day they came in, and by which chain."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from seeds.generator.market.catalogue import PRODUCTS, Catalogue
from seeds.generator.market.region import Region
from seeds.generator.spelling import Floats, Ints

EARLIEST, LATEST = -75, 350
PLAIN, SECOND_LEVEL, MISSING, OTHER_BATCH, OVERSOLD, NO_BATCH, DIRECT = range(7)
_SHARES = (0.93, 0.03, 0.01, 0.01, 0.015, 0.005)
_PER_SUPPLIER = 3
_BATCH_DAYS = 45


@dataclass(frozen=True)
class Stock:
    """Batches held, sorted by supplier and day.

    `roles` says how the batch came: plain first invoice, through a second distributor (`middlemen`), with a
    missing first invoice, one of another batch, too little of it, without a batch number, or made by the
    seller itself.
    """

    suppliers: Ints
    days: Ints
    products: Ints
    batches: pl.Series
    roles: Ints
    middlemen: Ints

    def find(self, suppliers: Ints, days: Ints, luck: Floats) -> Ints:
        """A batch for each sale: its supplier has held it for two days or more, rarely over four months."""
        keys = self.suppliers * 1_000 + self.days
        end = np.searchsorted(keys, suppliers * 1_000 + days - 2, side="right")
        begin = np.searchsorted(keys, suppliers * 1_000 + np.maximum(days - 120, EARLIEST))
        begin = np.minimum(begin, end - 1)
        found: Ints = begin + (luck * (end - begin)).astype(np.int64)
        return found


def make_stock(rng: np.random.Generator, size: int, region: Region, catalogue: Catalogue) -> Stock:
    """About `size` batches; every supplier has at least three, one of them from before the year."""
    count = len(region.suppliers)
    weight = 1 / np.arange(1, count + 1) ** 0.7
    drawn = rng.choice(count, max(0, size - count * _PER_SUPPLIER), p=weight / weight.sum())
    suppliers = np.concatenate([np.repeat(np.arange(count), _PER_SUPPLIER), drawn])
    days = rng.integers(EARLIEST, LATEST + 1, len(suppliers))
    days[: count * _PER_SUPPLIER : _PER_SUPPLIER] = EARLIEST
    order = np.lexsort((days, suppliers))
    suppliers, days = suppliers[order], days[order]
    products = rng.choice(PRODUCTS, len(suppliers), p=catalogue.popularity)
    roles = rng.choice(len(_SHARES), len(suppliers), p=_SHARES)
    is_direct = suppliers == count - 1
    own = np.flatnonzero(catalogue.makers == catalogue.makers[region.direct_product])
    products = np.where(is_direct, own[rng.integers(0, len(own), len(suppliers))], products)
    roles = np.where(is_direct, DIRECT, roles)
    return Stock(
        suppliers=suppliers,
        days=days,
        products=products,
        batches=_spell_batches(products, days, roles),
        roles=roles,
        middlemen=_choose_middlemen(rng, suppliers, region.groups),
    )


def _spell_batches(products: Ints, days: Ints, roles: Ints) -> pl.Series:
    """A batch is made every 45 days and goes to many: its number follows from product and day."""
    made = (days - EARLIEST) // _BATCH_DAYS * _BATCH_DAYS + EARLIEST - 20
    day = pl.from_epoch(pl.col("made") + 18_262, time_unit="d").dt.to_string("%y%m%d")
    batch = day + (pl.col("product") % 90 + 10).cast(pl.String)
    nothing = pl.col("role") == NO_BATCH
    frame = pl.DataFrame({"made": made, "product": products, "role": roles})
    return frame.select(pl.when(nothing).then(pl.lit("无")).otherwise(batch)).to_series()


def _choose_middlemen(rng: np.random.Generator, suppliers: Ints, groups: Ints) -> Ints:
    """Half of them from the supplier's own group where it has one, the others from anywhere else."""
    distributors = len(groups) - 1
    anyone = (suppliers + 1 + rng.integers(0, distributors - 1, len(suppliers))) % distributors
    sister = suppliers // 3 * 3 + (suppliers + 1) % 3
    from_group = (groups[suppliers] >= 0) & (rng.random(len(suppliers)) < 0.5)
    found: Ints = np.where(from_group, sister, anyone)
    return found
