"""The products: 500 selected ones and 500 others (same generic, patent drugs, consumables, anything else)."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from seeds.generator.market.makers import Makers
from seeds.generator.spelling import Floats, Ints, spell_numbers, spell_prices

SELECTED = 500
PRODUCTS = 1_000
CONSUMABLES = (range(440, 480), range(800, 860))  # selected ones (a lot of their own), others
KEY_MONITORED = range(24, PRODUCTS, 25)
PATENT_DRUGS = range(750, 800)
_SAME_GENERIC = range(500, 750)
_SPECIAL = ("narcotic", "psychotropic_1", "vaccine", "tcm_decoction", "reserve")
_FORMS = ("片剂", "胶囊剂", "注射剂", "颗粒剂", "口服溶液剂")
_UNITS = ("片", "粒", "支", "袋", "瓶")
_PACKS = (7, 10, 12, 14, 20, 24, 28, 30, 36, 48)


@dataclass(frozen=True)
class Catalogue:
    """The products by number 0…999: code, list price (10⁻⁴ yuan), units a pack, maker, share of demand."""

    codes: pl.Series
    prices: Ints
    price_texts: pl.Series
    units_per_pack: Ints
    makers: Ints
    first_sellers: list[str]
    popularity: Floats
    is_consumable: list[bool]
    frame: pl.DataFrame


def make_catalogue(rng: np.random.Generator, makers: Makers) -> Catalogue:
    """Draw the 1,000 products; `frame` is the dataset `products` as text."""
    n = np.arange(PRODUCTS, dtype=np.int64)
    generics = np.where(np.isin(n, _SAME_GENERIC), (n - 500) * 440 // 250, n)
    consumable = [any(i in part for part in CONSUMABLES) for i in range(PRODUCTS)]
    codes = [_spell_code(i, int(generics[i]), consumable[i]) for i in range(PRODUCTS)]
    fen = np.clip(rng.lognormal(3.0, 1.1, PRODUCTS) * 100, 50, 90_000).astype(np.int64)
    fraction = rng.integers(1, 100, PRODUCTS)  # one price in ten has four decimals
    prices: Ints = fen * 100 + np.where(n % 10 == 3, fraction, 0)
    units = np.where(consumable, 1, np.array(_PACKS)[rng.integers(0, len(_PACKS), PRODUCTS)])
    maker = rng.integers(0, len(makers.codes), PRODUCTS)
    holder = np.where(rng.random(PRODUCTS) < 0.1, (maker + 1) % len(makers.codes), -1)
    form = generics % len(_FORMS)
    price_texts = spell_prices(prices)
    frame = pl.DataFrame(
        {
            "product_code": codes,
            "kind": ["consumable" if c else "drug" for c in consumable],
            "generic_code": [_spell_generic(code) for code in codes],
            "generic_name": [f"通用名{g:04d}" for g in generics],
            "dosage_form": [None if c else _FORMS[f] for c, f in zip(consumable, form, strict=True)],
            "strength": [f"{10 + g % 50 * 10}mg" for g in generics],
            "min_unit": ["个" if c else _UNITS[f] for c, f in zip(consumable, form, strict=True)],
            "units_per_pack": spell_numbers(units),
            "manufacturer_code": [makers.codes[m] for m in maker],
            "mah_code": [makers.codes[h] if h >= 0 else None for h in holder],
            "special_category": [_SPECIAL[i % 5] if i >= 960 else "none" for i in range(PRODUCTS)],
            "is_essential": ["1" if i % 3 == 0 else "0" for i in range(PRODUCTS)],
            "is_key_monitored": ["1" if i in KEY_MONITORED else "0" for i in range(PRODUCTS)],
            "listing_price": price_texts,
            "insurance_code": [f"YB{i:06d}" if i % 10 == 7 else None for i in range(PRODUCTS)],
            "evaluation": [_judge(i, consumable[i]) for i in range(PRODUCTS)],
            "udi_di": [f"0690{i:09d}{i % 10}" if c and i % 5 else None for i, c in enumerate(consumable)],
        }
    )
    return Catalogue(
        codes=pl.Series(codes),
        prices=prices,
        price_texts=price_texts,
        units_per_pack=units,
        makers=maker,
        first_sellers=[makers.first_sellers[m] for m in maker],
        popularity=_draw_popularity(rng),
        is_consumable=consumable,
        frame=frame,
    )


def _spell_code(i: int, generic: int, is_consumable: bool) -> str:
    """A national code of rulebook §10 that no other product has."""
    first, second = chr(ord("A") + generic % 14), chr(ord("A") + generic // 14 % 26)
    if is_consumable:
        return f"C{generic % 20 + 1:02d}{generic:05d}{generic % 90:02d}{i:010d}"
    if i in PATENT_DRUGS:
        return f"Z{first}{generic % 20 + 1:02d}{first}{second}{first}{generic:04d}0101{i:05d}"
    head = f"X{first}{generic % 16 + 1:02d}{first}{second}{first}{generic:03d}"
    return f"{head}{first}001{i % 9 + 1:02d}{i % 7 + 1:02d}{10_000 + i}"


def _judge(i: int, is_consumable: bool) -> str:
    """Most selected drugs passed the consistency evaluation; every third of those beside them is the originator's."""
    if is_consumable or i in PATENT_DRUGS:
        return "none"
    if i < SELECTED:
        return "none" if i % 9 == 4 else "passed"
    return "originator" if i in _SAME_GENERIC and i % 3 == 0 else "passed" if i % 4 == 1 else "none"


def _spell_generic(code: str) -> str:
    return code[: {"X": 10, "Z": 11, "C": 10}[code[0]]]


def _draw_popularity(rng: np.random.Generator) -> Floats:
    """A long tail in each half; selected products take 72% of the demand."""
    tail = 1 / np.arange(1, SELECTED + 1) ** 0.8
    tail /= tail.sum()
    weights: Floats = np.concatenate([rng.permutation(tail) * 0.72, rng.permutation(tail) * 0.28])
    return weights
