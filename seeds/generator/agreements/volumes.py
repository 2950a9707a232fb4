"""Agreed quantities and amounts set around what was bought, with their adjustments, excuses and prepayments."""

import numpy as np
import polars as pl

from seeds.generator.agreements.prepaid import make_prepayments
from seeds.generator.agreements.terms import FLOOR, move_ends, spell_directions
from seeds.generator.market.agencies import code_agencies
from seeds.generator.market.catalogue import SELECTED, Catalogue
from seeds.generator.market.region import Region
from seeds.generator.market.rounds import SPRING, Rounds
from seeds.generator.market.stock import Stock
from seeds.generator.orders import Orders
from seeds.generator.spelling import LAST_DAY, NO_DAY, Floats, Ints, choose_text, spell_days, spell_ids, spell_numbers

_YEAR_SHARE_TO_LAST_DAY = 256 / 365  # of 2020-04-20 … 2021-04-19
_ADJUSTED, _EXCUSED, _ENDS_MOVED, _IN_PACKS = 0.01, 0.01, 0.002, 0.3
_AMOUNT_DIRECTIONS = (0.35, 0.45, 0.2)  # floor, cap, band
_USUAL_PACKS = 25


def make_volumes(
    rng: np.random.Generator, count: int, region: Region, stock: Stock, catalogue: Catalogue, rounds: Rounds, orders: Orders
) -> dict[str, pl.DataFrame]:
    """`count` commitments (or as many as there are targets) and the datasets that hang on them, as text."""
    own = rng.spawn(1)[0]  # of what came later: zones of one seed keep the trade and the volumes that they had
    bought = _sum_purchases(region, stock, catalogue, rounds, orders)
    place = choose_targets(rng, count, bought)
    institution, target = np.divmod(place, len(rounds.items))
    is_spring = rounds.starts[target] == SPRING
    leader = np.searchsorted(rounds.target_of[:SELECTED], target)  # the first product that answers the target
    yuan, units = catalogue.prices[leader] / 10_000, catalogue.units_per_pack[leader]
    usual = _USUAL_PACKS * np.where(rounds.is_amount[target], yuan, units)
    volume = np.where(bought[place] > 0, bought[place], usual * rng.lognormal(0, 1, len(place)))
    volume /= np.where(is_spring, _YEAR_SHARE_TO_LAST_DAY, 1) * rng.lognormal(0.02, 0.3, len(place))
    product = rounds.products[target]
    in_packs = (product >= 0) & (rng.random(len(place)) < _IN_PACKS)
    packs = np.maximum(1, (volume / units).astype(np.int64))
    in_units = np.where(product >= 0, packs * units, np.maximum(10, volume.astype(np.int64) // 10 * 10))
    is_amount = rounds.is_amount[target]
    agreed = np.where(in_packs, packs, in_units)
    ids = spell_ids(f"XY{region.number:05d}", np.arange(len(place)), 7)
    start = rounds.starts[target]
    end = np.where(is_spring, start + 364, LAST_DAY)
    lots: list[str | None] = list(rounds.lot_codes)
    commitments = pl.DataFrame(
        {
            "commitment_id": ids,
            "lot_code": choose_text(lots, rounds.lots[target]),
            "item_code": choose_text(list(rounds.items), target),
            "institution_code": region.codes.gather(institution),
            "product_code": choose_text([*catalogue.codes, None], product),
            "target": choose_text(["quantity", "amount"], is_amount.astype(np.int64)),
            **spell_directions(own, agreed, np.where(is_amount, own.choice(3, len(place), p=_AMOUNT_DIRECTIONS), FLOOR)),
            "agreed_quantity": spell_numbers(agreed),
            "unit": choose_text(["min_unit", "pack"], in_packs.astype(np.int64)),
            "period_start": spell_days(start),
            "period_end": spell_days(end),
            "signed_on": spell_days(start - 10),
            "agency_code": code_agencies(region.divisions[institution]),
        }
    )
    adjusted = np.flatnonzero((rng.random(len(place)) < _ADJUSTED) & ~is_amount)
    excused = np.flatnonzero((rng.random(len(place)) < _EXCUSED) & ~is_amount)
    adjustments = _make_adjustments(rng, region, catalogue, ids, in_units, rounds.spare_of[target], start, adjusted)
    moved = move_ends(own, f"TQ{region.number:05d}", ids, end, _ENDS_MOVED)
    excuses = pl.DataFrame(
        {
            "excuse_id": spell_ids(f"BL{region.number:05d}", np.arange(len(excused)), 7),
            "kind": pl.repeat("volume", len(excused), eager=True),
            "institution_code": region.codes.gather(institution[excused]),
            "commitment_id": ids.gather(excused),
            "quantity": spell_numbers(np.maximum(1, in_units[excused] // 8)),
            "valid_from": spell_days(start[excused] + 60),
            "reason_code": pl.repeat("短缺", len(excused), eager=True),
            "approved_by": pl.repeat("医药服务科", len(excused), eager=True),
            "document_no": pl.repeat("慈医保〔2020〕31号", len(excused), eager=True),
        }
    )
    prepaid = make_prepayments(rng, region, catalogue, rounds, institution, target, np.where(is_amount, 0, in_units))
    return {
        "commitments": commitments,
        "commitment_adjustments": pl.concat([adjustments, moved], how="diagonal"),
        "excuses": pl.concat([excuses, prepaid["excuses"]], how="diagonal"),
        "prepayments": prepaid["prepayments"],
    }


def _sum_purchases(region: Region, stock: Stock, catalogue: Catalogue, rounds: Rounds, orders: Orders) -> Floats:
    """Minimum units (yuan for amount targets) received in the period, by institution × target."""
    product = stock.products[orders.batch]
    target = rounds.target_of[product]
    day = orders.accepted[orders.order]
    counts = (orders.received > 0) & (target >= 0) & (day != NO_DAY) & (day >= rounds.starts[target])
    units = orders.received * catalogue.units_per_pack[product] * rounds.factor_of[product]
    volume = np.where(rounds.is_amount[target], orders.amounts / 100, units)
    place = orders.institutions[orders.order] * len(rounds.items) + target
    size = len(region.weights) * len(rounds.items)
    total: Floats = np.bincount(place[counts], volume[counts], size).astype(np.float64)
    return total


def choose_targets(rng: np.random.Generator, count: int, bought: Floats) -> Ints:
    """`count` places: mostly what is bought, and one in thirty that is not bought at all; sorted."""
    used, idle = np.flatnonzero(bought > 0), np.flatnonzero(bought == 0)
    from_used = min(len(used), count - count // 30)
    from_idle = min(len(idle), count - from_used)
    chosen = [rng.choice(used, from_used, replace=False), rng.choice(idle, from_idle, replace=False)]
    found: Ints = np.sort(np.concatenate(chosen))
    return found


def _make_adjustments(
    rng: np.random.Generator,
    region: Region,
    catalogue: Catalogue,
    ids: pl.Series,
    agreed: Ints,
    spare: Ints,
    start: Ints,
    rows: Ints,
) -> pl.DataFrame:
    """Half change the volume by up to a fifth, half name a replacement product."""
    is_replaced = rng.random(len(rows)) < 0.5
    delta = (agreed[rows] * rng.uniform(-0.2, 0.2, len(rows))).astype(np.int64)
    return pl.DataFrame(
        {
            "adjustment_id": spell_ids(f"TZ{region.number:05d}", np.arange(len(rows)), 7),
            "commitment_id": ids.gather(rows),
            "effective_on": spell_days(start[rows] + rng.integers(30, 180, len(rows))),
            "delta_quantity": spell_numbers(np.where(is_replaced, 0, delta)),
            "replacement_product_code": choose_text(
                [*catalogue.codes, None], np.where(is_replaced, spare[rows], len(catalogue.codes))
            ),
            "reason": choose_text(["用量变化", "中选产品停产"], is_replaced.astype(np.int64)),
            "document_no": pl.repeat("慈医保〔2020〕22号", len(rows), eager=True),
        }
    )
