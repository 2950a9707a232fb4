"""Companies that are listed and graded in a random world, with places, days and sums at the bounds.

It has dice of its own: what was drawn before stays as it was.
"""

import random
from datetime import date, timedelta
from decimal import Decimal

from .draft import AGENT, DISTRIBUTORS, FOREIGN_MAKER, HOLDER, MAKER_1, MAKER_2, SALES_COMPANY, UNREGISTERED, Draft

COMPANIES = (MAKER_1, MAKER_2, HOLDER, FOREIGN_MAKER, SALES_COMPANY, AGENT, *DISTRIBUTORS, UNREGISTERED)
PLACES = ("", "", "33", "330282", "3715")
KINDS = ("bribery", "bribery", "tax", "tax", "price", "competition", "supply", "quality", "other")
BOUNDS = (10_000, 50_000, 100_000, 300_000, 500_000, 1_000_000, 2_000_000, 2_500_000, 10_000_000)
NORMS = (date(2020, 8, 27), date(2020, 8, 28), date(2025, 6, 30), date(2025, 7, 1))


def list_and_grade(draft: Draft) -> None:
    """List a few companies, some again, some for a place, some two years before a day; give a few companies cases."""
    rng = draft.aside("credit")
    ordered = [d["ordered_on"] for d in draft.records["deliveries"]] or draft.days
    known = {(x["enterprise_code"], x["listed_on"]) for x in draft.records["blacklist"]}
    for _ in range(rng.randint(0, 8)):
        day = rng.choice([*ordered, *draft.days])
        first = rng.choice((day, day + timedelta(days=1), _two_years_before(day), day - timedelta(days=30)))
        company = rng.choice(COMPANIES)
        if (company, first) not in known:
            known.add((company, first))
            last = rng.choice((None, None, day, day + timedelta(days=1), first + timedelta(days=60)))
            draft.add(
                "blacklist",
                enterprise_code=company,
                listed_on=first,
                delisted_on=last,
                jurisdiction_code=rng.choice(PLACES),
                document_no="名单1号",
            )
    for number in range(rng.randint(0, 10)):
        kind = rng.choice(KINDS)
        draft.add(
            "misconduct",
            case_no=f"案{number % 7}",
            enterprise_code=COMPANIES[(number // 7 + rng.randint(0, 3) * 2) % len(COMPANIES)],
            kind=kind,
            amount=_sum(rng),
            single_amount=_sum(rng),
            decided_on=rng.choice([draft.as_of, draft.as_of + timedelta(days=1), *draft.days, *draft.days, *NORMS]),
            decided_by="省医保局",
            repaired_on=rng.choice((None, None, draft.as_of, draft.as_of + timedelta(days=1), *draft.days)),
            document_no="评级1号",
        )


def _two_years_before(day: date) -> date:
    return day.replace(year=day.year - 2, day=min(day.day, 28))


def _sum(rng: random.Random) -> Decimal | None:
    if rng.random() < 0.3:
        return None
    return Decimal(rng.choice(BOUNDS)) - rng.choice((Decimal(0), Decimal("0.01")))
