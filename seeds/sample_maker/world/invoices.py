"""Invoices: to the institutions, between the companies, red and void ones. All invented.

Two-invoice system (国医改办发〔2016〕4号): every ordinary line finds the first invoice of its batch;
stories bring their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from seeds.sample_maker.world.parties import COMPANY, get_invoice_buyer
from seeds.sample_maker.world.products import PRICE, PRODUCT
from seeds.sample_maker.world.stories import STORY_PURCHASES, Purchase
from seeds.sample_maker.world.trade import CODE_OF_REGION, Line, Shipment, get_maker_side

Row = dict[str, Any]
COMPANY_CODE = "5000204130"
FIRST_INVOICE_SHARE = Decimal("0.92")
RED_TOTAL = {"REDFULL-01": "66900001", "REDPART-01": "20372000660000000921"}
FEN = Decimal("0.01")


def make_invoices(
    shipments: list[Shipment], stories: Sequence[Purchase] = STORY_PURCHASES, series: int = 20_000_000
) -> list[Row]:
    """All invoice lines by canonical column name: to institutions, between companies, red and void ones.

    `stories` are the special purchases between companies; the numbers of these invoices begin at `series`.
    """
    return [
        *(row for s in shipments for row in _invoice_shipment(s)),
        *_invoice_purchases([*_make_purchases(shipments), *stories], series),
        *(row for s in shipments if s.story in RED_TOTAL for row in _make_red(s)),
        *(_make_void(s) for s in shipments if s.story == "VOIDED-01"),
    ]


def _invoice_shipment(shipment: Shipment) -> list[Row]:
    if not shipment.invoice_no:
        return []
    return [
        _make_row(
            shipment.invoice_code,
            shipment.invoice_no,
            number,
            COMPANY[shipment.seller],
            get_invoice_buyer(shipment.institution),
            shipment.shipped_on,
            line.product,
            line.batch,
            line.invoice_quantity,
            line.price,
        )
        for number, line in enumerate(shipment.lines, 1)
    ]


def _make_row(
    code: str,
    number: str,
    line_no: int,
    seller: str,
    buyer: str,
    on: date | None,
    product: str,
    batch: str,
    quantity: int,
    price: Decimal,
) -> Row:
    return {
        "invoice_code": code,
        "invoice_no": number,
        "line_no": line_no,
        "seller_code": seller,
        "buyer_code": buyer,
        "issued_on": on,
        "product_code": PRODUCT[product],
        "batch_no": batch,
        "quantity": quantity,
        "amount": (quantity * price).quantize(FEN, ROUND_HALF_UP),
        "red_of_invoice_code": "",
        "red_of_invoice_no": "",
        "remark": "",
        "status": "normal",
    }


def _make_purchases(shipments: list[Shipment]) -> list[Purchase]:
    """First invoices of the known chains; the second level buys first, the first then buys for it too."""
    sales: dict[tuple[str, str, str], list[tuple[date, int]]] = {}
    for shipment in shipments:
        if shipment.has_known_chain and shipment.shipped_on and shipment.invoice_no:
            for line in shipment.lines:
                sales.setdefault((shipment.seller, line.product, line.batch), []).append(
                    (shipment.shipped_on, line.invoice_quantity)
                )
    purchases = []
    for level in (("D2", "D5", "D7"), ("D1", "D3", "D4", "D8", "D9")):
        for (buyer, product, batch), sold in sorted(sales.items()):
            if buyer not in level:
                continue
            seller = _get_supplier(buyer, product)
            packs = -(-sum(quantity for _, quantity in sold) * 21 // 200) * 10
            on = min(day for day, _ in sold) - timedelta(3 if level[0] == "D2" else 5)
            purchases.append(Purchase(seller, buyer, product, batch, packs, on))
            sales.setdefault((seller, product, batch), []).append((on, packs))
    return purchases


def _get_supplier(buyer: str, product: str) -> str:
    """D5 and D7 buy from a distributor, D2 half its products from its group's D1, others at the source."""
    if buyer in ("D5", "D7"):
        return {"D5": "D3", "D7": "D1"}[buyer]
    if buyer == "D2" and list(PRODUCT).index(product) % 2 == 0:
        return "D1"
    return get_maker_side(product)


def _invoice_purchases(purchases: Iterable[Purchase], series: int) -> list[Row]:
    """One document per pair of companies and day."""
    documents: dict[tuple[str, str, date], list[Purchase]] = {}
    for purchase in purchases:
        documents.setdefault((purchase.seller, purchase.buyer, purchase.issued_on), []).append(purchase)
    rows = []
    for place, ((seller, buyer, on), lines) in enumerate(sorted(documents.items(), key=lambda d: (d[0][2], d[0])), 1):
        for line_no, line in enumerate(lines, 1):
            code = CODE_OF_REGION["C"] if line.number else COMPANY_CODE
            rows.append(
                _make_row(
                    code,
                    line.number or f"{series + place * 211:08d}",
                    9 if line.number else line_no,
                    COMPANY[seller],
                    COMPANY[buyer],
                    on,
                    line.product,
                    line.batch,
                    line.packs,
                    PRICE[line.product] * FIRST_INVOICE_SHARE,
                )
            )
    return rows


def _make_red(shipment: Shipment) -> list[Row]:
    """The red invoice for what went back: named in the columns, or in the remark for a 20-digit invoice."""
    line = shipment.lines[0]
    row = _make_row(
        shipment.invoice_code,
        RED_TOTAL[shipment.story],
        1,
        COMPANY[shipment.seller],
        get_invoice_buyer(shipment.institution),
        date(2020, 10, 28),
        line.product,
        line.batch,
        -line.returned,
        line.price,
    )
    if shipment.invoice_code:
        return [row | {"red_of_invoice_code": shipment.invoice_code, "red_of_invoice_no": shipment.invoice_no}]
    return [row | {"remark": f"被红冲蓝字数电发票号码：{shipment.invoice_no}"}]


def _make_void(shipment: Shipment) -> Row:
    """The first try of an invoice: the same content under another number, void."""
    line: Line = shipment.lines[0]
    row = _make_row(
        shipment.invoice_code,
        "66800001",
        1,
        COMPANY[shipment.seller],
        get_invoice_buyer(shipment.institution),
        shipment.shipped_on,
        line.product,
        line.batch,
        line.invoice_quantity,
        line.price,
    )
    return row | {"status": "void"}
