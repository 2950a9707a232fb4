"""The clean world: all datasets as rows by canonical column name, before any dirt and any file."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from seeds.sample_maker.world.agreements import make_agreements
from seeds.sample_maker.world.approvals import make_approvals
from seeds.sample_maker.world.invoices import make_invoices
from seeds.sample_maker.world.parties import COMPANY, INSTITUTION, make_parties
from seeds.sample_maker.world.payments import make_payments
from seeds.sample_maker.world.products import ALL_DRUGS, PRODUCT, make_products
from seeds.sample_maker.world.stories import make_stories
from seeds.sample_maker.world.trade import LAST_DAY, Line, Shipment, make_shipments

Row = dict[str, Any]
SEED = "vbp-compliance sample"
RETURN_EVERY = 23
RETURN_STATUS = ["confirmed", "confirmed", "requested", "confirmed", "refused", "confirmed"]


def make_world() -> dict[str, list[Row]]:
    """Dataset → rows. Dates are dates, money and prices Decimals in yuan, quantities integers (packs)."""
    rng = random.Random(SEED)
    shipments = make_shipments(rng) + make_stories()
    returns = _make_returns(shipments)
    return {
        **make_parties(),
        **make_products(),
        "commitments": make_agreements(),
        **make_approvals(),
        "deliveries": [write_delivery(s, line) for s in shipments for line in s.lines],
        "returns": returns,
        "invoices": make_invoices(shipments),
        "payments": make_payments(shipments, rng),
    }


def _make_returns(shipments: list[Shipment]) -> list[Row]:
    """Returns of the stories and of every 23rd ordinary shipment; confirmed ones are noted on their lines."""
    rows = []
    ordinary = [s for s in shipments if not s.story][10::RETURN_EVERY]
    for place, shipment in enumerate(ordinary):
        line = shipment.lines[0]
        status, packs = RETURN_STATUS[place % len(RETURN_STATUS)], max(1, (line.received or 0) // 12)
        if status == "confirmed":
            line.returned = packs
        rows.append(_write_return(shipment, line, packs, status))
    rows += [
        _write_return(s, s.lines[0], s.lines[0].returned, "confirmed") for s in shipments if s.story and s.lines[0].returned
    ]
    return rows


def _write_return(shipment: Shipment, line: Line, packs: int, status: str) -> Row:
    assert shipment.accepted_on is not None
    return {
        "institution_code": INSTITUTION[shipment.institution],
        "return_id": line.delivery_id.replace("PS", "TH", 1),
        "delivery_id": line.delivery_id,
        "returned_quantity": packs,
        "returned_on": min(shipment.accepted_on + timedelta(15), LAST_DAY),
        "status": status,
    }


def write_delivery(shipment: Shipment, line: Line) -> Row:
    """A line as a row of deliveries."""
    invoiced = bool(shipment.invoice_no)
    return {
        "institution_code": INSTITUTION[shipment.institution],
        "delivery_id": line.delivery_id,
        "order_line_id": line.delivery_id.replace("PS", "DD", 1),
        "distributor_code": COMPANY[shipment.seller],
        "product_code": PRODUCT[line.product],
        "batch_no": line.batch,
        "ordered_quantity": line.ordered,
        "shipped_quantity": line.shipped,
        "received_quantity": line.received,
        "unit_price": line.price,
        "ordered_on": shipment.ordered_on,
        "shipped_on": shipment.shipped_on,
        "accepted_on": shipment.accepted_on,
        "invoice_code": shipment.invoice_code if invoiced else "",
        "invoice_no": shipment.invoice_no,
        "channel": shipment.channel,
        "is_gift": line.is_gift,
        "is_emergency": shipment.is_emergency,
        "trace_codes_count": line.received if line.product in ALL_DRUGS and line.received else None,
        "charge_price": line.price if shipment.institution != "PH" else None,
    }
