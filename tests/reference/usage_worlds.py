"""Generics, routes, substitutes and divisions of lots in a random world, so that lines are of every class.

It has dice of its own: what was drawn before stays as it was.
"""

import random

from .draft import Draft


def mix_usage(draft: Draft, seed: int) -> None:
    """Let products be of few generics, lots bind some divisions only, and items have substitutes."""
    rng = random.Random(f"usage {seed}")
    for product in draft.records["products"]:
        product["generic_code"] = rng.choice(("G1", "G1", "G2", None))
        product["dosage_form"] = rng.choice(("片剂", "片剂", "注射液", "注 射 用粉针剂", None))
    for lot in draft.records["lots"]:
        lot["jurisdiction_code"] = rng.choice(("", "", "33", "3302", "330282", "3715"))
    items = sorted({(s["lot_code"], s["item_code"]) for s in draft.records["selections"]})
    known = {(s["lot_code"], s["item_code"], s["product_code"]) for s in draft.records["substitutes"]}
    for lot_code, item_code in items:
        for product in rng.sample(draft.records["products"], 2):
            if (lot_code, item_code, product["product_code"]) not in known and rng.random() < 0.7:
                draft.add("substitutes", lot_code=lot_code, item_code=item_code, product_code=product["product_code"])
