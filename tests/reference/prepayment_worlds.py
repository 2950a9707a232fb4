"""Agencies, prepayments and their excuses of a random world: applied for late, paid in parts, taken back, for nothing."""

from datetime import date, timedelta
from decimal import Decimal

from .agreed_volume import lowest_fen_per_min_unit
from .calendar_days import is_working_day
from .draft import Draft

AGENCIES = ("330282001", "330282002", "371500001")
ONE_DAY = timedelta(days=1)


def add_prepayments(draft: Draft) -> None:
    """What prepayment reads beside what the others do; who signed when and who prepays is drawn for the commitments."""
    rng = draft.rng
    for code in AGENCIES[: rng.randint(1, 3)]:
        draft.add("agencies", agency_code=code, name=f"中心{code[-3:]}", jurisdiction_code=code[:6], responsible_person="王五")
    for commitment in draft.records["commitments"]:
        commitment["agency_code"] = rng.choice((None, *AGENCIES))
        start = commitment["period_start"]
        commitment["signed_on"] = rng.choice(
            (None, start, start - timedelta(days=12), date(2018, 12, 31), draft.offset(-16, -14))
        )
    for commitment in draft.records["commitments"]:
        if draft.happens(0.7):
            _prepay(draft, commitment)
    _prepay(draft, rng.choice(draft.records["commitments"]) | {"period_start": draft.day()})
    for _ in range(rng.randint(1, 4)):
        _excuse(draft)


def _prepay(draft: Draft, commitment: dict) -> None:
    rng = draft.rng
    signed_on = commitment["signed_on"] or commitment["period_start"]
    applied_on = rng.choice((signed_on, _after(signed_on, 10), _after(signed_on, 11), draft.offset(-15, -14, 0, 1), None))
    price = lowest_fen_per_min_unit(commitment, draft.records) or 100
    amount = (commitment["agreed_quantity"] * Decimal(int(price)) / 100 * draft.quantity("0.15", "0.3", "0.3", "1")).quantize(
        Decimal("0.01")
    )
    for part in rng.choice(((1,), (1,), (0.5, 0.5), (1, -1), (1, -0.5, 0.5))):
        days = [_after(applied_on or signed_on, n) for n in (1, 10, 10, 11)] + [draft.day(), None]
        paid_on = rng.choice(days)
        value = (amount * Decimal(str(part))).quantize(Decimal("0.01"))
        if value:
            draft.add(
                "prepayments",
                agency_code=commitment["agency_code"]
                if commitment["agency_code"] and draft.happens(0.8)
                else rng.choice(AGENCIES),
                prepayment_id=f"Y{len(draft.records['prepayments']):03d}",
                institution_code=commitment["institution_code"],
                lot_code=commitment["lot_code"],
                period_start=commitment["period_start"],
                applied_on=applied_on if draft.happens(0.9) else draft.day(),
                paid_on=paid_on,
                amount=value,
            )


def _after(day: date, working_days: int) -> date:
    while working_days:
        day += ONE_DAY
        working_days -= is_working_day(day)
    return day


def _excuse(draft: Draft) -> None:
    rng = draft.rng
    commitment = rng.choice(draft.records["commitments"])
    draft.add(
        "excuses",
        excuse_id=f"EY-{len(draft.records['excuses'])}",
        kind="prepayment",
        institution_code=commitment["institution_code"],
        lot_code=rng.choice((None, commitment["lot_code"])),
        valid_from=draft.offset(-30, 0, 0, 1),
        valid_to=rng.choice((None, None, _after(commitment["period_start"], 10), draft.as_of + timedelta(days=60))),
        reason_code="dispute",
        approved_by="李四",
        document_no="备〔2020〕4号",
    )
