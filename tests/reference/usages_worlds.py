"""Usages of a random world: openings in branches of a family, on the same days, before and after lines; other codes settled.

It has dice of its own: what was drawn before stays as it was.
"""

import random
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from .draft import Draft
from .families import family_of, head_of
from .stock_gap import group_of, stock_of


def add_usages(draft: Draft) -> None:
    """Codes of products, packs of the same under other codes, and usages around what was delivered."""
    rng = draft.aside("usages")
    for product in draft.records["products"]:
        product["insurance_code"] = rng.choice((None, f"YB{product['product_code'][-5:]}", product["product_code"]))
        product["udi_di"] = rng.choice((None, "06901234567892")) if product["kind"] == "consumable" else None
    _add_packs(draft, rng)
    for _ in range(rng.randint(2, 5)):
        _use_stock(draft, rng)
    for _ in range(rng.randint(1, 3)):
        _put_on_a_limit(draft, rng)


def _add_packs(draft: Draft, rng: random.Random) -> None:
    """Another pack of a product: of its group, but for a form, strength or category that is another one; and a delivery of it."""
    products = draft.records["products"]
    for number, own in enumerate(rng.sample(products, 2), start=1):
        other = own | {
            "product_code": f"{own['product_code'][:-5]}{900 + number:05d}" if rng.random() < 0.7 else f"LOCAL{number}",
            "generic_code": own["generic_code"] or "G3",
            "dosage_form": rng.choice((own["dosage_form"], own["dosage_form"] and f"{own['dosage_form']} ", "胶囊", None)),
            "strength": rng.choice((own["strength"], "10 mg", None)),
            "units_per_pack": Decimal(rng.choice(("1", "12"))),
            "special_category": rng.choice((own["special_category"], "vaccine", "reserve", "none")),
        }
        products.append(other)
        like = rng.choice([d for d in draft.records["deliveries"] if d["accepted_on"]])
        draft.records["deliveries"].append(
            like
            | {
                "delivery_id": f"{like['delivery_id']}-{number}",
                "order_line_id": f"{like['order_line_id']}-{number}",
                "product_code": other["product_code"],
                "accepted_on": rng.choice(draft.days),
                "is_gift": rng.random() < 0.2,
                "invoice_code": None,
                "invoice_no": None,
            }
        )


def _use_stock(draft: Draft, rng: random.Random) -> None:
    """A family uses a group of products: of one that was delivered to it, or of any."""
    delivery = rng.choice([d for d in draft.records["deliveries"] if d["accepted_on"]])
    members = sorted(family_of(draft.records, delivery["institution_code"]))
    code = delivery["product_code"] if rng.random() < 0.8 else rng.choice(draft.records["products"])["product_code"]
    group = sorted(group_of(draft.records, code) or {code})
    days = [*draft.days, delivery["accepted_on"], delivery["accepted_on"] + timedelta(days=1)]
    for _ in range(rng.randint(0, 3)):
        _add(draft, rng, members, group, "opening", rng.choice(days[:5]))
    for _ in range(rng.randint(1, 6)):
        _add(draft, rng, members, group, rng.choice(("dispensed", "dispensed", "dispensed", "returned")), rng.choice(days))


def _add(
    draft: Draft, rng: random.Random, members: list[str], group: list[str], kind: str, day: date, units: str | None = None
) -> None:
    code = rng.choice(group)
    own = next(p for p in draft.records["products"] if p["product_code"] == code)
    draft.add(
        "usages",
        institution_code=rng.choice(members),
        usage_id=f"U{len(draft.records['usages']) + 1:03d}",
        product_code=code,
        kind=kind,
        used_on=day,
        quantity=Decimal(units or rng.choice(("0.5", "5", "20", "100", "333.3333"))),
        amount=Decimal(rng.choice(("0", "0.01", "12.34", "100.00"))),
        settlement=rng.choice(("fund", "fund", "self")),
        settlement_code=rng.choice((code, own["insurance_code"], "OTHER", None)),
    )


def _put_on_a_limit(draft: Draft, rng: random.Random) -> None:
    """Let a family use up just what it had, or what the tolerance allows, or a little more than either."""
    openings = [u for u in draft.records["usages"] if u["kind"] == "opening" and u["used_on"] <= draft.as_of]
    if not openings:
        return
    opening = rng.choice(openings)
    head = head_of(draft.records, opening["institution_code"])
    group = group_of(draft.records, opening["product_code"])
    stock = stock_of(draft.records, head, group, draft.as_of) if group else None
    if stock is None or stock["opening_on"] >= draft.as_of:
        return
    whole = Fraction(stock["opening_units"]) + Fraction(stock["bought_units"])
    wanted = whole * rng.choice((Fraction(1), Fraction(105, 100))) - Fraction(stock["used_units"])
    units = Decimal(round(wanted * 10**4) + rng.choice((0, 0, 1))) / 10**4
    if units > 0:
        _add(draft, rng, sorted(family_of(draft.records, head)), sorted(group), "dispensed", draft.as_of, str(units))
