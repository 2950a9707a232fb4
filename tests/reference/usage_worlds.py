"""Generics, routes, substitutes and divisions of lots in a random world, so that lines are of every class; and lines of the year
before.

It has dice of its own: what was drawn before stays as it was.
"""

import random
from datetime import date, timedelta
from decimal import Decimal

from .draft import DISTRIBUTORS, Draft


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


def add_year_before(draft: Draft) -> None:
    """Lines on the first and last days of the years, and about the same day a year ago; what was selected then; evaluations."""
    rng, year = draft.aside("year before"), draft.as_of.year
    for product in draft.records["products"]:
        product["evaluation"] = rng.choice(("none", "passed", "passed", "originator"))
    a_year_ago = draft.as_of.replace(year=year - 1)
    around = [a_year_ago + timedelta(days=n) for n in (-1, 0, 1)]
    ends = [date(year - 1, 1, 1), date(year - 2, 12, 31), date(year - 1, 12, 31)]
    known = {(s["lot_code"], s["item_code"], s["product_code"]): s for s in draft.records["selections"]}
    for selection in rng.sample(list(known.values()), min(4, len(known))):
        first = date(year - 2, 12, rng.choice((1, 31)))
        draft.add("selections", **selection | {"valid_from": first, "valid_to": rng.choice((*around, ends[2]))})
    for n in range(rng.randint(0, 6)):
        day, packs = rng.choice((*around, *ends)), Decimal(rng.choice(("1", "3", "2.5")))
        draft.add(
            "deliveries",
            institution_code=rng.choice(draft.records["institutions"])["institution_code"],
            delivery_id=f"Y{n:02d}",
            order_line_id=f"YO{n:02d}",
            distributor_code=rng.choice(DISTRIBUTORS[:2]),
            product_code=rng.choice(draft.records["products"])["product_code"],
            ordered_quantity=packs,
            received_quantity=packs,
            unit_price=Decimal(rng.choice(("10", "3.3333"))),
            ordered_on=day,
            accepted_on=day,
        )
