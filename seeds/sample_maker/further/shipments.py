"""Further shipments: of the year before, and of what no agreement names. One line each, chain known, paid on time. All invented.

They stand apart from the others, in files of their own, so that numbers and files of those stay as they are.
"""

from __future__ import annotations

from datetime import date, timedelta

from seeds.sample_maker.world.products import PRICE
from seeds.sample_maker.world.trade import CODE_OF_REGION, Line, Shipment, get_seller

SHANGHAI_CODE = "3100204130"

# story, institution, product, packs, accepted on
FURTHER_TABLE: list[tuple[str, str, str, int, date]] = [
    ("LASTYEAR-01", "L1", "AMIN1", 300, date(2019, 9, 18)),  # what was monitored a year before, and what is usual
    ("LASTYEAR-02", "L1", "BALL1", 6, date(2019, 11, 6)),
    ("LASTYEAR-03", "SH", "AMLO28", 120, date(2019, 5, 15)),  # selected in Shanghai then
    ("LASTYEAR-04", "SH", "AMLO14N", 80, date(2019, 9, 11)),  # not selected
    ("LASTYEAR-05", "SH", "SIMV20", 30, date(2019, 10, 16)),  # may stand in for what is selected
    ("LASTYEAR-06", "C1", "AMIN1", 1_000, date(2019, 10, 23)),
    ("SURGE-01", "L1", "AMIN1", 700, date(2020, 11, 18)),  # several times what is usual
    ("NEGOTIATED-01", "C1", "OSIM30", 2, date(2020, 5, 20)),
    ("NEGOTIATED-02", "PH", "OSIM30", 1, date(2020, 8, 12)),
    ("NEGOTIATED-03", "L1", "OSIM30", 1, date(2020, 10, 14)),
    ("GOVERNED-01", "C1", "BALL1", 10, date(2020, 6, 17)),
    ("GOVERNED-02", "L1", "BALL1", 8, date(2020, 7, 15)),
    ("FORMS-01", "L2", "PARAT1", 30, date(2020, 4, 15)),  # three strengths of one form, four forms of one drug
    ("FORMS-02", "L2", "PARAT3", 40, date(2020, 5, 13)),
    ("FORMS-03", "L2", "PARAT5", 25, date(2020, 6, 17)),
    ("FORMS-04", "L2", "PARAC3", 20, date(2020, 8, 19)),
    ("FORMS-05", "L2", "PARAG1", 15, date(2020, 9, 16)),
    ("FORMS-06", "L2", "PARAS1", 10, date(2020, 11, 11)),
    ("DECOCTION-01", "C1", "HUANG500", 40, date(2020, 4, 22)),  # 饮片; its code is of no national pattern
    ("DECOCTION-02", "C3", "HUANG500", 30, date(2020, 6, 10)),
    ("DECOCTION-03", "B1", "HUANG500", 6, date(2020, 9, 9)),
    ("NOSTRENGTH-01", "C1", "OXYG1", 60, date(2020, 5, 13)),
    ("BRANCHALONE-01", "B2", "PARAT3", 20, date(2020, 8, 12)),  # its head does not buy it
    ("SHANGHAI-01", "SH", "AMLO28", 200, date(2020, 6, 10)),
    ("SHANGHAI-02", "SH", "AMLO14N", 500, date(2020, 9, 16)),  # more than half of what was used is not selected
    ("SHANGHAI-03", "SH", "SIMV20", 20, date(2020, 10, 14)),
]


def make_further() -> list[Shipment]:
    """The shipments in the order of the table."""
    return [_tell(place, *row) for place, row in enumerate(FURTHER_TABLE, 1)]


def _tell(place: int, story: str, institution: str, product: str, packs: int, accepted: date) -> Shipment:
    code = CODE_OF_REGION.get(institution[0] if institution[0] == "L" else "C", "")
    return Shipment(
        institution,
        get_seller(institution, product),
        ordered_on=accepted - timedelta(3),
        shipped_on=accepted - timedelta(1),
        accepted_on=accepted,
        lines=[Line(product, f"SX1{place:03d}", packs, PRICE[product], f"PS-{story}", ordered=packs, shipped=packs)],
        invoice_code=SHANGHAI_CODE if institution == "SH" else code,
        invoice_no=f"{68_000_000 + place:08d}",
        story=story,
        payment="on_time",
    )
