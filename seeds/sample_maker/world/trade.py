"""Shipments: what reached whom, on which invoice. The ordinary ones are drawn from the commitments, all invented.

A shipment is one distributor's delivery to one institution: some lines, one invoice. `stories` adds the special ones.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from seeds.sample_maker.world.agreements import Commitment, make_commitments
from seeds.sample_maker.world.products import CONVERSION, MAKER, PRICE, PRODUCT, PRODUCTS_OF_ITEM, UNITS

LAST_DAY = date(2020, 12, 31)
CODE_OF_REGION = {"C": "3302204130", "L": "3700204130"}
LINES_PER_INVOICE = 2
# institution, product → the seller where it is not the distributor of the region: direct sales, one middleman too many
SELLER_OVERRIDE = {
    ("L1", "LEVE30"): "M1",
    ("L1", "OLAN14"): "S2",
    ("C1", "FILM100"): "MC",
    ("L2", "AMLO14N"): "D5",
    ("L2", "XIAO10"): "D5",
    ("L3", "AMOX24"): "D5",
    ("C3", "XIAO10"): "D7",
    ("B1", "XIAO10"): "D7",
}

# institution, product, months, packs a month: not selected, substitutable and other purchases
OTHER_TABLE = [
    ("C1", "AMLO14N", "3 5 8 11", 120),
    ("C1", "ATOR7N", "4 7 10", 60),
    ("C1", "CLOP7N", "3 6 9 12", 40),
    ("C1", "ANGO1", "5 10", 6),
    ("C1", "OXYT10", "4 9", 20),
    ("C1", "RABI1", "4 6 8 10", 90),
    ("C1", "SIMV20", "6", 80),
    ("C1", "AMIN1", "5 7 9 11", 1500),
    ("C1", "RACE9", "6 9 11", 300),
    ("C3", "AMIN1", "5 8 11", 900),
    ("C3", "RACE9", "6 10", 240),
    ("C3", "AMLO14N", "4 10", 60),
    ("C3", "XIAO10", "3 9 12", 50),
    ("C3", "ATOR7N", "6", 30),
    ("C3", "RABI1", "7", 40),
    ("B1", "XIAO10", "4 8 12", 20),
    ("B2", "XIAO10", "5 11", 20),
    ("B2", "SIMV20", "7", 10),
    ("PV", "ATOR7N", "3 6 10", 40),
    ("PV", "SILD5", "5 9", 12),
    ("PH", "SILD5", "4 8 11", 10),
    ("PH", "XIAO10", "3 10", 30),
    ("L1", "AMLO14N", "3 7 11", 150),
    ("L1", "CLOP7N", "5 9", 60),
    ("L1", "OXYT10", "4 8 12", 30),
    ("L1", "ANGO1", "6 11", 8),
    ("L1", "AMIN1", "3 6 9", 200),
    ("L1", "RABI1", "5 10", 60),
    ("L2", "AMLO14N", "4 8 12", 90),
    ("L2", "XIAO10", "3 6 10", 40),
    ("L2", "ATOR7N", "7", 20),
    ("L3", "XIAO10", "5 9 12", 30),
    ("L3", "OXYT10", "6", 5),
    ("L4", "XIAO10", "5 9", 6),
]


@dataclass
class Line:
    """One delivered product; quantities in packs, price in yuan per pack."""

    product: str
    batch: str
    received: int | None
    price: Decimal
    delivery_id: str = ""
    ordered: int = 0
    shipped: int | None = 0
    returned: int = 0
    invoiced: int | None = None
    is_gift: bool = False

    @property
    def invoice_quantity(self) -> int:
        """Packs on the invoice: as received unless the line says otherwise."""
        return self.invoiced if self.invoiced is not None else self.received or 0


@dataclass
class Shipment:
    """One delivery of one seller to one institution with its invoice; `story` tells a special one from the rest."""

    institution: str
    seller: str
    ordered_on: date
    shipped_on: date | None
    accepted_on: date | None
    lines: list[Line] = field(default_factory=list)
    invoice_code: str = ""
    invoice_no: str = ""
    story: str = ""
    payment: str = "usual"
    channel: str = "platform"
    is_emergency: bool = False
    has_known_chain: bool = True


def make_shipments(rng: random.Random) -> list[Shipment]:
    """The ordinary shipments in order of acceptance, with invoice numbers and delivery identifiers.

    Quantities follow each commitment's `wanted_units`; every ordinary line has a batch its seller will have bought.
    """
    lines: dict[tuple[str, str, int], list[Line]] = {}
    for commitment in make_commitments():
        for month, line in _split_commitment(commitment, rng):
            lines.setdefault((commitment.institution, get_seller(commitment.institution, line.product), month), []).append(line)
    for institution, product, months, packs in OTHER_TABLE:
        for month in map(int, months.split()):
            quantity = max(1, round(packs * rng.uniform(0.8, 1.2)))
            key = (institution, get_seller(institution, product), month)
            lines.setdefault(key, []).append(_make_line(product, month, quantity, rng))
    shipments = [s for key, group in lines.items() for s in _ship(*key, group, rng)]
    shipments.sort(key=lambda s: (s.accepted_on, s.institution, s.seller, s.lines[0].product))
    _number(shipments)
    return shipments


def get_seller(institution: str, product: str) -> str:
    """Who delivers a product to an institution: the region's main or second distributor, or the maker directly."""
    if (institution, product) in SELLER_OVERRIDE:
        return SELLER_OVERRIDE[institution, product]
    if institution == "L4":
        return "D5"
    place = list(PRODUCT).index(product)
    if institution.startswith("L"):
        return "D4" if place % 3 == 0 else "D3"
    return "D2" if place % 3 == 2 else "D1"


def get_batch(product: str, month: int) -> str:
    """The batch on sale in a month: one per product and quarter, as 2020 + quarter + product."""
    return f"20{(month - 1) // 3 * 3 + 1:02d}{list(PRODUCT).index(product):02d}"


def _split_commitment(commitment: Commitment, rng: random.Random) -> list[tuple[int, Line]]:
    """The commitment's wanted units as monthly lines inside its period; the second pack takes every fourth."""
    if not commitment.wanted_units:
        return []
    first = {4: 5, 1: 3}.get(commitment.period_start.month, commitment.period_start.month)
    last = 11 if commitment.period_end < LAST_DAY else 12
    # ending in November keeps every accepted day inside a period that ends then
    count = 3 if commitment.institution in ("B1", "B2", "L3", "L4", "PH", "PV") else 4
    months = sorted(rng.sample(range(first, last + 1), count))
    weights = [rng.uniform(0.8, 1.2) for _ in months]
    products = PRODUCTS_OF_ITEM[commitment.lot, commitment.item]
    found, left = [], Decimal(commitment.wanted_units)
    for place, (month, weight) in enumerate(zip(months, weights, strict=True)):
        product = products[place % 4 == 1] if len(products) > 1 and not commitment.fixed_product else products[0]
        units = left if place == count - 1 else commitment.wanted_units * Decimal(str(round(weight / sum(weights), 4)))
        per_pack = UNITS[product] * CONVERSION.get(product, Decimal(1))
        packs = max(1, round(units / per_pack))
        left -= packs * per_pack
        found.append((month, _make_line(product, month, packs, rng)))
    return found


def _make_line(product: str, month: int, packs: int, rng: random.Random) -> Line:
    ordered = packs if rng.random() > 0.08 else packs + max(1, packs // 8)
    return Line(product, get_batch(product, month), packs, PRICE[product], ordered=ordered, shipped=packs)


def _ship(institution: str, seller: str, month: int, lines: list[Line], rng: random.Random) -> list[Shipment]:
    """One month's lines of a seller as shipments of a few lines each; from March to the as-of day."""
    shipments = []
    for start in range(0, len(lines), LINES_PER_INVOICE):
        shipped = date(2020, month, rng.randint(9, 24))
        shipments.append(
            Shipment(
                institution,
                seller,
                ordered_on=shipped - timedelta(rng.randint(1, 5)),
                shipped_on=shipped,
                accepted_on=shipped + timedelta(rng.randint(0, 3)),
                lines=lines[start : start + LINES_PER_INVOICE],
            )
        )
    return shipments


def _number(shipments: list[Shipment]) -> None:
    """Delivery identifiers and invoice numbers in order; some Liaocheng invoices are 20-digit ones without a code."""
    for place, shipment in enumerate(shipments, 1):
        region = "L" if shipment.institution.startswith("L") else "C"
        if shipment.institution in ("L2", "L3") and place % 4 == 0:
            shipment.invoice_no = f"20372000{place:012d}"
        else:
            shipment.invoice_code = CODE_OF_REGION[region]
            shipment.invoice_no = f"{10_000_000 + place * 137:08d}"
        for number, line in enumerate(shipment.lines, 1):
            line.delivery_id = f"PS2020-{place:04d}-{number}"


def get_maker_side(product: str) -> str:
    """Who sells a product first: the maker, its sales company, its import agent or its licence holder."""
    if product in ("MONT15", "RABI1"):
        return "MH"
    return {"M2": "S2", "M3": "A3"}.get(MAKER[product], MAKER[product])
