"""The procurement lots: which selected product answers which item of which lot, at what price, from when."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from seeds.generator.market.catalogue import PRODUCTS, SELECTED, Catalogue
from seeds.generator.spelling import DAY_ZERO, Bools, Floats, Ints, tabulate

SPRING = 110  # 2020-04-20
BUDGETED = "CX-2020-YS"
_LOTS = (
    # code, name, program, category, document, first product, start day, target
    ("GJ-2018-KW", "国家组织药品集中采购扩围", "national", "drug", "国办发〔2019〕2号", 0, 0, "quantity"),
    ("GJ-2019-02", "第二批国家组织药品集中采购", "national", "drug", "国办发〔2021〕2号", 60, SPRING, "quantity"),
    ("ZJ-2020-01", "省域药品集中带量采购", "provincial", "drug", "医保发〔2019〕56号", 220, 0, "quantity"),
    ("LM-2020-01", "省际联盟药品集中采购", "alliance", "drug", "医保发〔2019〕56号", 350, SPRING, "quantity"),
    ("NB-2020-HC", "医用耗材带量采购", "municipal", "consumable", "慈政办发〔2020〕68号", 440, 0, "quantity"),
    (BUDGETED, "带预算采购", "budgeted", "drug", "慈政办发〔2020〕68号", 480, 0, "amount"),
)


@dataclass(frozen=True)
class Rounds:
    """What can be promised: a target is an item, or one product of it where contracts name the product.

    `target_of` and `factor_of` go by product number (-1: no target); `lots`, `items`, `products` (-1: whole
    item), `starts` and `is_amount` by target; `spare_of` names another product that may replace the
    target's.
    """

    target_of: Ints
    factor_of: Floats
    lots: Ints
    items: list[str]
    products: Ints
    starts: Ints
    is_amount: Bools
    spare_of: Ints
    lot_codes: list[str]
    frames: dict[str, pl.DataFrame]


def make_rounds(rng: np.random.Generator, catalogue: Catalogue) -> Rounds:
    """Six lots over the 500 selected products, with lots, selections and substitutes as text frames."""
    bounds = [lot[5] for lot in _LOTS] + [SELECTED]
    target_of, factor_of = np.full(PRODUCTS, -1, dtype=np.int64), np.ones(PRODUCTS)
    targets: list[tuple[int, str, int, int, bool, int]] = []
    selections, substitutes = [], []
    for number, (code, *_, start, target) in enumerate(_LOTS):
        product = bounds[number]
        while product < bounds[number + 1]:
            item = f"{code}-{product:03d}"
            width = 2 if rng.random() < 0.3 and product + 1 < bounds[number + 1] else 1
            names_product = target == "quantity" and rng.random() < 0.3
            for i in range(product, product + width):
                factor_of[i] = rng.choice([1, 1, 1, 2, 0.5]) if width == 2 else 1
                valid_from = str(np.datetime64(DAY_ZERO) + start)
                price, factor = catalogue.price_texts[i], f"{factor_of[i]:g}"
                selections.append((code, item, catalogue.codes[i], price, factor, valid_from, None))
                if names_product or i == product:
                    targets.append((number, item, i if names_product else -1, start, target == "amount", i))
                target_of[i] = len(targets) - 1
            if product % 8 == 0:
                substitutes.append((code, item, catalogue.codes[860 + product // 8]))
            product += width
    lots, items, products, starts, is_amount, spares = zip(*targets, strict=True)
    return Rounds(
        target_of=target_of,
        factor_of=factor_of,
        lots=np.array(lots, dtype=np.int64),
        items=list(items),
        products=np.array(products, dtype=np.int64),
        starts=np.array(starts, dtype=np.int64),
        is_amount=np.array(is_amount),
        spare_of=np.array(spares, dtype=np.int64) // 2 + SELECTED,
        lot_codes=[lot[0] for lot in _LOTS],
        frames={
            "lots": tabulate([lot[:5] for lot in _LOTS], "lot_code name program category document_no"),
            "selections": tabulate(
                selections, "lot_code item_code product_code selected_price conversion_factor valid_from valid_to"
            ),
            "substitutes": tabulate(substitutes, "lot_code item_code product_code"),
        },
    )
