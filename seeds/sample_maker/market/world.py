"""The market as rows by canonical column name, before any dirt and any file."""

from __future__ import annotations

import random
from typing import Any

from seeds.sample_maker.market.records import make_local_listings, make_misconduct, make_reference_prices
from seeds.sample_maker.market.shipments import CHARGED, FUND_PAYS_DISTRIBUTOR, ORDER_LINES, make_market_shipments
from seeds.sample_maker.world.invoices import make_invoices
from seeds.sample_maker.world.payments import make_payments
from seeds.sample_maker.world.trade import Shipment
from seeds.sample_maker.world.world import write_delivery

Row = dict[str, Any]
SEED = "vbp-compliance sample, market"


def make_market_world() -> dict[str, list[Row]]:
    """Dataset → rows: trade, reference prices, cases, listings of companies."""
    shipments = make_market_shipments()
    paid_by_fund = {s.invoice_no for s in shipments if s.story in FUND_PAYS_DISTRIBUTOR}
    payments = make_payments(shipments, random.Random(SEED), (), "FM")
    return {
        "deliveries": [_write(shipment) for shipment in shipments],
        "invoices": make_invoices(shipments, (), 40_000_000),
        "payments": [row | {"channel": "fund_direct"} if row["invoice_no"] in paid_by_fund else row for row in payments],
        "reference_prices": make_reference_prices(),
        "misconduct": make_misconduct(),
        "blacklist": make_local_listings(),
    }


def _write(shipment: Shipment) -> Row:
    line, story = shipment.lines[0], shipment.story
    return write_delivery(shipment, line) | {
        "order_line_id": f"DD-{ORDER_LINES.get(story, story)}",
        "charge_price": CHARGED.get(story, line.price),
    }
