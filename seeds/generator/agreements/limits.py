"""Caps and bands by quantity on the key monitored drugs (重点监控)."""

import numpy as np
import polars as pl

from seeds.generator.agreements.terms import BAND, CAP, move_ends, spell_directions
from seeds.generator.agreements.volumes import choose_targets
from seeds.generator.market.agencies import code_agencies
from seeds.generator.market.catalogue import KEY_MONITORED, PRODUCTS, Catalogue
from seeds.generator.market.region import Region
from seeds.generator.market.rounds import BUDGETED
from seeds.generator.market.stock import Stock
from seeds.generator.orders import Orders
from seeds.generator.spelling import LAST_DAY, Floats, Ints, spell_days, spell_ids, spell_numbers

_CAPS, _HALF_YEARS, _EXCUSED, _ENDS_MOVED = 0.6, 0.5, 0.03, 0.03
_HALF_YEAR = 181  # 2020-06-30
_USUAL_PACKS = 25


def make_limits(
    own: np.random.Generator, count: int, region: Region, stock: Stock, catalogue: Catalogue, orders: Orders
) -> dict[str, pl.DataFrame]:
    """`count` caps and bands by quantity, of a year or of half a year, with what hangs on them, as text."""
    monitored = np.array(KEY_MONITORED)
    place_of = np.full(PRODUCTS, -1)
    place_of[monitored] = np.arange(len(monitored))
    product = stock.products[orders.batch]
    counts = (place_of[product] >= 0) & (orders.received > 0)
    key = orders.institutions[orders.order] * len(monitored) + place_of[product]
    units = orders.received * catalogue.units_per_pack[product]
    bought: Floats = np.bincount(key[counts], units[counts], len(region.weights) * len(monitored)).astype(np.float64)
    place = choose_targets(own, count, bought)
    who, what = place // len(monitored), monitored[place % len(monitored)]
    is_half = own.random(len(place)) < _HALF_YEARS
    end = np.where(is_half, _HALF_YEAR, LAST_DAY)
    usual = _USUAL_PACKS * catalogue.units_per_pack[what]
    volume = np.where(bought[place] > 0, bought[place], usual) * np.where(is_half, 0.5, 1)
    agreed: Ints = np.maximum(1, volume * own.lognormal(0.1, 0.4, len(place))).astype(np.int64)
    ids = spell_ids(f"XE{region.number:05d}", np.arange(len(place)), 7)
    commitments = pl.DataFrame(
        {
            "commitment_id": ids,
            "lot_code": pl.repeat(BUDGETED, len(place), eager=True),
            "item_code": f"{BUDGETED}-X" + spell_numbers(what).str.zfill(3),
            "institution_code": region.codes.gather(who),
            "product_code": catalogue.codes.gather(what),
            "target": pl.repeat("quantity", len(place), eager=True),
            "agreed_quantity": spell_numbers(agreed),
            "unit": pl.repeat("min_unit", len(place), eager=True),
            "period_start": spell_days(np.zeros(len(place), dtype=np.int64)),
            "period_end": spell_days(end),
            "signed_on": spell_days(np.full(len(place), -10)),
            "agency_code": code_agencies(region.divisions[who]),
            **spell_directions(own, agreed, np.where(own.random(len(place)) < _CAPS, CAP, BAND)),
        }
    )
    excused = np.flatnonzero(own.random(len(place)) < _EXCUSED)
    excuses = pl.DataFrame(
        {
            "excuse_id": spell_ids(f"BX{region.number:05d}", np.arange(len(excused)), 7),
            "kind": pl.repeat("volume", len(excused), eager=True),
            "institution_code": region.codes.gather(who[excused]),
            "commitment_id": ids.gather(excused),
            "quantity": spell_numbers(np.maximum(1, agreed[excused] // 5)),
            "valid_from": spell_days(np.full(len(excused), 90)),
            "reason_code": pl.repeat("临床急需", len(excused), eager=True),
            "approved_by": pl.repeat("医药服务科", len(excused), eager=True),
            "document_no": pl.repeat("慈医保〔2020〕33号", len(excused), eager=True),
        }
    )
    moved = move_ends(own, f"TX{region.number:05d}", ids, end, _ENDS_MOVED)
    return {"commitments": commitments, "commitment_adjustments": moved, "excuses": excuses}
