"""Trace scans: codes received with the deliveries, dispensed later, some taken back; and what goes wrong with them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from seeds.generator.beside.codes import CASE, PACK, WHOLE_CASE, spell_codes
from seeds.generator.market.catalogue import Catalogue
from seeds.generator.market.region import Region
from seeds.generator.market.stock import Stock
from seeds.generator.orders import Orders
from seeds.generator.returned import Returned
from seeds.generator.spelling import LAST_DAY, NO_DAY, Bools, Ints, choose_text, spell_days, spell_ids, spell_numbers

SCANS = 20  # for each delivery line
_AT_ONCE = 400_000
_IN_CASES, _MISSING, _TWICE, _UNLIKE = 0.3, 0.04, 0.004, 0.001
_DISPENSING, _PIECEWISE, _TAKEN_BACK, _REUSED, _RESOLD = 0.75, 0.04, 0.01, 0.0004, 0.2
_EVENTS: list[str | None] = ["received", "dispensed", "taken_back"]
_RECEIVED, _DISPENSED, _TAKEN = range(3)


@dataclass(frozen=True)
class _Plan:
    """By line: codes scanned as it came, how many of them cases, packs dispensed with a scan, whether all of it was sent back."""

    codes: Ints
    cases: Ints
    dispensed: Ints
    is_back: Bools


@dataclass(frozen=True)
class _Scans:
    """Scans by line and pack; `institutions` who scanned, -1 delivery where none is named."""

    lines: Ints
    packs: Ints
    levels: Ints
    events: Ints
    days: Ints
    institutions: Ints
    names_delivery: Bools

    def pick(self, rows: Ints | Bools, **others: Ints) -> "_Scans":
        """Some of them, with other columns where given."""
        return _Scans(**{name: others.get(name, column[rows]) for name, column in vars(self).items()})


def make_scans(
    rng: np.random.Generator, count: int, region: Region, stock: Stock, catalogue: Catalogue, orders: Orders, returned: Returned
) -> Iterator[pl.DataFrame]:
    """About `count` rows of the dataset `trace_scans` as text, some 400,000 at a time.

    Institutions scan all they receive, or little: lines are taken by how eager theirs is until there are enough. Large lines
    come with codes of cases. A few codes are scanned twice, lack, stand on another product, or turn up at another institution
    (dispensed again, or sold again after the whole line was sent back).
    """
    products = stock.products[orders.batch]
    plan = _plan(rng, region, orders, returned)
    eager = rng.random(len(region.weights))[orders.institutions[orders.order]] * 0.9 + rng.random(len(orders.order)) * 0.1
    is_traced = (orders.received > 0) & ~np.array(catalogue.is_consumable)[products]
    candidates = np.flatnonzero(is_traced)
    candidates = candidates[np.argsort(eager[candidates], kind="stable")]
    reached = np.cumsum((plan.codes + plan.dispensed)[candidates])
    lines = np.sort(candidates[: np.searchsorted(reached, count) + 1])
    reached = np.cumsum((plan.codes + plan.dispensed)[lines])
    serial = 0
    for part in np.split(lines, np.searchsorted(reached, np.arange(_AT_ONCE, reached[-1] if len(lines) else 0, _AT_ONCE))):
        found = _scan(rng, region, orders, plan, part)
        yield _write(rng, region, catalogue, orders, stock, found, serial)
        serial += len(found.lines)


def _plan(rng: np.random.Generator, region: Region, orders: Orders, returned: Returned) -> _Plan:
    packs, size = orders.received, len(orders.order)
    cases = np.where((packs >= 3 * CASE) & (rng.random(size) < _IN_CASES), packs // CASE, 0)
    codes = packs - cases * (CASE - 1)
    kept = (codes * rng.uniform(0.5, 0.95, size)).astype(np.int64)
    codes = np.where(rng.random(size) < _MISSING, kept, codes)
    whole = returned.lines[returned.is_confirmed & (returned.packs == packs[returned.lines])]
    is_back = np.zeros(size, dtype=bool)
    is_back[whole] = True
    scans = (rng.random(len(region.weights)) < _DISPENSING)[orders.institutions[orders.order]] & ~is_back
    accepted = orders.accepted[orders.order]
    gone = 1 - np.exp(-np.maximum(LAST_DAY - accepted, 0) / 30)
    dispensed = np.where(scans & (accepted != NO_DAY), packs * gone * rng.uniform(0.3, 1, size), 0).astype(np.int64)
    return _Plan(codes, np.minimum(cases, codes), dispensed, is_back)


def _scan(rng: np.random.Generator, region: Region, orders: Orders, plan: _Plan, lines: Ints) -> _Scans:
    received = _receive(orders, plan, lines)
    dispensed = _dispense(rng, orders, plan, lines)
    back_days = dispensed.days + rng.integers(1, 8, len(dispensed.days))
    back = (rng.random(len(back_days)) < _TAKEN_BACK) & (back_days <= LAST_DAY)
    pieces = rng.random(len(back_days)) < _PIECEWISE
    found = [
        received,
        received.pick(rng.random(len(received.lines)) < _TWICE),
        dispensed,
        dispensed.pick(pieces),
        dispensed.pick(back, days=back_days[back], events=np.full(int(back.sum()), _TAKEN)),
        *_turn_up(rng, region, dispensed, rng.random(len(back_days)) < _REUSED),
        *_turn_up(rng, region, received, plan.is_back[received.lines] & (rng.random(len(received.lines)) < _RESOLD)),
    ]
    merged = _Scans(*(np.concatenate([getattr(part, name) for part in found]) for name in vars(received)))
    return merged.pick(np.argsort(merged.days, kind="stable"))


def _receive(orders: Orders, plan: _Plan, lines: Ints) -> _Scans:
    """The cases of each line, then its single packs."""
    count = plan.codes[lines]
    line = np.repeat(lines, count)
    place = np.arange(len(line)) - np.repeat(np.cumsum(count) - count, count)
    cases = plan.cases[line]
    is_case = place < cases
    order = orders.order[line]
    return _Scans(
        lines=line,
        packs=np.where(is_case, place * CASE, cases * CASE + place - cases),
        levels=np.where(is_case, WHOLE_CASE, PACK),
        events=np.full(len(line), _RECEIVED),
        days=orders.accepted[order],
        institutions=orders.institutions[order],
        names_delivery=np.ones(len(line), dtype=bool),
    )


def _dispense(rng: np.random.Generator, orders: Orders, plan: _Plan, lines: Ints) -> _Scans:
    count = plan.dispensed[lines]
    line = np.repeat(lines, count)
    order = orders.order[line]
    days = np.minimum(orders.accepted[order] + rng.exponential(30, len(line)).astype(np.int64), LAST_DAY)
    return _Scans(
        lines=line,
        packs=np.arange(len(line)) - np.repeat(np.cumsum(count) - count, count),
        levels=np.full(len(line), PACK),
        events=np.full(len(line), _DISPENSED),
        days=days,
        institutions=orders.institutions[order],
        names_delivery=np.zeros(len(line), dtype=bool),
    )


def _turn_up(rng: np.random.Generator, region: Region, scans: _Scans, chosen: Bools) -> list[_Scans]:
    """The chosen codes received and dispensed by another institution in the weeks after."""
    days = scans.days + rng.integers(5, 60, len(chosen))
    rows = np.flatnonzero(chosen & (days <= LAST_DAY))
    step = rng.integers(1, max(2, len(region.weights)), len(rows))
    others = {
        "institutions": (scans.institutions[rows] + step) % len(region.weights),
        "days": days[rows],
        "names_delivery": np.zeros(len(rows), dtype=bool),
    }
    return [scans.pick(rows, **others, events=np.full(len(rows), event)) for event in (_RECEIVED, _DISPENSED)]


def _write(
    rng: np.random.Generator, region: Region, catalogue: Catalogue, orders: Orders, stock: Stock, scans: _Scans, serial: int
) -> pl.DataFrame:
    batch = orders.batch[scans.lines]
    products = stock.products[batch]
    unlike = rng.random(len(products)) < _UNLIKE
    products = np.where(unlike, (products + 1) % len(catalogue.codes), products)
    named = pl.Series(scans.names_delivery)
    per_code = np.where(scans.levels == WHOLE_CASE, CASE, 1)
    return pl.DataFrame(
        {
            "institution_code": region.codes.gather(scans.institutions),
            "scan_id": spell_ids(f"SM{region.number:05d}", serial + np.arange(len(products)), 9),
            "trace_code": spell_codes(region.number, scans.levels, scans.lines, scans.packs),
            "event": choose_text(_EVENTS, scans.events),
            "scanned_on": spell_days(scans.days),
            "product_code": catalogue.codes.gather(products),
            "batch_no": stock.batches.gather(batch),
            "delivery_id": orders.delivery_ids.gather(scans.lines),
            "packs_per_code": spell_numbers(per_code),
        }
    ).with_columns(pl.when(named).then("delivery_id").alias("delivery_id"))
