"""Purchases of a random world on the edges of the windows that figures look at: the year, the year before, the last 90 days and
the 360 before these. One product is bought in all of them, and costs enough for its rise to be listed.

It has dice of its own: what was drawn before stays as it was.
"""

from datetime import date, timedelta
from decimal import Decimal

from .draft import DISTRIBUTORS, Draft

DAYS_AGO = (0, 1, 30, 89, 90, 91, 200, 364, 365, 366, 367, 448, 449, 449, 450, 450, 600)


def buy_through_the_years(draft: Draft) -> None:
    """A dozen lines of two institutions and few products; some of it goes back."""
    rng, as_of = draft.aside("windows"), draft.as_of
    edges = [as_of - timedelta(days=n) for n in DAYS_AGO]
    edges += [date(as_of.year, 1, 1), date(as_of.year - 1, 12, 31), date(as_of.year - 1, 1, 1), date(as_of.year - 2, 12, 31)]
    one, other = rng.sample(draft.records["institutions"], 2)
    products = rng.sample(draft.records["products"], 3)
    story = [as_of - timedelta(days=rng.choice(days)) for days in ((449, 450, 600), (90, 91, 365, 449), (0, 1, 89))]
    for n in range(rng.randint(8, 14)):
        is_told = n < len(story) and rng.random() < 0.95
        day, quantity = story[n] if is_told else rng.choice(edges), Decimal(rng.choice(("1", "2", "5", "10.5")))
        own = draft.add(
            "deliveries",
            institution_code=(one if is_told else rng.choice((one, one, other)))["institution_code"],
            delivery_id=f"W{n:02d}",
            order_line_id=f"W{n:02d}",
            distributor_code=rng.choice(DISTRIBUTORS),
            product_code=(products[0] if is_told else rng.choice(products))["product_code"],
            ordered_quantity=quantity,
            received_quantity=quantity,
            unit_price=Decimal(rng.choice(("5000", "9999.99") if is_told else ("0.333", "12.5", "1000"))),
            ordered_on=day - timedelta(days=3),
            accepted_on=day,
            is_gift=rng.random() < 0.05,
        )
        if rng.random() < 0.15:
            draft.add(
                "returns",
                institution_code=own["institution_code"],
                return_id=f"W{n:02d}",
                delivery_id=own["delivery_id"],
                returned_quantity=rng.choice((quantity, Decimal("0.5"))),
                returned_on=rng.choice([d for d in edges if d >= day]),
            )
