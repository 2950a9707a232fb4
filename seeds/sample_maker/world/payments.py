"""Payments: who paid what when, from each payer's habits and the shipments' stories. All invented.

Hospitals pay on the 8th, 18th and 28th; a parent pays for its branches; the private hospital names
no invoice.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from seeds.sample_maker.world.parties import COMPANY, INSTITUTION
from seeds.sample_maker.world.products import MAKER
from seeds.sample_maker.world.trade import LAST_DAY, Line, Shipment

Row = dict[str, Any]
FEN = Decimal("0.01")
PAYER = {"B1": "C3", "B2": "C3", "L4": "L3"}
PAYMENT_DAYS = (8, 18, 28)
SLOW = ("C1", "L1")  # within the month after acceptance, not always within 30 days
# institution: of 100 invoices, how many are paid on time and how many in two parts; the rest is late
HABIT = {
    "C1": (90, 4),
    "C3": (80, 6),
    "B1": (86, 0),
    "B2": (86, 0),
    "PV": (88, 0),
    "PH": (96, 0),
    "L1": (74, 10),
    "L2": (74, 10),
    "L3": (86, 4),
    "L4": (99, 0),
}
# institution, payee, day, amount: money without a shipment of its own
LOOSE_TABLE = [("C1", "D7", date(2020, 11, 30), "5000.00"), ("PH", "D1", date(2020, 12, 8), "1200.00")]


def make_payments(
    shipments: list[Shipment], rng: random.Random, loose: Sequence[tuple[str, str, date, str]] = LOOSE_TABLE, prefix: str = "FK"
) -> list[Row]:
    """Payment lines by canonical column name, one `payment_id` (`prefix` …) per payer, payee, day and channel."""
    found: list[Row] = []
    seen: dict[str, int] = {}
    for shipment in shipments:
        due = sum((_get_payable(line) for line in shipment.lines), Decimal(0))
        if shipment.accepted_on and shipment.payment != "never" and due > 0:
            place = seen[shipment.institution] = seen.get(shipment.institution, 0) + 1
            found += _pay_shipment(shipment, due, _choose_kind(shipment, place), rng)
    found += [_make_row(i, p, day, Decimal(amount), "", "") for i, p, day, amount in loose]
    found = [row for row in found if row["paid_on"] <= LAST_DAY]
    found.sort(key=lambda r: (r["paid_on"], r["institution_code"], r["payee_code"], r["channel"], r["invoice_no"]))
    _number(found, prefix)
    return found


def _get_payable(line: Line) -> Decimal:
    if line.is_gift or line.received is None:
        return Decimal(0)
    return ((line.received - line.returned) * line.price).quantize(FEN, ROUND_HALF_UP)


def _pay_shipment(shipment: Shipment, due: Decimal, kind: str, rng: random.Random) -> list[Row]:
    accepted = shipment.accepted_on
    assert accepted is not None
    on_time = _roll_to_payment_day(accepted + timedelta(rng.randint(7, 26 if shipment.institution in SLOW else 17)))
    late = _roll_to_payment_day(accepted + timedelta(rng.randint(63, 105)))
    payer, code, number = (PAYER.get(shipment.institution, shipment.institution), shipment.invoice_code, shipment.invoice_no)
    if shipment.institution == "PV":
        code = number = ""
    if kind == "late":
        return [_make_row(payer, shipment.seller, late, due, code, number)]
    if kind == "partial":
        first = (due * 6 / 10).quantize(FEN, ROUND_HALF_UP)
        return [
            _make_row(payer, shipment.seller, on_time, first, code, number),
            _make_row(payer, shipment.seller, late, due - first, code, number),
        ]
    if kind == "elsewhere":
        return [_make_row(payer, "E1", on_time, due, code, number)]
    if kind == "before":
        return [_make_row(payer, shipment.seller, accepted - timedelta(10), due, code, number)]
    if kind == "excess":
        return [_make_row(payer, shipment.seller, on_time, due + 500, code, number)]
    if kind == "fund_direct":
        row = _make_row(payer, MAKER[shipment.lines[0].product], on_time, due, code, number)
        return [row | {"channel": "fund_direct"}]
    if kind == "reversed":
        wrong = _make_row(payer, shipment.seller, on_time, due, code, number)
        back = _make_row(payer, shipment.seller, on_time + timedelta(6), -due, code, number)
        return [wrong, back | {"reverses": wrong}, _make_row(payer, shipment.seller, date(2020, 12, 18), due, code, number)]
    return [_make_row(payer, shipment.seller, on_time, due, code, number)]


def _choose_kind(shipment: Shipment, place: int) -> str:
    """The story's kind, or the institution's habit; `place` runs over its invoices, 37 spreads them."""
    draw = place * 37 % 100
    if shipment.payment != "usual":
        return shipment.payment
    on_time, partial = HABIT[shipment.institution]
    if draw < on_time:
        return "on_time"
    return "partial" if draw < on_time + partial else "late"


def _roll_to_payment_day(day: date) -> date:
    while day.day not in PAYMENT_DAYS:
        day += timedelta(1)
    return day


def _make_row(payer: str, payee: str, on: date, amount: Decimal, code: str, number: str) -> Row:
    return {
        "institution_code": INSTITUTION[payer],
        "payment_id": "",
        "line_no": 0,
        "payee_code": COMPANY[payee],
        "paid_on": on,
        "amount": amount,
        "reverses_payment_id": "",
        "invoice_code": code,
        "invoice_no": number,
        "channel": "hospital",
    }


def _number(rows: list[Row], prefix: str) -> None:
    """Payment identifiers prefix + day + serial in the given order; a reversal is a payment of its own."""
    documents: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        key = (row["paid_on"], row["institution_code"], row["payee_code"], row["channel"], "reverses" in row)
        documents.setdefault(key, []).append(row)
    for serial, ((day, *_), lines) in enumerate(documents.items(), 1):
        for line_no, row in enumerate(lines, 1):
            row["payment_id"], row["line_no"] = f"{prefix}{day:%Y%m%d}{serial:04d}", line_no
    for row in rows:
        if "reverses" in row:
            row["reverses_payment_id"] = row.pop("reverses")["payment_id"]
