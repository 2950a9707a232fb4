"""Drugs of one generic in many forms and strengths, in a random world: known and unknown, written in several ways.

It has dice of its own: what was drawn before stays as it was.
"""

from datetime import date
from decimal import Decimal

from .draft import DISTRIBUTORS, MAKER_1, Draft

FORMS = ("片剂", "片 剂", "胶囊", "硬胶囊", "注射剂", "注射用粉针", "口服液", "阴道片", "栓", "滴眼液", "ｃ片", "C片", None)
STRENGTHS = ("10mg", "１０ＭＧ", "20mg", "20 mg", "40mg", None)


def add_forms(draft: Draft) -> None:
    """A few drugs without a national code, of two generics, and what institutions received of them in this year and the last."""
    rng = draft.aside("forms")
    for product in draft.records["products"]:
        product["strength"] = rng.choice(STRENGTHS)
    institutions = [i["institution_code"] for i in draft.records["institutions"]]
    for n in range(1, rng.randint(3, 9)):
        draft.add(
            "products",
            product_code=f"F{n:02d}",
            kind="drug",
            generic_code=rng.choice(("GF", "GF", "GF2")),
            generic_name="多剂型药",
            dosage_form=rng.choice(FORMS),
            strength=rng.choice(STRENGTHS),
            min_unit="片",
            units_per_pack=Decimal(rng.choice((1, 10))),
            manufacturer_code=MAKER_1,
            special_category="tcm_decoction" if rng.random() < 0.1 else "none",
        )
        for m in range(rng.randint(1, 3)):
            accepted_on = rng.choice((*draft.days, date(draft.as_of.year, 1, 1), date(draft.as_of.year - 1, 12, 31)))
            draft.add(
                "deliveries",
                institution_code=rng.choice(institutions[:2]),
                delivery_id=f"F{n:02d}-{m}",
                order_line_id=f"F{n:02d}-{m}",
                distributor_code=rng.choice(DISTRIBUTORS[:2]),
                product_code=f"F{n:02d}",
                ordered_quantity=Decimal(5),
                received_quantity=Decimal(5),
                unit_price=Decimal("1.25"),
                ordered_on=accepted_on,
                accepted_on=accepted_on,
            )
            if rng.random() < 0.2:
                delivery = draft.records["deliveries"][-1]
                draft.add(
                    "returns",
                    institution_code=delivery["institution_code"],
                    return_id=f"RF{n:02d}-{m}",
                    delivery_id=delivery["delivery_id"],
                    returned_quantity=Decimal(5),
                    returned_on=max(accepted_on, rng.choice(draft.days)),
                )
