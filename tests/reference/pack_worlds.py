"""Prices in a random world: packs of one medicine in several sizes, selected in several lots at once, listed here and there, with
standards of the fund; what institutions paid for them, about what they should have, and what they charged.

It has dice of its own: what was drawn before stays as it was.
"""

import random
from datetime import timedelta
from decimal import Decimal

from .draft import DISTRIBUTORS, MAKER_1, MAKER_2, Draft

FORMS = ("片剂", "片剂", "片剂", "片 剂", "片 剂", "注射剂", None)
STRENGTHS = ("10mg", "10mg", "10mg", "１０ＭＧ", "１０ＭＧ", "20mg", None)
PLACES = ("", "", "33", "3302", "330282", "3715")
PRICES = ("6.60", "6.60", "12.8701", "25.1", "0.003")
OFF = ("0", "0", "0.005", "0.0051", "-0.005", "-0.0051", "1.5", "-1.5")


def add_packs(draft: Draft) -> None:
    """A few rows of every dataset that says a price, and lines that were paid about it."""
    rng = draft.aside("packs")
    for product in draft.records["products"]:
        product["listing_price"] = rng.choice((None, Decimal(0), Decimal("12.3400")))
    for delivery in draft.records["deliveries"]:
        if rng.random() < 0.4:
            delivery["charge_price"] = delivery["unit_price"] + Decimal(rng.choice((*OFF, "0.14", "0.1401")))
            delivery["charge_price"] = max(delivery["charge_price"], Decimal(0))
    codes = _add_packs(draft, rng)
    _select(draft, rng, codes)
    _refer(draft, rng, codes)
    _buy(draft, rng, codes)


def _add_packs(draft: Draft, rng: random.Random) -> list[str]:
    codes = [f"PACK{n}" for n in range(rng.randint(2, 4))]
    for code, units in zip(codes, rng.sample(("7", "14", "28", "10", "0.5", "7"), len(codes)), strict=True):
        draft.add(
            "products",
            product_code=code,
            kind=rng.choice(("drug", "drug", "drug", "consumable")),
            generic_code="GPACK2" if rng.random() < 0.1 else "GPACK",
            generic_name="多规格药",
            dosage_form=rng.choice(FORMS),
            strength=rng.choice(STRENGTHS),
            min_unit=rng.choice(("片", "片", "片", "片", "片 ", "片 ", "粒")),
            units_per_pack=Decimal(units),
            manufacturer_code=MAKER_2 if rng.random() < 0.1 else MAKER_1,
            listing_price=rng.choice((None, Decimal("9.99"))),
            special_category="tcm_decoction" if rng.random() < 0.2 else "none",
        )
    return codes


def _select(draft: Draft, rng: random.Random, codes: list[str]) -> None:
    """Two lots that may hold at once, with commitments of heads and branches that say which counts."""
    institutions = draft.records["institutions"]
    known = set()
    for lot_code in ("PLOT1", "PLOT2"):
        place = rng.choice(("", "", *PLACES))
        draft.add(
            "lots",
            lot_code=lot_code,
            name=lot_code,
            program="provincial",
            category="drug",
            document_no="号9",
            jurisdiction_code=place,
        )
        for _ in range(rng.randint(1, 3)):
            first, last = sorted((rng.choice((*draft.days[:3], *draft.days)), rng.choice(draft.days)))
            key = (lot_code, rng.choice(("1", "2")), codes[rng.random() < 0.3], first)
            if key not in known:
                known.add(key)
                row = dict(zip(("lot_code", "item_code", "product_code", "valid_from"), key, strict=True))
                row["valid_to"] = rng.choice((None, None, last))
                draft.add("selections", **row, selected_price=Decimal(rng.choice(PRICES)))
    for n in range(rng.randint(0, 2)):
        start, end = sorted(rng.choices(draft.days, k=2))
        draft.add(
            "commitments",
            commitment_id=f"PC{n}",
            lot_code=rng.choice(("PLOT1", "PLOT2")),
            item_code=rng.choice(("1", "2")),
            institution_code=rng.choice(institutions[:3])["institution_code"],
            agreed_quantity=Decimal(100),
            target=rng.choice(("quantity", "amount")),
            period_start=start,
            period_end=end,
        )
        if rng.random() < 0.4:
            draft.add(
                "commitment_adjustments",
                adjustment_id=f"PA{n}",
                commitment_id=f"PC{n}",
                effective_on=rng.choice(draft.days),
                delta_quantity=Decimal(0),
                new_period_end=rng.choice(draft.days),
                reason="调整",
                document_no="号9",
            )


def _refer(draft: Draft, rng: random.Random, codes: list[str]) -> None:
    known = set()
    others = [p["product_code"] for p in rng.sample(draft.records["products"], 2)]
    for _ in range(rng.randint(4, 9)):
        first, last = sorted(rng.choices(draft.days, k=2))
        key = (rng.choice(("listing", "payment_standard")), rng.choice((*codes, *codes, *others)), rng.choice(PLACES), first)
        if key not in known:
            known.add(key)
            row = dict(zip(("kind", "product_code", "jurisdiction_code", "valid_from"), key, strict=True))
            row["valid_to"] = rng.choice((None, None, last))
            draft.add("reference_prices", **row, price=Decimal(rng.choice(PRICES)))


def _buy(draft: Draft, rng: random.Random, codes: list[str]) -> None:
    prices = [s["selected_price"] for s in draft.records["selections"] if s["product_code"] in codes] + [Decimal("25.10")]
    for n in range(rng.randint(5, 10)):
        ordered_on, packs = rng.choice(draft.days), Decimal(rng.choice(("100", "1", "2.5")))
        paid = max(Decimal(0), rng.choice(prices) + Decimal(rng.choice(OFF)))
        draft.add(
            "deliveries",
            institution_code=rng.choice(draft.records["institutions"][:3])["institution_code"],
            delivery_id=f"PD{n:02d}",
            order_line_id=f"PD{n:02d}",
            distributor_code=rng.choice(DISTRIBUTORS[:2]),
            product_code=rng.choice((*codes, codes[-1])),
            ordered_quantity=packs,
            received_quantity=packs,
            unit_price=paid,
            charge_price=rng.choice((None, paid, paid + Decimal("0.2"))),
            ordered_on=ordered_on,
            accepted_on=ordered_on + timedelta(days=rng.choice((0, 3, 30))),
        )
