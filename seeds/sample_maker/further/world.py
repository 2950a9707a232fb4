"""The world beside, as rows by canonical column name, before any dirt and any file."""

from __future__ import annotations

import random
from typing import Any

from seeds.sample_maker.further.catalogues import make_catalogue_entries
from seeds.sample_maker.further.scanned import make_trace_scans
from seeds.sample_maker.further.shipments import make_further
from seeds.sample_maker.further.used import make_usages
from seeds.sample_maker.world.invoices import make_invoices
from seeds.sample_maker.world.payments import make_payments
from seeds.sample_maker.world.world import write_delivery

Row = dict[str, Any]
SEED = "vbp-compliance sample, further"


def make_further_world(world: dict[str, list[Row]]) -> dict[str, list[Row]]:
    """Dataset → what came beside that world: further trade, catalogues, and what was used and scanned of all that was bought."""
    shipments = make_further()
    deliveries = [write_delivery(s, line) for s in shipments for line in s.lines]
    bought = world["deliveries"] + deliveries
    return {
        "deliveries": deliveries,
        "invoices": make_invoices(shipments, (), 30_000_000),
        "payments": make_payments(shipments, random.Random(SEED), (), "FJ"),
        "catalogue_entries": make_catalogue_entries(),
        "usages": make_usages(bought, world["returns"]),
        "trace_scans": make_trace_scans(bought),
    }
