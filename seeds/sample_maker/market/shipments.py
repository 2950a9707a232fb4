"""Shipments that show prices, charges, late and missing deliveries and many small suppliers. One line each. All invented.

Lanzhou (620102, 620103) buys without agreements; Gaotang (371526) buys one drug from twelve companies.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from seeds.sample_maker.world.products import PRICE
from seeds.sample_maker.world.trade import Line, Shipment

LANZHOU_CODE = "6200204130"
DISPERSED = tuple(f"E{number}" for number in range(1, 13))


class Told(NamedTuple):
    """One order line or part of it: packs ordered and received (None: nothing came), the price where it is another than usual."""

    story: str
    institution: str
    seller: str
    product: str
    ordered: int
    received: int | None
    ordered_on: date
    accepted_on: date | None
    price: str = ""
    charge: str = ""
    payment: str = "on_time"


TOLD = [
    # prices of one drug at five hospitals in one month; the fifth pays far more than the others
    Told("PEER-01", "G1", "D8", "XIAO10", 60, 60, date(2020, 8, 5), date(2020, 8, 8)),
    Told("PEER-02", "G2", "D8", "XIAO10", 50, 50, date(2020, 8, 6), date(2020, 8, 9)),
    Told("PEER-03", "G3", "D8", "XIAO10", 20, 20, date(2020, 8, 10), date(2020, 8, 12), "7.10"),
    Told("PEER-04", "G4", "D8", "XIAO10", 20, 20, date(2020, 8, 12), date(2020, 8, 14), "7.20"),
    Told("PEER-05", "G5", "D8", "XIAO10", 15, 15, date(2020, 8, 18), date(2020, 8, 20), "9.80"),
    # one hospital, one supplier: 6.90, 7.20, 6.60, 6.90 (PEER-01), 9.60
    Told("RISE-01", "G1", "D8", "XIAO10", 40, 40, date(2020, 3, 10), date(2020, 3, 12)),
    Told("RISE-02", "G1", "D8", "XIAO10", 40, 40, date(2020, 5, 12), date(2020, 5, 14), "7.20"),
    Told("RISE-03", "G1", "D8", "XIAO10", 40, 40, date(2020, 6, 16), date(2020, 6, 18), "6.60"),
    Told("RISE-04", "G1", "D8", "XIAO10", 30, 30, date(2020, 10, 13), date(2020, 10, 15), "9.60"),
    # a pack that is not selected beside its siblings that are: 14 tablets should cost 2.59
    Told("ESTIMATED-01", "G1", "D8", "ENTE14", 20, 20, date(2020, 9, 9), date(2020, 9, 11), "3.10"),
    Told("ESTIMATED-02", "G2", "D8", "ENTE14", 20, 20, date(2020, 9, 9), date(2020, 9, 11)),
    # charged above the purchase price: a drug, a consumable, and 饮片, where it is allowed
    Told("MARKUP-01", "G1", "D8", "PARAG1", 20, 20, date(2020, 7, 7), date(2020, 7, 9), charge="8.63"),
    Told("MARKUP-02", "G2", "D8", "CATH1", 100, 100, date(2020, 7, 14), date(2020, 7, 16), charge="4.00"),
    Told("MARKUP-03", "G1", "D8", "HUANG500", 10, 10, date(2020, 7, 21), date(2020, 7, 23), charge="60.00"),
    Told("FUNDDIRECT-03", "G2", "D8", "AMIN1", 30, 30, date(2020, 9, 15), date(2020, 9, 17)),  # the fund pays the distributor
    Told("FILLED-01", "G1", "D8", "ENTE28", 900, 900, date(2020, 11, 2), date(2020, 11, 4)),
    # ordered from a supplier who brings little; PARTLY-03 and -04: of this drug the other packs came
    Told("PARTLY-01", "G1", "D9", "PARAT3", 100, 40, date(2020, 10, 12), date(2020, 10, 15), payment="never"),
    Told("PARTLY-02", "G2", "D9", "PARAT3", 50, 25, date(2020, 10, 13), date(2020, 10, 16)),
    Told("PARTLY-03", "G1", "D9", "ENTE14", 60, 20, date(2020, 10, 19), date(2020, 10, 22)),
    Told("PARTLY-04", "G3", "D9", "ENTE14", 40, 10, date(2020, 10, 20), date(2020, 10, 23)),
    Told("PARTLY-05", "G1", "D9", "RACE9", 100, 90, date(2020, 10, 26), date(2020, 10, 28)),
    Told("SLOW-01", "G2", "D9", "AMIN1", 40, 40, date(2020, 11, 2), date(2020, 11, 20)),
    Told("SPLIT-01", "G1", "D9", "PARAG1", 100, 60, date(2020, 11, 3), date(2020, 11, 5)),
    Told("SPLIT-02", "G1", "D9", "PARAG1", 100, 40, date(2020, 11, 3), date(2020, 11, 12)),  # the rest of the same line
    Told("PROMPT-01", "G2", "D9", "PARAT5", 60, 60, date(2020, 11, 9), date(2020, 11, 11)),
    Told("NOTHING-01", "G1", "D9", "OXYT10", 20, None, date(2020, 12, 28), None),  # an emergency; on the list of what is short
    Told("NOTHING-02", "G1", "D9", "AMIN1", 20, None, date(2020, 11, 16), None),
    Told("NOTHING-03", "G3", "D9", "AMIN1", 10, None, date(2020, 11, 17), None),
    Told("NOTHING-04", "G1", "D9", "PARAS1", 20, None, date(2020, 11, 18), None),
    Told("NOTHING-05", "G2", "D9", "PARAC3", 20, None, date(2020, 11, 19), None),
    Told("NOTHING-06", "G2", "D9", "XIAO10", 30, None, date(2020, 11, 23), None),
    Told("NOTHING-07", "G3", "D9", "XIAO10", 20, None, date(2020, 11, 24), None),
    Told("NOTHING-08", "G2", "D9", "IRBE28", 40, None, date(2020, 11, 25), None),
    Told("NOTHING-09", "G3", "D9", "IRBE28", 30, None, date(2020, 11, 26), None),
    Told("NOTHING-10", "G1", "D9", "SIMV20", 60, None, date(2020, 12, 1), None),
    Told("NOTHING-11", "G2", "D9", "SIMV20", 40, None, date(2020, 12, 2), None),
    Told("NOTHING-12", "G3", "D9", "SIMV20", 20, None, date(2020, 12, 3), None),
    Told("NOTHING-13", "G3", "D9", "HUANG500", 10, None, date(2020, 12, 4), None),
    # one drug from twelve companies, in the last month: neither invoiced nor due
    *(
        Told(
            f"DISPERSED-{place:02d}",
            "L5",
            seller,
            "OSIM30",
            4,
            4,
            date(2020, 12, 4 + place),
            date(2020, 12, 7 + place),
            "",
            "",
            "none",
        )
        for place, seller in enumerate(DISPERSED, 1)
    ),
]
EMERGENCIES = {"NOTHING-01"}
FUND_PAYS_DISTRIBUTOR = {"FUNDDIRECT-03"}
ORDER_LINES = {"SPLIT-02": "SPLIT-01"}  # a delivery and the order line it belongs to
CHARGED = {told.story: Decimal(told.charge) for told in TOLD if told.charge}


def make_market_shipments() -> list[Shipment]:
    """The shipments in the order of the table."""
    return [_ship(place, told) for place, told in enumerate(TOLD, 1)]


def _ship(place: int, told: Told) -> Shipment:
    price = Decimal(told.price) if told.price else PRICE[told.product]
    is_invoiced = told.received is not None and told.payment != "none"
    line = Line(
        told.product,
        f"SX2{place:03d}" if told.received is not None else "",
        told.received,
        price,
        f"PS-{told.story}",
        told.ordered,
        told.received,
    )
    return Shipment(
        told.institution,
        told.seller,
        told.ordered_on,
        told.accepted_on - timedelta(1) if told.accepted_on else None,
        told.accepted_on,
        [line],
        invoice_code=LANZHOU_CODE if is_invoiced else "",
        invoice_no=f"{69_000_000 + place:08d}" if is_invoiced else "",
        story=told.story,
        payment="on_time" if told.payment == "on_time" else "never",
        is_emergency=told.story in EMERGENCIES,
    )
