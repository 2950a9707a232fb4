"""Prepayment of the insurance fund, read literally from obligations §15 (the slow reference).

In: accepted records by dataset and `as_of`. Out: rows of `prepayment_timeliness` and `prepayment_agency` without as_of,
run_id and policy_id, under the policy rows that we ship.
"""

from collections import defaultdict
from datetime import date, timedelta
from fractions import Fraction

from .agreed_volume import Record, Records, as_float, figures_of, is_valid_on, lowest_fen_per_min_unit, ratio_of, round_half_up
from .budgeted_completion import budgeted_completion
from .calendar_days import is_published, is_working_day
from .payment import due_on, settle

PROGRAMS = ("national", "alliance", "provincial")
DAYS = 10


def prepayment(records: Records, as_of: date) -> dict[str, list[Record]]:
    """Both prepayment tables."""
    commitments = _commitments(records, as_of)
    prepayments = [p for p in records["prepayments"] if _exists(p, as_of)]
    overdue = _overdue(records, as_of)
    rows = []
    for key in sorted({*map(_key, commitments), *map(_key, prepayments)}):
        own = [c for c in commitments if _key(c) == key]
        paid = [p for p in prepayments if _key(p) == key]
        if _is_prepaid_for(key, records):
            rows.append(_group(key, own, paid, overdue, records, as_of))
    return {"prepayment_timeliness": rows, "prepayment_agency": _agencies(rows, records, as_of)}


def _key(row: Record) -> tuple[str, str, date]:
    return row["institution_code"], row["lot_code"], row["period_start"]


def _is_prepaid_for(key: tuple, records: Records) -> bool:
    lot = [x for x in records["lots"] if x["lot_code"] == key[1] and x["program"] in PROGRAMS]
    return bool(lot) and any(i["institution_code"] == key[0] and i["ownership"] == "public" for i in records["institutions"])


def _commitments(records: Records, as_of: date) -> list[Record]:
    """Commitments at least, each with what it was worth on its first day, and what was bought."""
    known = {p["product_code"] for p in records["products"]}
    found = []
    for figure in figures_of(records, as_of):
        commitment = figure["commitment"]
        if commitment["product_code"] is not None and commitment["product_code"] not in known:
            continue
        agreed = figure["agreed"]
        for a in records["commitment_adjustments"]:
            if a["commitment_id"] == commitment["commitment_id"] and commitment["period_start"] < a["effective_on"] <= as_of:
                agreed -= Fraction(a["delta_quantity"] or 0)
        agreed = max(Fraction(0), agreed)
        price = lowest_fen_per_min_unit(commitment, records)
        found.append(
            commitment
            | {
                "agreed_fen": 0 if price is None else round_half_up(agreed * price),
                "purchase_fen": 0 if price is None else round_half_up(figure["net"] * price),
                "lacks_price": agreed > 0 and price is None,
            }
        )
    return found + _amounts(records, as_of, known)


def _amounts(records: Records, as_of: date, known: set[str]) -> list[Record]:
    """Commitments of an amount at least."""
    found = []
    for row in budgeted_completion(records, as_of)["budgeted_completion"]:
        if (row["target"], row["direction"]) != ("amount", "floor") or row["product_code"] not in {None, *known}:
            continue
        commitment = next(c for c in records["commitments"] if c["commitment_id"] == row["commitment_id"])
        agreed = row["agreed_fen"]
        for a in records["commitment_adjustments"]:
            if a["commitment_id"] == row["commitment_id"] and row["period_start"] < a["effective_on"] <= as_of:
                agreed -= round_half_up(Fraction(a["delta_quantity"] or 0) * 100)
        own = {"agreed_fen": max(0, agreed), "purchase_fen": row["net_fen"], "lacks_price": False}
        found.append(commitment | {"period_end": row["period_end"]} | own)
    return found


def _exists(prepayment: Record, as_of: date) -> bool:
    days = [d for d in (prepayment["applied_on"], prepayment["paid_on"]) if d is not None]
    return not days or min(days) <= as_of


def _overdue(records: Records, as_of: date) -> list[Record]:
    """Payables with overdue money under the rule that applies."""
    return [p for p in settle(records, as_of)[0] if p["unpaid"] > 0 and due_on(p, records) <= as_of]


def _group(key: tuple, own: list[Record], paid: list[Record], overdue: list[Record], records: Records, as_of: date) -> Record:
    institution_code, lot_code, period_start = key
    place = next(i["jurisdiction_code"] for i in records["institutions"] if i["institution_code"] == institution_code)
    signed_on = min((c["signed_on"] for c in own if c["signed_on"] is not None), default=period_start)
    end = max((c["period_end"] for c in own), default=None)
    agreed = sum(c["agreed_fen"] for c in own)
    rate = _rate(place, signed_on)
    required = None if rate is None else round_half_up(agreed * rate)
    apply_due_on, is_provisional = working_day_after(signed_on)
    given = [p for p in paid if p["amount"] > 0]
    applied_on = min((p["applied_on"] for p in given if p["applied_on"] is not None and p["applied_on"] <= as_of), default=None)
    if applied_on is None:
        applied_on = min((p["paid_on"] for p in given if p["paid_on"] is not None and p["paid_on"] <= as_of), default=None)
    pay_due_on = None
    if applied_on is not None:
        pay_due_on, is_too = working_day_after(applied_on)
        is_provisional = is_provisional or is_too
    prepaid, paid_in = _prepaid(paid, as_of), _paid_in(paid, as_of)
    on_time = paid_in if pay_due_on is None else _paid_in(paid, min(pay_due_on, as_of))
    purchase = max(0, sum(c["purchase_fen"] for c in own))
    progress = min(Fraction(1), Fraction(purchase, agreed)) if agreed else Fraction(0)
    stands, offset, unearned = max(0, prepaid), 0, 0
    if own:
        offset = round_half_up(stands * progress)
        if as_of > end:
            offset, unearned = stands, round_half_up(stands * (1 - progress))
    row = {
        "institution_code": institution_code,
        "lot_code": lot_code,
        "period_start": period_start,
        "jurisdiction_code": place,
        "agency_code": _agency(own, paid),
        "period_end": end,
        "signed_on": signed_on,
        "apply_due_on": apply_due_on,
        "applied_on": applied_on,
        "applied_late": applied_on is not None and applied_on > apply_due_on,
        "pay_due_on": pay_due_on,
        "is_provisional": is_provisional,
        "agreed_fen": agreed,
        "required_fen": required,
        "prepaid_fen": prepaid,
        "paid_in_fen": paid_in,
        "on_time_fen": on_time,
        "purchase_fen": purchase,
        "progress": as_float(progress),
        "offset_fen": offset,
        "balance_fen": stands - offset,
        "unearned_fen": unearned,
        "supplier_overdue_fen": _waiting(institution_code, lot_code, overdue, records),
        "excuse_id": _excuse(institution_code, lot_code, pay_due_on, records, as_of),
    }
    return row | {"status": _status(row, own, as_of)}


def _agency(own: list[Record], paid: list[Record]) -> str:
    named = [c["agency_code"] for c in own if c["agency_code"] is not None] or [p["agency_code"] for p in paid]
    return min(named, default="")


def _rate(place: str, day: date) -> Fraction | None:
    if place.startswith("12") and day >= date(2019, 3, 18):
        return Fraction(1, 2)
    return Fraction(3, 10) if day >= date(2019, 1, 1) else None


def working_day_after(day: date) -> tuple[date, bool]:
    """The tenth working day later than `day`, and whether a day looked at lies in a year without a published calendar."""
    left, is_provisional = DAYS, False
    while left:
        day += timedelta(days=1)
        is_provisional = is_provisional or not is_published(day.year)
        left -= is_working_day(day)
    return day, is_provisional


def _prepaid(paid: list[Record], day: date) -> int:
    return sum(int(p["amount"] * 100) for p in paid if p["paid_on"] is not None and p["paid_on"] <= day)


def _paid_in(paid: list[Record], day: date) -> int:
    days = [p["paid_on"] for p in paid if p["paid_on"] is not None and p["paid_on"] <= day]
    return max([0, *(_prepaid(paid, d) for d in days)])


def _waiting(institution_code: str, lot_code: str, overdue: list[Record], records: Records) -> int:
    known = {p["product_code"] for p in records["products"]}
    total = 0
    for payable in overdue:
        if payable["institution_code"] == institution_code and any(
            s["lot_code"] == lot_code
            and s["product_code"] == payable["product_code"]
            and s["product_code"] in known
            and is_valid_on(s, payable["accepted_on"])
            for s in records["selections"]
        ):
            total += payable["unpaid"]
    return total


def _excuse(institution_code: str, lot_code: str, pay_due_on: date | None, records: Records, as_of: date) -> str | None:
    held = []
    for e in records["excuses"]:
        if e["kind"] != "prepayment" or e["institution_code"] != institution_code or e["lot_code"] not in (None, lot_code):
            continue
        ends_in_time = e["valid_to"] is not None and (pay_due_on is None or pay_due_on > e["valid_to"])
        if e["valid_from"] <= as_of and not ends_in_time:
            held.append(e["excuse_id"])
    return min(held, default=None)


def _status(row: Record, own: list[Record], as_of: date) -> str:
    if not own:
        return "no_commitment"
    if row["agreed_fen"] == 0:
        return "no_price" if any(c["lacks_price"] for c in own) else "cancelled"
    if row["required_fen"] is None:
        return "no_rule"
    if row["on_time_fen"] >= row["required_fen"]:
        return "paid"
    if row["paid_in_fen"] >= row["required_fen"]:
        return "paid_late"
    if row["applied_on"] is None:
        return "not_due" if as_of <= row["apply_due_on"] else "not_applied"
    if as_of <= row["pay_due_on"]:
        return "not_due"
    return "partly_paid" if row["paid_in_fen"] > 0 else "unpaid"


def _agencies(rows: list[Record], records: Records, as_of: date) -> list[Record]:
    due: dict[str, list[Record]] = defaultdict(list)
    for row in rows:
        if (row["required_fen"] or 0) > 0 and row["pay_due_on"] is not None and row["pay_due_on"] < as_of:
            due[row["agency_code"]].append(row)
    places = {a["agency_code"]: a["jurisdiction_code"] for a in records["agencies"]}
    found = []
    for code, own in sorted(due.items()):
        required = sum(row["required_fen"] for row in own)
        on_time = sum(min(row["on_time_fen"], row["required_fen"]) for row in own)
        found.append(
            {
                "agency_code": code,
                "jurisdiction_code": places.get(code, ""),
                "groups": len(own),
                "required_fen": required,
                "on_time_fen": on_time,
                "on_time_rate": ratio_of(on_time, required),
            }
        )
    return found
