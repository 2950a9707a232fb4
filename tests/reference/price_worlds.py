"""Prices of a random world that can be compared: one product of an institution and supplier on several days of the last year, one
product of several institutions in a month and in the same month of the year before, lists of what is short.

It has dice of its own: what was drawn before stays as it was.
"""

from datetime import date, timedelta
from decimal import Decimal

from .draft import DISTRIBUTORS, Draft

DAYS_AGO = (0, 1, 2, 30, 120, 363, 364, 365, 366)
PRICES = ("0", "3.3333", "10", "10", "10.5", "12.6", "29.97")
PACKS = ("1", "3", "7", "2.5", "100")


def watch_prices(draft: Draft) -> None:
    """A series of orders, a month of peers and the month a year before, and entries of lists about as_of."""
    rng, as_of = draft.aside("prices"), draft.as_of
    institutions, products = draft.records["institutions"], draft.records["products"]
    one, bought, compared = rng.choice(institutions), rng.choice(products), rng.choice(products)
    for n in range(rng.randint(3, 6)):
        ordered = as_of - timedelta(days=rng.choice(DAYS_AGO))
        is_late = rng.random() < 0.1
        _buy(draft, rng, f"S{n}", one, bought, ordered + timedelta(days=1 if is_late else 0), min(as_of, ordered))
    month = as_of.replace(day=1) - timedelta(days=rng.choice((0, 1)))
    for n in range(rng.randint(3, 7)):
        day = rng.choice((month, month, date(month.year - 1, month.month, 1)))
        _buy(draft, rng, f"P{n}", rng.choice(institutions), compared, day, day)
    known = {(e["list"], e["code"], e["jurisdiction_code"], e["valid_from"]) for e in draft.records["catalogue_entries"]}
    for name in ("shortage", "shortage_prone"):
        entry = {
            "list": name,
            "code": rng.choice((bought["product_code"], bought["generic_code"] or bought["product_code"])),
            "jurisdiction_code": rng.choice(("", "", "33", "371500")),
            "valid_from": as_of - timedelta(days=rng.choice((0, 1, 400))),
        }
        if tuple(entry.values()) not in known and rng.random() < 0.5:
            ends = as_of + timedelta(days=rng.choice((0, 1)))
            draft.add("catalogue_entries", **entry, valid_to=rng.choice((None, ends)), document_no="号3")


def _buy(draft: Draft, rng, number: str, institution: dict, product: dict, ordered: date, accepted: date) -> None:
    packs = Decimal(rng.choice(PACKS))
    draft.add(
        "deliveries",
        institution_code=institution["institution_code"],
        delivery_id=f"PR{number}",
        order_line_id=f"PR{number}",
        distributor_code=rng.choice(DISTRIBUTORS[:2]) if number.startswith("P") else DISTRIBUTORS[0],
        product_code=product["product_code"],
        ordered_quantity=packs,
        received_quantity=packs,
        unit_price=Decimal(rng.choice(PRICES)),
        ordered_on=ordered,
        accepted_on=accepted,
        is_emergency=rng.random() < 0.1,
    )
