"""Orders of a random world: lines that come in several deliveries, late, not at all, cancelled by being sent again as 0, as
emergencies, shipped early and accepted late; in a city that has a limit of shortages, too; lists of shortages of cities.

It has dice of its own: what was drawn before stays as it was.
"""

import random
from datetime import date, timedelta
from decimal import Decimal

from .draft import DISTRIBUTORS, Draft
from .lines import generic_of

DAYS_AGO = (0, 0, 1, 2, 3, 3, 4, 5, 30, 60, 88, 89, 90, 91, 92, 93, 94, 95)
PLACES = ("", "62", "6201", "620100", "620102", "3302", "330200", "3715")


def add_orders(draft: Draft) -> None:
    """A few institutions of one city beside those that are there; a dozen order lines, most of them there, of few products."""
    rng = draft.aside("orders")
    codes = [f"H{place}{number:05d}" for number, place in enumerate(rng.choice((["620102", "620121"], ["620102"])), start=1)]
    for code in codes:
        draft.add("institutions", institution_code=code, name=code, jurisdiction_code=code[1:7], ownership="public")
    others = [i["institution_code"] for i in draft.records["institutions"][:2]]
    products = rng.sample(draft.records["products"], 3)
    for number in range(rng.randint(6, 12)):
        _order(draft, rng, f"Q{number:02d}", rng.choice((*codes, *codes, *codes, *others)), rng.choice(products))
    _list_shortages(draft, rng, products)


def _order(draft: Draft, rng: random.Random, number: str, institution_code: str, product: dict) -> None:
    """An order line and its deliveries, of which some repeat the order otherwise than the first."""
    ordered_on = draft.as_of - timedelta(days=rng.choice(DAYS_AGO))
    ordered = Decimal(rng.choice(("10", "10", "2.5", "4")))
    distributor = rng.choice(DISTRIBUTORS[:2])
    price = Decimal(rng.choice(("10", "3.3333", "0")))
    for n in range(rng.choice((1, 1, 1, 2, 3))):
        accepted_on = _accepted(draft, rng, ordered_on)
        is_else = rng.random() < 0.2
        draft.add(
            "deliveries",
            institution_code=institution_code,
            delivery_id=f"{number}-{n}",
            order_line_id="Q00" if rng.random() < 0.1 else number,
            distributor_code=rng.choice(DISTRIBUTORS) if is_else else distributor,
            product_code=product["product_code"],
            ordered_quantity=rng.choice((Decimal(0), ordered, ordered * 2)) if is_else or rng.random() < 0.1 else ordered,
            received_quantity=None if accepted_on is None else ordered * Decimal(rng.choice(("1", "0.5", "0.4", "0.2", "0"))),
            unit_price=price + rng.randint(0, 1) if is_else else price,
            ordered_on=ordered_on + timedelta(days=rng.choice((-1, 1, 2))) if is_else else ordered_on,
            shipped_on=ordered_on + timedelta(days=rng.randint(-2, 4)) if rng.random() < 0.5 else None,
            accepted_on=accepted_on,
            is_gift=rng.random() < 0.05,
            is_emergency=rng.random() < 0.15,
            channel=rng.choice(("platform", "platform", "offline")),
        )
        if accepted_on is not None and rng.random() < 0.1:
            draft.add(
                "returns",
                institution_code=institution_code,
                return_id=f"{number}-{n}",
                delivery_id=f"{number}-{n}",
                returned_quantity=Decimal("0.5"),
                returned_on=draft.as_of,
            )


def _accepted(draft: Draft, rng: random.Random, ordered_on: date) -> date | None:
    """Around the day it was due, on that day, about as_of, or never."""
    around = [ordered_on + timedelta(days=n) for n in (0, 1, 2, 3, 3, 4, 7)]
    return rng.choice((*around, draft.as_of, draft.as_of + timedelta(days=1), None, None))


def _list_shortages(draft: Draft, rng: random.Random, products: list[dict]) -> None:
    codes = sorted({c for p in products for c in (p["product_code"], generic_of(p)[0])})
    known = {(e["list"], e["code"], e["jurisdiction_code"], e["valid_from"]) for e in draft.records["catalogue_entries"]}
    for _ in range(rng.randint(0, 3)):
        first = draft.as_of + timedelta(days=rng.choice((-40, -1, 0, 1)))
        key = (rng.choice(("shortage", "shortage_prone")), rng.choice(codes), rng.choice(PLACES), first)
        if key not in known:
            known.add(key)
            row = dict(zip(("list", "code", "jurisdiction_code", "valid_from"), key, strict=True))
            last = rng.choice((None, first, draft.as_of, draft.as_of - timedelta(days=1)))
            draft.add("catalogue_entries", **row, valid_to=last and max(first, last), document_no="短缺1号")
