"""Returns: one accepted line in fifty goes back, whole or in part."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from seeds.generator.market.region import Region
from seeds.generator.orders import Orders
from seeds.generator.spelling import LAST_DAY, Bools, Ints, choose_text, spell_days, spell_ids, spell_numbers

_SHARE = 0.02
_STATUSES: list[str | None] = ["confirmed", "requested", "refused"]


@dataclass(frozen=True)
class Returned:
    """Returned lines (numbers into the orders' lines), packs, days, and whether they are confirmed."""

    lines: Ints
    packs: Ints
    days: Ints
    is_confirmed: Bools
    frame: pl.DataFrame


def make_returns(rng: np.random.Generator, region: Region, orders: Orders) -> Returned:
    """`frame` is the dataset `returns` as text."""
    lines = np.flatnonzero((orders.received > 0) & (rng.random(len(orders.order)) < _SHARE * 1.08))
    days = orders.accepted[orders.order[lines]] + rng.integers(2, 40, len(lines))
    lines, days = lines[days <= LAST_DAY], days[days <= LAST_DAY]
    received = orders.received[lines]
    part = np.maximum(1, (received * rng.random(len(lines))).astype(np.int64))
    packs = np.where(rng.random(len(lines)) < 0.4, received, part)
    status = rng.choice(len(_STATUSES), len(lines), p=(0.9, 0.05, 0.05))
    frame = pl.DataFrame(
        {
            "institution_code": region.codes.gather(orders.institutions[orders.order[lines]]),
            "return_id": spell_ids(f"TH{region.number:05d}", np.arange(len(lines)), 8),
            "delivery_id": orders.delivery_ids.gather(lines),
            "returned_quantity": spell_numbers(packs),
            "returned_on": spell_days(days),
            "status": choose_text(_STATUSES, status),
        }
    )
    return Returned(lines, packs, days, status == 0, frame)
