"""Prepayments of the insurance fund: mostly enough and on time, some late, in parts, too little, never, taken back."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from seeds.generator.market.agencies import code_agencies
from seeds.generator.market.catalogue import Catalogue
from seeds.generator.market.region import Region
from seeds.generator.market.rounds import Rounds
from seeds.generator.spelling import LAST_DAY, NO_DAY, Floats, Ints, choose_text, spell_days, spell_fen, spell_ids

_RATE = 0.3
_NATIONAL, _PREPAID_LOTS = 2, 4  # the first lots are national, the next two provincial and of an alliance
_APPLIED, _APPLIED_LATE, _PAID_LATE = 0.9, 0.06, 0.15
_UNPAID, _TOO_LITTLE, _IN_PARTS, _TAKEN_BACK = 0.03, 0.05, 0.1, 0.03
_MISDATED = 0.01  # of a year without an agreement
_AGENCY_UNKNOWN = 0.005
_EXCUSED, _EXCUSED_EVERYWHERE = 0.02, 0.3


@dataclass(frozen=True)
class _Grants:
    """What was applied for by whom for which lot (numbers), on which days (`paid` may be NO_DAY), in fen."""

    who: Ints
    lot: Ints
    start: Ints
    applied: Ints
    paid: Ints
    fen: Ints


def make_prepayments(
    rng: np.random.Generator, region: Region, catalogue: Catalogue, rounds: Rounds, institution: Ints, target: Ints, units: Ints
) -> dict[str, pl.DataFrame]:
    """The datasets `prepayments` and `excuses` (kind prepayment) as text.

    `institution`, `target` and `units` say who agreed on how many minimum units of what. What is drawn from `rng` itself
    always was: zones of one seed keep the trade that they had before the rest came.
    """
    lots = len(rounds.lot_codes)
    yuan = units * _value_units(catalogue, rounds)[target]
    due = _RATE * np.bincount(institution * lots + rounds.lots[target], yuan * 100, len(region.weights) * lots).astype(
        np.float64
    )
    own = rng.spawn(1)[0]
    grants = _draw_grants(rng, own, due, rounds)
    return {"prepayments": _spell_grants(own, region, rounds, grants), "excuses": _excuse(own, region, rounds, grants)}


def _value_units(catalogue: Catalogue, rounds: Rounds) -> Floats:
    """Yuan a minimum unit by target: the lowest of its item's products."""
    _, item = np.unique(rounds.items, return_inverse=True)
    products = np.flatnonzero(rounds.target_of >= 0)
    price = catalogue.prices / 10_000 / catalogue.units_per_pack / rounds.factor_of
    lowest = np.full(item.max() + 1, np.inf)
    np.minimum.at(lowest, item[rounds.target_of[products]], price[products])
    found: Floats = lowest[item]
    return found


def _draw_grants(rng: np.random.Generator, own: np.random.Generator, due: Floats, rounds: Rounds) -> _Grants:
    """Nine in ten of those with an agreement; a few name a year without one."""
    lots = len(rounds.lot_codes)
    place = np.flatnonzero((due >= 1) & (rng.random(len(due)) < _APPLIED))
    place = place[place % lots < _PREPAID_LOTS]
    is_national = place % lots < _NATIONAL
    haste, patience = own.integers(1, 12, len(place)), own.integers(5, 30, len(place))
    haste[is_national] = rng.integers(1, 12, is_national.sum())
    patience[is_national] = rng.integers(5, 30, is_national.sum())
    who, lot = np.divmod(place, lots)
    start = rounds.starts[np.searchsorted(rounds.lots, lot)]
    applied = start - 8 + haste + _delay(own, len(place), _APPLIED_LATE, 20)
    paid = applied + patience // 2 + _delay(own, len(place), _PAID_LATE, 30)
    whole = (np.ceil(due[place] / 100) * 100).astype(np.int64)
    is_short = own.random(len(place)) < _TOO_LITTLE
    is_paid = own.random(len(place)) >= _UNPAID
    is_misdated = own.random(len(place)) < _MISDATED
    return _Grants(
        who,
        lot,
        np.where(is_misdated, start - 366, start),
        applied,
        np.where(is_paid, paid, NO_DAY),
        np.where(is_short, whole * 3 // 5, whole),
    )


def _delay(own: np.random.Generator, count: int, share: float, days: int) -> Ints:
    """Days late: none for most, a long tail for a `share` of them."""
    found: Ints = np.where(own.random(count) < share, 5 + own.exponential(days, count), 0).astype(np.int64)
    return found


def _spell_grants(own: np.random.Generator, region: Region, rounds: Rounds, grants: _Grants) -> pl.DataFrame:
    """One row a grant, a second where the rest came later, a negative one where it was taken back."""
    count, is_paid = len(grants.fen), grants.paid != NO_DAY
    parts = np.flatnonzero(is_paid & (own.random(count) < _IN_PARTS) & (grants.fen > 100))
    back = np.flatnonzero(is_paid & (own.random(count) < _TAKEN_BACK))
    rest = np.zeros(count, dtype=np.int64)
    rest[parts] = grants.fen[parts] * 2 // 5
    taken = np.where(own.random(len(back)) < 0.5, grants.fen[back], np.maximum(1, grants.fen[back] // 3))
    row = np.concatenate([np.arange(count), parts, back])
    rest_paid = grants.paid[parts] + own.integers(5, 61, len(parts))
    taken_on = np.maximum(grants.paid[back], own.integers(LAST_DAY - 60, LAST_DAY + 1, len(back)))
    no_day = np.full(len(parts) + len(back), NO_DAY)
    is_known = pl.Series(own.random(len(row)) >= _AGENCY_UNKNOWN)
    return pl.DataFrame(
        {
            "agency_code": code_agencies(region.divisions[grants.who[row]]),
            "prepayment_id": spell_ids(f"YF{region.number:05d}", np.arange(len(row)), 6),
            "institution_code": region.codes.gather(grants.who[row]),
            "lot_code": choose_text(list(rounds.lot_codes), grants.lot[row]),
            "period_start": spell_days(grants.start[row]),
            "applied_on": spell_days(np.concatenate([grants.applied, no_day])),
            "paid_on": spell_days(np.concatenate([grants.paid, rest_paid, taken_on])),
            "amount": spell_fen(np.concatenate([grants.fen - rest, rest[parts], -taken])),
        }
    ).with_columns(pl.when(is_known).then("agency_code").otherwise(pl.lit("JB999999")).alias("agency_code"))


def _excuse(own: np.random.Generator, region: Region, rounds: Rounds, grants: _Grants) -> pl.DataFrame:
    """A few are excused: most for the lot, some for all lots, half with an end."""
    rows = np.flatnonzero(own.random(len(grants.fen)) < _EXCUSED)
    has_end = own.random(len(rows)) < 0.5
    everywhere = own.random(len(rows)) < _EXCUSED_EVERYWHERE
    lots: list[str | None] = [*rounds.lot_codes, None]
    return pl.DataFrame(
        {
            "excuse_id": spell_ids(f"BY{region.number:05d}", np.arange(len(rows)), 7),
            "kind": pl.repeat("prepayment", len(rows), eager=True),
            "institution_code": region.codes.gather(grants.who[rows]),
            "lot_code": choose_text(lots, np.where(everywhere, len(rounds.lot_codes), grants.lot[rows])),
            "valid_from": spell_days(grants.start[rows] + 30),
            "valid_to": spell_days(np.where(has_end, LAST_DAY, NO_DAY)),
            "reason_code": pl.repeat("年终关账", len(rows), eager=True),
            "approved_by": pl.repeat("基金监管科", len(rows), eager=True),
            "document_no": pl.repeat("慈医保〔2020〕52号", len(rows), eager=True),
        }
    )
