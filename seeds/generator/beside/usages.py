"""Usages: what is dispensed of the packs that came, rarely more than there was, some taken back; and openings at the new year."""

import numpy as np
import polars as pl

from seeds.generator.market.catalogue import Catalogue
from seeds.generator.market.region import Region
from seeds.generator.market.stock import Stock
from seeds.generator.orders import Orders
from seeds.generator.spelling import LAST_DAY, Floats, Ints, choose_text, spell_days, spell_fen, spell_ids, spell_numbers

USAGES = 5  # for each delivery line
_OPENED, _OVERUSED, _RETURNED, _FUND = 0.4, 0.01, 0.012, 0.62
_OWN, _INSURANCE, _OTHER = 0.9, 0.07, 0.03  # under which code the fund settles
_KINDS: list[str | None] = ["dispensed", "returned", "opening"]
_SETTLEMENTS: list[str | None] = ["self", "fund"]
_STRANGE = "XA01AAA001A001010100001"


def make_usages(
    rng: np.random.Generator, count: int, region: Region, stock: Stock, catalogue: Catalogue, orders: Orders
) -> pl.DataFrame:
    """About `count` rows of the dataset `usages` as text, by day.

    What a line brought is dispensed in parts in the weeks after; of the products of one institution one in a hundred is used
    three times over. Openings are of 1 January: who has none has no stock to compare with.
    """
    products = stock.products[orders.batch]
    institutions = orders.institutions[orders.order]
    came = np.flatnonzero(orders.received > 0)
    pairs, pair_of = np.unique(institutions[came] * len(catalogue.prices) + products[came], return_inverse=True)
    is_opened, is_overused = rng.random(len(pairs)) < _OPENED, rng.random(len(pairs)) < _OVERUSED
    units = orders.received[came] * catalogue.units_per_pack[products[came]]
    line, part, days = _dispense(rng, max(0, count - int(is_opened.sum())), orders.accepted[orders.order[came]], units)
    quantity = np.where(is_overused[pair_of[line]], 3 * part, part)
    is_back = rng.random(len(line)) < _RETURNED
    back_days = days + rng.integers(1, 15, len(line))
    is_back &= back_days <= LAST_DAY

    opened = np.flatnonzero(is_opened)
    who, what = np.divmod(pairs[opened], len(catalogue.prices))
    opening = rng.integers(1, 60, len(opened)) * catalogue.units_per_pack[what]
    who = np.concatenate([institutions[came][line], institutions[came][line][is_back], who])
    what = np.concatenate([products[came][line], products[came][line][is_back], what])
    day = np.concatenate([days, back_days[is_back], np.zeros(len(opened), dtype=np.int64)])
    quantity = np.concatenate([quantity, np.maximum(1, quantity[is_back] // 2), opening])
    kind = np.repeat([0, 1, 2], [len(line), int(is_back.sum()), len(opened)])
    order = np.argsort(day, kind="stable")
    return _write(rng, region, catalogue, who[order], what[order], day[order], quantity[order], kind[order])


def _dispense(rng: np.random.Generator, count: int, accepted: Ints, units: Ints) -> tuple[Ints, Ints, Ints]:
    """About `count` events: the line of each, its units (a line's are at most what it brought) and its day."""
    if not len(units):
        nothing = np.zeros(0, dtype=np.int64)
        return nothing, nothing, nothing
    weight: Floats = np.minimum(units, 400) ** 0.5 * np.clip((LAST_DAY - accepted) / 30, 0, 1)
    times = np.minimum(rng.poisson(weight / max(weight.sum(), 1) * count * 1.1), units)
    line = np.repeat(np.arange(len(units)), times)
    days = accepted[line] + rng.exponential(30, len(line)).astype(np.int64)
    within = days <= LAST_DAY
    return line[within], (units[line] // np.maximum(times[line], 1))[within], days[within]


def _write(
    rng: np.random.Generator, region: Region, catalogue: Catalogue, who: Ints, what: Ints, day: Ints, quantity: Ints, kind: Ints
) -> pl.DataFrame:
    divisor = 100 * catalogue.units_per_pack[what]
    is_fund = (rng.random(len(who)) < _FUND) & (kind != _KINDS.index("opening"))
    insurance = catalogue.frame["insurance_code"].fill_null(catalogue.codes)
    codes = pl.concat([catalogue.codes, insurance, pl.Series([_STRANGE, None], dtype=pl.String)])
    other, none = 2 * len(catalogue.codes), 2 * len(catalogue.codes) + 1
    luck = rng.random(len(who))
    code = np.where(luck < _OWN, what, np.where(luck < _OWN + _INSURANCE, what + len(catalogue.codes), other))
    return pl.DataFrame(
        {
            "institution_code": region.codes.gather(who),
            "usage_id": spell_ids(f"FY{region.number:05d}", np.arange(len(who)), 9),
            "product_code": catalogue.codes.gather(what),
            "kind": choose_text(_KINDS, kind),
            "used_on": spell_days(day),
            "quantity": spell_numbers(quantity),
            "amount": spell_fen((quantity * catalogue.prices[what] + divisor // 2) // divisor),
            "settlement": choose_text(_SETTLEMENTS, is_fund.astype(np.int64)),
            "settlement_code": codes.gather(np.where(is_fund, code, none)),
        }
    )
