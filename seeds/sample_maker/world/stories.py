"""The special shipments: each verdict of the two-invoice chain and each oddity once or twice. All invented.

The identifier of a story speaks: `PS-OVERSOLD-03` is a delivery, the invoice numbers start with 66.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from seeds.sample_maker.world.products import PRICE
from seeds.sample_maker.world.trade import CODE_OF_REGION, Line, Shipment, get_batch, get_seller


@dataclass(frozen=True)
class Purchase:
    """One invoice line between companies; packs; `number` only where a story needs a certain one."""

    seller: str
    buyer: str
    product: str
    batch: str
    packs: int
    issued_on: date
    number: str = ""


# story, institution, seller, product, batch (None: the current one), packs, accepted on, payment, known chain?
STORY_TABLE: list[tuple[str, str, str, str, str | None, int, date, str, bool]] = [
    ("INVOICEDISPUTE-01", "C1", "D1", "SIMV20", "SX0001", 60, date(2020, 9, 10), "never", False),
    ("EMERGENCY-01", "L1", "D7", "XIAO10", "SX0002", 200, date(2020, 3, 12), "usual", False),
    ("TOOMANY-01", "L2", "D5", "XIAO10", "SX0003", 90, date(2020, 6, 18), "usual", False),
    ("TOOMANY-02", "L1", "D5", "AMLO14N", "SX0004", 150, date(2020, 9, 16), "usual", False),
    ("TOOMANY-03", "C1", "D7", "CLOP7N", "SX0005", 60, date(2020, 10, 20), "late", False),
    ("OVERSOLD-01", "C1", "D1", "RACE9", "SX0006", 60, date(2020, 5, 14), "usual", False),
    ("OVERSOLD-02", "C3", "D1", "RACE9", "SX0006", 30, date(2020, 5, 20), "usual", False),
    ("OVERSOLD-03", "B2", "D1", "RACE9", "SX0006", 20, date(2020, 6, 9), "usual", False),
    ("AFTERSALE-01", "C3", "D1", "SIMV20", "SX0007", 45, date(2020, 6, 10), "usual", False),
    ("MISMATCH-01", "L3", "", "CEFU12", "SX0008", 120, date(2020, 9, 9), "usual", False),
    ("MISSING-01", "C1", "D7", "AMLO14N", "SX0009", 50, date(2020, 7, 22), "usual", False),
    ("MISSING-02", "B1", "D7", "AMLO14N", "SX0010", 20, date(2020, 8, 25), "usual", False),
    ("NOBATCH-01", "L2", "", "XIAO10", "无", 40, date(2020, 8, 12), "usual", False),
    ("NOBATCH-02", "L3", "", "AMOX24", "", 60, date(2020, 10, 14), "usual", False),
    ("BLACKLIST-01", "C3", "D6", "CLOP7N", "SX0011", 25, date(2020, 8, 19), "usual", False),
    ("BLACKLIST-02", "PV", "D6", "CLOP7N", "SX0011", 10, date(2020, 9, 3), "usual", False),
    ("OFFLINE-01", "L2", "D7", "SIMV20", "SX0012", 70, date(2020, 7, 8), "usual", False),
    ("OFFLINE-02", "L3", "D7", "SIMV20", "SX0012", 20, date(2020, 11, 11), "usual", False),
    ("VOIDED-01", "C1", "D1", "OXYT10", "SX0013", 15, date(2020, 10, 9), "usual", False),
    ("REDFULL-01", "C1", "D1", "ANGO1", "SX0014", 4, date(2020, 9, 22), "never", False),
    ("REDPART-01", "L2", "D3", "RACE9", "SX0015", 80, date(2020, 8, 5), "usual", False),
    ("DISPUTE-01", "L2", "D3", "CLOP7N", "SX0016", 35, date(2020, 9, 28), "never", False),
    ("OVERPRICED-01", "C3", "", "ATOR28", None, 40, date(2020, 6, 17), "usual", True),
    ("OVERPRICED-02", "L3", "", "AMLO28", None, 90, date(2020, 11, 5), "elsewhere", True),
    ("SHORTINVOICE-01", "L3", "", "XIAO10", None, 40, date(2020, 7, 16), "usual", True),
    ("REPLACEMENT-01", "L2", "D3", "IRBE14", "SX0017", 400, date(2020, 9, 24), "usual", False),
    ("REPLACEMENT-02", "L2", "D3", "IRBE14", "SX0017", 350, date(2020, 11, 19), "usual", False),
    ("BEFORE-01", "L3", "", "AMOX24", None, 150, date(2020, 9, 17), "before", True),
    ("EXCESS-01", "PH", "D2", "SILD5", "SX0018", 6, date(2020, 10, 15), "excess", False),
    ("REVERSED-01", "C1", "D1", "CLOP7N", "SX0019", 45, date(2020, 9, 15), "reversed", False),
    ("FUNDDIRECT-01", "C1", "D1", "ENTE28", None, 320, date(2020, 8, 13), "fund_direct", True),
    ("FUNDDIRECT-02", "C3", "D1", "ENTE28", None, 160, date(2020, 9, 10), "fund_direct", True),
    ("PARTIAL-01", "L1", "", "TADA4", None, 30, date(2020, 9, 2), "partial", True),
    ("OLDDEBT-01", "L1", "", "OXYT10", None, 12, date(2020, 5, 13), "never", True),
    ("OFFLINE-03", "PV", "D7", "SIMV20", "SX0012", 15, date(2020, 10, 21), "usual", False),
    ("INSTEAD-01", "L4", "", "AMLO14N", None, 200, date(2020, 10, 22), "usual", True),
]
# the special first invoices; what has a known chain gets its first invoices with all ordinary shipments
STORY_PURCHASES = [
    Purchase("M6", "D1", "SIMV20", "SX0001", 60, date(2020, 8, 20)),
    Purchase("M5", "D4", "XIAO10", "SX0003", 200, date(2020, 5, 20)),
    Purchase("D4", "D5", "XIAO10", "SX0003", 120, date(2020, 6, 1)),
    Purchase("D5", "D4", "XIAO10", "SX0003", 10, date(2020, 6, 22)),  # a circle between the two
    Purchase("D7", "D5", "AMLO14N", "SX0004", 150, date(2020, 9, 1)),  # where D7 had it from is not seen
    Purchase("M6", "D1", "CLOP7N", "SX0005", 100, date(2020, 9, 1)),
    Purchase("D1", "D2", "CLOP7N", "SX0005", 80, date(2020, 9, 15)),
    Purchase("D2", "D7", "CLOP7N", "SX0005", 60, date(2020, 10, 9)),
    Purchase("M4", "D1", "RACE9", "SX0006", 100, date(2020, 4, 30)),  # 100 bought, 60 + 30 + 20 sold
    Purchase("M6", "D1", "SIMV20", "SX0007", 50, date(2020, 7, 3)),  # three weeks after the sale
    Purchase("M6", "D6", "CLOP7N", "SX0011", 50, date(2020, 8, 3)),
    Purchase("M6", "D7", "SIMV20", "SX0012", 120, date(2020, 6, 24)),
    Purchase("M5", "D1", "OXYT10", "SX0013", 20, date(2020, 9, 18)),
    Purchase("M6", "D1", "ANGO1", "SX0014", 10, date(2020, 9, 2)),
    Purchase("M4", "D3", "RACE9", "SX0015", 100, date(2020, 7, 13)),
    Purchase("M6", "D3", "CLOP7N", "SX0016", 40, date(2020, 9, 4)),
    Purchase("M6", "D3", "IRBE14", "SX0017", 800, date(2020, 9, 7)),
    Purchase("M4", "D2", "SILD5", "SX0018", 20, date(2020, 9, 25)),
    Purchase("M6", "D1", "CLOP7N", "SX0019", 50, date(2020, 8, 28)),
    Purchase("D7", "D2", "AMLO14N", "SX0020", 5, date(2020, 10, 12), "66000011"),  # the number of MISSING-01
]
PRICE_PAID = {"OVERPRICED-01": Decimal("27.00"), "OVERPRICED-02": Decimal("1.98")}
RETURNED = {"REDFULL-01": 4, "REDPART-01": 30}
OFFLINE = {"OFFLINE-01", "OFFLINE-02", "OFFLINE-03", "EMERGENCY-01"}


def make_stories() -> list[Shipment]:
    """The special shipments, one line each, and the lines ordered or shipped that never were accepted."""
    shipments = [_tell(place, *row) for place, row in enumerate(STORY_TABLE, 1)]
    gift = Line("AMLO28", get_batch("AMLO28", 8), 20, PRICE["AMLO28"], "PS-GIFT-01", 20, 20, is_gift=True)
    day = date(2020, 8, 20)
    shipments += [
        Shipment("C1", "D1", day, day, day, [gift], story="GIFT-01", payment="never"),
        _make_open("L2", "D3", "ROSU28", "ORDERONLY-01", 500, None, date(2020, 10, 8)),
        _make_open("L1", "D3", "CLOP7", "ORDERONLY-02", 300, None, date(2020, 12, 20)),
        _make_open("C1", "D1", "ENTE28", "INTRANSIT-01", 200, 150, date(2020, 12, 28)),
    ]
    return shipments


def _tell(
    place: int,
    story: str,
    institution: str,
    seller: str,
    product: str,
    batch: str | None,
    packs: int,
    accepted: date,
    payment: str,
    known: bool,
) -> Shipment:
    line = Line(
        product,
        get_batch(product, accepted.month) if batch is None else batch,
        packs,
        PRICE_PAID.get(story, PRICE[product]),
        f"PS-{story}",
        ordered=packs,
        shipped=packs,
        returned=RETURNED.get(story, 0),
        invoiced=30 if story == "SHORTINVOICE-01" else None,
    )
    return Shipment(
        institution,
        seller or get_seller(institution, product),
        ordered_on=accepted - timedelta(4),
        shipped_on=accepted - timedelta(1),
        accepted_on=accepted,
        lines=[line],
        invoice_code="" if story == "REDPART-01" else CODE_OF_REGION["L" if institution[0] == "L" else "C"],
        invoice_no="20372000660000000021" if story == "REDPART-01" else f"{66_000_000 + place:08d}",
        story=story,
        payment=payment,
        channel="offline" if story in OFFLINE else "platform",
        is_emergency=story == "EMERGENCY-01",
        has_known_chain=known,
    )


def _make_open(
    institution: str, seller: str, product: str, story: str, ordered: int, shipped: int | None, on: date
) -> Shipment:
    line = Line(product, "", None, PRICE[product], f"PS-{story}", ordered, shipped)
    return Shipment(institution, seller, on, on + timedelta(1) if shipped else None, None, [line], story=story, payment="never")
