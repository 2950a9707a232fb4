"""What institutions of a random world are judged by: bases of surplus, evaluations, and a hospital of Yibin, where a surplus
may be kept; with days and scores at the bounds.

It has dice of its own: what was drawn before stays as it was.
"""

import random
from datetime import timedelta
from decimal import Decimal

from .draft import DISTRIBUTORS, Draft

YIBIN = "H51150200001"
SCORES = (None, *map(Decimal, ("0", "64.9999", "65", "79.99", "80", "100")))
SHARES = tuple(map(Decimal, ("0", "0.0001", "0.5", "0.7", "0.9", "1")))


def judge_institutions(draft: Draft) -> None:
    """Bases of most of what was agreed, and of what was not; evaluations of this year and others."""
    rng = draft.aside("judged")
    _add_yibin(draft, rng)
    bases = {_key(c) for c in draft.records["commitments"] if rng.random() < 0.8}
    for commitment in rng.sample(draft.records["commitments"], 3):
        institution, lot, item, first = _key(commitment)
        bases.add((institution, lot, rng.choice(("01", "02", item)), first + timedelta(days=rng.choice((0, 1)))))
    for base in sorted(bases):
        _add_base(draft, rng, *base)
    for institution in draft.records["institutions"]:
        for kind in ("rational_use", "surplus"):
            for year in range(draft.as_of.year - 2, draft.as_of.year + 1):
                if rng.random() < 0.6:
                    _evaluate(draft, rng, institution["institution_code"], kind, year)


def _key(commitment: dict) -> tuple:
    return tuple(commitment[c] for c in ("institution_code", "lot_code", "item_code", "period_start"))


def _add_yibin(draft: Draft, rng: random.Random) -> None:
    """A hospital of Yibin with commitments that ended lately, at times completed, and purchases of whatever there is."""
    draft.add(
        "institutions",
        institution_code=YIBIN,
        name="宜宾医院",
        jurisdiction_code="511502",
        ownership="public",
        level="tertiary",
        responsible_person="赵六",
    )
    selections = draft.records["selections"]
    for n in range(rng.randint(2, 5)):
        selection = rng.choice(selections)
        first = max(selection["valid_from"], draft.as_of - timedelta(days=120)) + timedelta(days=rng.choice((-1, 0, 0)))
        draft.add(
            "commitments",
            commitment_id=f"YIBIN{n}",
            lot_code=selection["lot_code"],
            item_code=selection["item_code"],
            institution_code=YIBIN,
            product_code=rng.choice((None, selection["product_code"])),
            agreed_quantity=Decimal(rng.choice(("1", "20", "33.3333", "0"))),
            period_start=first,
            period_end=max(first, draft.as_of - timedelta(days=rng.choice((0, 1, 2)))),
        )
    agreed = [s["product_code"] for s in selections]
    since = rng.choice((25, 60))
    for n in range(rng.randint(4, 12)):
        day, packs = draft.as_of - timedelta(days=rng.randint(0, since)), Decimal(rng.choice(("1", "2.5", "10")))
        product = rng.choice(agreed if rng.random() < 0.6 else [p["product_code"] for p in draft.records["products"]])
        draft.add(
            "deliveries",
            institution_code=YIBIN,
            delivery_id=f"YB{n:02d}",
            order_line_id=f"YBO{n:02d}",
            distributor_code=rng.choice(DISTRIBUTORS[:2]),
            product_code=product,
            ordered_quantity=packs,
            received_quantity=packs,
            unit_price=Decimal(rng.choice(("10", "0.3333", "3.14"))),
            ordered_on=day,
            accepted_on=day,
        )


def _add_base(draft: Draft, rng: random.Random, institution: str, lot: str, item: str, first) -> None:
    lasts = [draft.as_of + timedelta(days=n) for n in (-90, -30, -2, -1, -1, 0)]
    shares = [rng.choice(SHARES[1:] if rng.random() < 0.8 else SHARES) for _ in range(3)]
    draft.add(
        "surplus_bases",
        institution_code=institution,
        lot_code=lot,
        item_code=item,
        period_start=first,
        period_end=max(first, rng.choice(lasts)),
        base_quantity=Decimal(rng.choice(("0", "0.0001", "33.3333", "100", "10000", "123456.7891"))),
        price_before=Decimal(rng.choice(("0", "0.0001", "3", "12.3456", "12.3456", "1000"))),
        fund_pay_ratio=shares[0],
        fund_pay_ratio_before=rng.choice((None, shares[1])),
        insured_share=shares[2],
    )


def _evaluate(draft: Draft, rng: random.Random, institution: str, kind: str, year: int) -> None:
    draft.add(
        "evaluations",
        institution_code=institution,
        kind=kind,
        year=str(year),
        result="pass" if rng.random() < 0.75 else "fail",
        score=rng.choice(SCORES),
        decided_on=draft.as_of + timedelta(days=rng.choice((-300, -60, -1, 0, 0, 1))),
        document_no="考核1号",
    )
