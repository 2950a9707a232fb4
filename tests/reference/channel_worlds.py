"""Payments of a random world to companies that make, hold or stand for what an institution received, or for what it did not; and
drugs from many distributors, in several counties of a city.

It has dice of its own: what was drawn before stays as it was.
"""

from datetime import date, timedelta
from decimal import Decimal

from .draft import AGENT, DISTRIBUTORS, FOREIGN_MAKER, HOLDER, MAKER_1, MAKER_2, SALES_COMPANY, UNREGISTERED, Draft

COMPANIES = (MAKER_1, MAKER_2, HOLDER, FOREIGN_MAKER, SALES_COMPANY, AGENT, DISTRIBUTORS[2], UNREGISTERED)


def pay_makers(draft: Draft) -> None:
    """A few payments of one or two lines, each line to a company of its own, some of them taken back in part."""
    rng = draft.aside("channels")
    institutions = [i["institution_code"] for i in draft.records["institutions"]]
    days = [*draft.days, *(d["valid_from"] for d in draft.records["deemed_manufacturers"])]
    days += [d["valid_to"] for d in draft.records["deemed_manufacturers"] if d["valid_to"]]
    for n in range(rng.randint(3, 7)):
        own = {"institution_code": rng.choice(institutions[:3]), "payment_id": f"M{n:02d}"}
        for line_no in range(1, rng.randint(2, 3)):
            draft.add(
                "payments",
                **own,
                line_no=line_no,
                payee_code=rng.choice(COMPANIES),
                paid_on=rng.choice(days),
                amount=Decimal(rng.choice(("100", "250.55", "1000"))),
                channel=rng.choice(("hospital", "hospital", "fund_direct")),
            )
        if rng.random() < 0.3:
            paid = draft.records["payments"][-1]
            draft.add(
                "payments",
                institution_code=own["institution_code"],
                payment_id=f"MB{n:02d}",
                line_no=1,
                payee_code=paid["payee_code"],
                paid_on=max(paid["paid_on"], rng.choice(days)),
                amount=-rng.choice((Decimal("50"), paid["amount"], Decimal("1200"))),
                reverses_payment_id=paid["payment_id"],
            )


def spread_purchases(draft: Draft) -> None:
    """A county more, and the same few drugs from up to twelve distributors, for little, for nothing, or for hundreds of
    millions; some of it another year's, some sent back.
    """
    rng, as_of = draft.aside("spread"), draft.as_of
    place = rng.choice(("330281", "371502"))
    own = f"H{place}77777"
    draft.add(
        "institutions",
        institution_code=own,
        name="机构777",
        jurisdiction_code=place,
        ownership=rng.choice(("public", "private")),
        level="primary",
    )
    institutions = [own, *(i["institution_code"] for i in draft.records["institutions"][:3])]
    companies = [*DISTRIBUTORS, *(f"SMALL-{n}" for n in range(rng.choice((1, 1, 8))))]
    products = rng.sample([p["product_code"] for p in draft.records["products"]], 3)
    is_large = rng.random() < 0.15
    edges = (as_of, as_of - timedelta(days=1), date(as_of.year, 1, 1), date(as_of.year - 1, 12, 31))
    for n in range(rng.randint(6, 14)):
        price = "500000000" if is_large and n < 4 else rng.choice(("0", "12.5", "0.333", "400", "400"))
        accepted_on = rng.choice(edges)
        draft.add(
            "deliveries",
            institution_code=rng.choice(institutions),
            delivery_id=f"S{n:02d}",
            order_line_id=f"S{n:02d}",
            distributor_code=rng.choice(companies),
            product_code=rng.choice(products),
            ordered_quantity=Decimal(1),
            received_quantity=Decimal(1),
            unit_price=Decimal(price),
            ordered_on=accepted_on,
            accepted_on=accepted_on,
        )
        if rng.random() < 0.1:
            draft.add(
                "returns",
                institution_code=draft.records["deliveries"][-1]["institution_code"],
                return_id=f"S{n:02d}",
                delivery_id=f"S{n:02d}",
                returned_quantity=rng.choice((Decimal(1), Decimal("0.4"))),
                returned_on=max(accepted_on, as_of),
            )
