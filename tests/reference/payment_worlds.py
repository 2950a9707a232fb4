"""Payments, reversals and payment excuses of a random world: how money meets the wrong payable."""

from datetime import date, timedelta
from decimal import Decimal

from .calendar_days import due_before_rolling, roll_forward
from .draft import DISTRIBUTORS, Draft

CENT = Decimal("0.01")


def add_payments(draft: Draft) -> None:
    """Payments for two thirds of the deliveries, cash for nothing, reversals and excuses."""
    accepted = [d for d in draft.records["deliveries"] if d["accepted_on"]]
    for delivery in accepted:
        if draft.happens(0.65):
            _pay_for(draft, delivery)
    for _ in range(draft.rng.randint(1, 4)):
        _pay_round_sum(draft)
    _pay_together(draft)
    for _ in range(draft.rng.randint(1, 5)):
        _reverse_some_payment(draft)
    for _ in range(draft.rng.randint(1, 5)):
        _excuse_some_delivery(draft, draft.rng.choice(accepted))


def _next_payment_id(draft: Draft, institution_code: str) -> str:
    mine = {p["payment_id"] for p in draft.records["payments"] if p["institution_code"] == institution_code}
    return f"P{len(mine) + 1:02d}"


def _pay_for(draft: Draft, delivery: dict) -> None:
    """Half, all or a little too much of a delivery, in one to three lines, by the hospital or its parent."""
    rng = draft.rng
    amount = delivery["received_quantity"] * delivery["unit_price"] * draft.quantity("0.5", "1", "1", "1.2")
    lines = rng.choice((1, 1, 1, 2, 3))
    payer = delivery["institution_code"]
    hospital = next(i for i in draft.records["institutions"] if i["institution_code"] == payer)
    if hospital["parent_institution_code"] and draft.happens(0.4):
        payer = hospital["parent_institution_code"]
    names_invoice = draft.happens(0.6)
    leaves_code_out = draft.happens(0.15)
    payment_id = _next_payment_id(draft, payer)
    payee = delivery["distributor_code"] if draft.happens(0.85) else rng.choice(DISTRIBUTORS)
    paid_on = _payment_day(draft, delivery["accepted_on"])
    for line_no in range(1, lines + 1):
        part = (amount * rng.choice((1, 1, 2)) / lines).quantize(CENT)
        if part <= 0:
            continue
        names_invoice = names_invoice if draft.happens(0.7) else not names_invoice
        draft.add(
            "payments",
            institution_code=payer,
            payment_id=payment_id,
            line_no=line_no,
            payee_code=payee,
            paid_on=paid_on if draft.happens(0.9) else draft.day(),
            amount=part,
            invoice_code=delivery["invoice_code"] if names_invoice and not leaves_code_out else None,
            invoice_no=delivery["invoice_no"] if names_invoice else None,
            channel="fund_direct" if draft.happens(0.2) else "hospital",
        )


def _payment_day(draft: Draft, accepted_on: date) -> date:
    """On one of the world's days, around a due date, or around the 30 and 60 days."""
    if draft.happens(0.4):
        return draft.day()
    day = due_before_rolling(draft.rng.choice(("D30", "EONM", "D60")), accepted_on)
    if draft.happens(0.6):
        day = roll_forward(day)
    day += timedelta(days=draft.rng.choice((-1, 0, 0, 1)))
    return min(day, draft.as_of + timedelta(days=draft.rng.choice((0, 0, 1))))


def _pay_round_sum(draft: Draft) -> None:
    rng = draft.rng
    payer = rng.choice(draft.records["institutions"])["institution_code"]
    names_invoice = draft.happens(0.3)
    draft.add(
        "payments",
        institution_code=payer,
        payment_id=_next_payment_id(draft, payer),
        line_no=1,
        payee_code=rng.choice(DISTRIBUTORS[:3]),
        paid_on=draft.day(),
        amount=draft.quantity("50", "100", "100", "1000", "5000"),
        invoice_code="3302010001" if names_invoice else None,
        invoice_no="00000001" if names_invoice else None,
    )


def _pay_together(draft: Draft) -> None:
    """Parent and branch pay one invoice of the branch on one day, under one number, and together too much."""
    parents = {i["institution_code"]: i["parent_institution_code"] for i in draft.records["institutions"]}
    of_branches = [
        d for d in draft.records["deliveries"] if d["accepted_on"] and d["invoice_no"] and parents[d["institution_code"]]
    ]
    if not of_branches:
        return
    delivery = draft.rng.choice(of_branches)
    paid_on = _payment_day(draft, delivery["accepted_on"])
    for payer in (delivery["institution_code"], parents[delivery["institution_code"]]):
        draft.add(
            "payments",
            institution_code=payer,
            payment_id="P00",
            line_no=1,
            payee_code=delivery["distributor_code"],
            paid_on=paid_on,
            amount=draft.quantity("10", "50", "100"),
            invoice_code=delivery["invoice_code"],
            invoice_no=delivery["invoice_no"],
        )


def _reverse_some_payment(draft: Draft) -> None:
    """Take back part, all or too much of a payment, over its lines, on any day."""
    rng = draft.rng
    target = rng.choice([p for p in draft.records["payments"] if p["amount"] > 0])
    payer = target["institution_code"]
    amount = (target["amount"] * draft.quantity("0.5", "1", "1", "1.5", "3")).quantize(CENT)
    if amount <= 0:
        return
    draft.add(
        "payments",
        institution_code=payer,
        payment_id=_next_payment_id(draft, payer),
        line_no=1,
        payee_code=target["payee_code"],
        paid_on=draft.day(target["paid_on"], draft.as_of),
        amount=-amount,
        reverses_payment_id=target["payment_id"],
        invoice_code=target["invoice_code"],
        invoice_no=target["invoice_no"],
    )


def _excuse_some_delivery(draft: Draft, delivery: dict) -> None:
    """By delivery, by invoice or both; valid until about the day of acceptance, or without end."""
    by_invoice = delivery["invoice_no"] is not None and draft.happens(0.5)
    edges = [None, None, delivery["accepted_on"], delivery["accepted_on"] - timedelta(days=1)]
    valid_from, valid_to = draft.offset(-90, -30, 0, 1), draft.rng.choice(edges)
    draft.add(
        "excuses",
        excuse_id=f"EP-{len(draft.records['excuses'])}",
        kind="payment",
        institution_code=delivery["institution_code"],
        delivery_id=None if by_invoice and draft.happens(0.7) else delivery["delivery_id"],
        invoice_code=delivery["invoice_code"] if by_invoice else None,
        invoice_no=delivery["invoice_no"] if by_invoice else None,
        valid_from=valid_from if valid_to is None else min(valid_from, valid_to),
        valid_to=valid_to,
        reason_code="dispute",
        approved_by="李四",
        document_no="备〔2020〕3号",
    )
