"""What was agreed: the commitments. All invented.

`PLAN` says how well each commitment is kept (received ÷ what the time passed asks for); `trade` turns it into receipts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from seeds.sample_maker.world.budgets import make_budgets
from seeds.sample_maker.world.parties import AGENCY, INSTITUTION, get_jurisdiction
from seeds.sample_maker.world.products import PERIOD_OF_ITEM, PRODUCT, PRODUCTS_OF_ITEM, UNITS

Row = dict[str, Any]
AS_OF = date(2020, 12, 31)

# (lot, item): yearly quantity in minimum units of a scale-1 hospital, institutions, is the product fixed?
ITEM_PLAN: dict[tuple[str, str], tuple[int, str, bool]] = {
    ("4+7", "ATOR"): (42_000, "C1 C3 B1", False),
    ("4+7", "ESCI"): (8_400, "C1 C3", True),
    ("4+7", "MONT"): (18_000, "C1 C3 B2", True),
    ("4+7", "GEFI"): (1_200, "C1", True),
    ("4+7-KW", "AMLO"): (168_000, "C1 C3 B1 B2 PV PH L1 L2 L3 L4", True),
    ("4+7-KW", "ENTE"): (56_000, "C1 C3 L1 L2", False),
    ("4+7-KW", "CLOP"): (42_000, "C1 C3 B1 PV L1 L2 L3", True),
    ("4+7-KW", "ROSU"): (70_000, "C1 C3 B2 PH L1 L2", False),
    ("4+7-KW", "IRBE"): (84_000, "C1 C3 B1 L1 L2 L3", True),
    ("4+7-KW", "OLAN"): (7_000, "C1 L1", True),
    ("4+7-KW", "CEFU"): (24_000, "C1 C3 PV L1 L2 L3", True),
    ("4+7-KW", "LEVE"): (15_000, "C1 L1", True),
    ("GY-2", "ACAR"): (150_000, "C1 C3 B1 B2 L1 L2 L3 L4", True),
    ("GY-2", "AMOX"): (96_000, "C1 C3 B2 PH L1 L2 L3", True),
    ("GY-2", "TADA"): (1_600, "C1 L1", True),
    ("GY-2", "ABIR"): (4_800, "C1 L1", True),
    ("LC-ZCY", "YIMU"): (6_000, "L1 L2 L3", False),
    ("LC-ZCY", "DANS"): (9_000, "L1 L2", False),
    ("NB-HC", "CATH"): (24_000, "C1 C3 B2", False),
    ("NB-HC", "FILM"): (20_000, "C1 C3", False),
    ("GH-STENT", "STENT"): (240, "C1 L1", False),
}
SCALE = {"C1": 1.0, "C3": 0.5, "B1": 0.12, "B2": 0.1, "PV": 0.15, "PH": 0.08, "L1": 1.2, "L2": 0.45, "L3": 0.12, "L4": 0.02}

# Everything not named here keeps pace with time: 0.92 … 1.15 of what the days passed ask for.
PLAN: dict[tuple[str, str], float] = {
    ("C1", "ATOR"): 1.06,  # ended, completed
    ("C3", "ATOR"): 0.93,  # ended, excused by an approved shortage
    ("B1", "ATOR"): 0.78,  # ended, failed
    ("C3", "ESCI"): 0.90,  # ended, failed
    ("B2", "MONT"): 0.0,  # agreed quantity adjusted to zero: cancelled
    ("L1", "AMLO"): 1.48,  # completed before the end
    ("PH", "AMLO"): 0.40,  # voluntary, seriously behind
    ("L4", "AMLO"): 0.95,
    ("L2", "CLOP"): 0.62,  # seriously behind
    ("L2", "ROSU"): 0.0,  # nothing received
    ("C3", "CEFU"): 0.86,  # behind
    ("L2", "IRBE"): 0.62,  # the replacement product brings the rest
    ("L3", "IRBE"): 0.84,  # behind
    ("C3", "ACAR"): 1.62,  # completed before the end
    ("L2", "ACAR"): 0.70,  # seriously behind, partly excused
    ("L3", "YIMU"): 0.97,  # the last day of its period is the as-of day
}
IN_PACKS = {("C1", "OLAN"), ("L1", "OLAN"), ("L1", "TADA")}


@dataclass(frozen=True)
class Commitment:
    """One agreed volume and the share of it that the sample's receipts shall bring until the as-of day."""

    commitment_id: str
    lot: str
    item: str
    institution: str
    agreed: int
    period_start: date
    period_end: date
    pace: float | None
    fixed_product: bool

    @property
    def wanted_units(self) -> int:
        """Minimum units to receive until the as-of day."""
        days = (min(self.period_end, AS_OF) - self.period_start).days + 1
        return int(self.agreed * (self.pace or 0) * max(days, 0) / ((self.period_end - self.period_start).days + 1))


def make_commitments() -> list[Commitment]:
    """The commitments to quantities, in the order of `ITEM_PLAN`; quantities in minimum units."""
    found: list[Commitment] = []
    for (lot, item), (base, institutions, fixed) in ITEM_PLAN.items():
        units = UNITS[PRODUCTS_OF_ITEM[lot, item][0]]
        start, end = PERIOD_OF_ITEM[lot, item]
        for institution in institutions.split():
            packs = max(1, round(base * SCALE[institution] / units / 5)) * 5
            pace = PLAN.get((institution, item))
            if pace is None:
                pace = 0.92 + (len(found) * 7 % 24) / 100
            identifier = f"XY-{lot}-{item}-{institution}"
            found.append(Commitment(identifier, lot, item, institution, packs * units, start, end, pace, fixed))
    return found


def make_agreements() -> list[Row]:
    """Rows of commitments by canonical column name."""
    return [_write_commitment(c) for c in make_commitments()] + make_budgets()


def _write_commitment(c: Commitment) -> Row:
    in_packs = (c.institution, c.item) in IN_PACKS
    product = PRODUCTS_OF_ITEM[c.lot, c.item][0]
    return {
        "commitment_id": c.commitment_id,
        "lot_code": c.lot,
        "item_code": c.item,
        "institution_code": INSTITUTION[c.institution],
        "product_code": PRODUCT[product] if c.fixed_product or in_packs else "",
        "target": "quantity",
        "direction": "floor",
        "agreed_quantity": c.agreed // UNITS[product] if in_packs else c.agreed,
        "agreed_quantity_max": None,
        "unit": "pack" if in_packs else "min_unit",
        "period_start": c.period_start,
        "period_end": c.period_end,
        "signed_on": date(2020, 4, 10) if c.period_start.month == 4 else c.period_start,
        "agency_code": "" if c.institution == "L4" else AGENCY[get_jurisdiction(c.institution)],
    }
