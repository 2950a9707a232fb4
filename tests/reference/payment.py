"""Payment timeliness, read literally from rulebook §5 (the slow reference).

In: accepted records by dataset and `as_of`. Out: rows of `payment_timeliness`, `payment_unallocated`, `payment_arrears`
(obligations §33) and `payment_unpaid` without as_of and run_id; money in integer fen, rates as doubles.
"""

from collections import defaultdict
from datetime import date
from fractions import Fraction

from .agreed_volume import Record, Records, confirmed_returns, is_valid_on, ratio_of, round_half_up
from .calendar_days import due_before_rolling, roll_forward

DUE_RULES = ("applicable", "D30", "EONM", "D60")
AGE_BANDS = (("overdue_0_30_fen", 30), ("overdue_31_60_fen", 60), ("overdue_61_90_fen", 90), ("overdue_91_180_fen", 180))
SUM_COLUMNS = (
    "matured_fen",
    "on_time_fen",
    "late_paid_fen",
    "overdue_fen",
    "not_due_fen",
    "matured_count",
    "on_time_count",
    "excused_fen",
    "paid_fen",
    "paid_fen_days",
    "paid_within_30_fen",
    "paid_31_60_fen",
    "paid_over_60_fen",
    "overdue_0_30_fen",
    "overdue_31_60_fen",
    "overdue_61_90_fen",
    "overdue_91_180_fen",
    "overdue_over_180_fen",
)


def payment(
    records: Records, as_of: date, *, rule_in_selection: str = "EONM", rule_otherwise: str = "D30"
) -> dict[str, list[Record]]:
    """The payment tables: what was due under every due rule, the cash that met no payable, what is unpaid."""
    payables, cash = settle(records, as_of)
    rules = {"selection": rule_in_selection, "otherwise": rule_otherwise}
    return {
        "payment_timeliness": _timeliness_rows(payables, records, as_of, rules),
        "payment_unallocated": _unallocated_rows(cash),
        "payment_arrears": _arrears_rows(payables, records, as_of),
        "payment_unpaid": [_unpaid_row(p, records, as_of, rules) for p in payables if p["unpaid"] > 0],
    }


def settle(records: Records, as_of: date) -> tuple[list[Record], list[Record]]:
    """Payables with what is `unpaid` of them in fen, and payment lines with what is `left` of them."""
    payables = _payables(records, as_of)
    cash = payments_in_order(records, as_of)
    _allocate_by_invoice(cash, payables, records)
    _allocate_by_supplier(cash, payables)
    return payables, cash


def due_on(payable: Record, records: Records, rules: dict | None = None) -> date:
    """The day on which a payable is due under the rule that applies."""
    rule = _applicable_rule(payable, records, rules or {"selection": "EONM", "otherwise": "D30"})
    return roll_forward(due_before_rolling(rule, payable["accepted_on"]))


def _payables(records: Records, as_of: date) -> list[Record]:
    payables = []
    for d in records["deliveries"]:
        if d["accepted_on"] is None or d["accepted_on"] > as_of or d["is_gift"]:
            continue
        packs = Fraction(d["received_quantity"]) - confirmed_returns(records, d, as_of)
        amount = round_half_up(packs * Fraction(d["unit_price"]) * 100)
        if amount > 0:
            payables.append({**d, "fen": amount, "unpaid": amount, "paid": []})
    return sorted(payables, key=lambda p: (p["accepted_on"], p["delivery_id"], p["institution_code"]))


def payments_in_order(records: Records, as_of: date) -> list[Record]:
    """Payment lines to as_of with what reversals to as_of leave of them (`left`, in fen; it may be 0)."""
    known = [p for p in records["payments"] if p["paid_on"] <= as_of]
    taken_back: dict[tuple, int] = defaultdict(int)
    for p in known:
        if p["amount"] < 0:
            taken_back[p["institution_code"], p["reverses_payment_id"]] -= int(p["amount"] * 100)
    cash = []
    for p in sorted((p for p in known if p["amount"] > 0), key=lambda p: p["line_no"]):
        fen = int(p["amount"] * 100)
        key = (p["institution_code"], p["payment_id"])
        lessened = min(fen, taken_back[key])
        taken_back[key] -= lessened
        cash.append({**p, "left": fen - lessened})
    return sorted(cash, key=lambda p: (p["paid_on"], p["payment_id"], p["line_no"], p["institution_code"]))


def _allocate_by_invoice(cash: list[Record], payables: list[Record], records: Records) -> None:
    for p in cash:
        if p["invoice_no"] is None:
            continue
        houses = {p["institution_code"]}
        for i in records["institutions"]:
            if i["parent_institution_code"] == p["institution_code"]:
                houses.add(i["institution_code"])
        within = [payable for payable in payables if payable["institution_code"] in houses]
        meant = _invoice_meant(p, within)
        for payable in within:
            if _invoice_of(payable) == meant:
                _pay(p, payable)


def _invoice_meant(p: Record, within: list[Record]) -> tuple[str, str | None]:
    """A number whose code was left out means the one invoice with it that is owed to the payee, if there is just one."""
    named = _invoice_of(p)
    if named[0] or len(p["invoice_no"]) >= 20 or named in map(_invoice_of, within):
        return named
    codes = {
        _invoice_of(payable)
        for payable in within
        if payable["invoice_no"] == p["invoice_no"] and payable["distributor_code"] == p["payee_code"]
    }
    return codes.pop() if len(codes) == 1 else named


def _allocate_by_supplier(cash: list[Record], payables: list[Record]) -> None:
    for p in cash:
        for payable in payables:
            if (payable["institution_code"], payable["distributor_code"]) == (p["institution_code"], p["payee_code"]):
                _pay(p, payable)


def _pay(p: Record, payable: Record) -> None:
    fen = min(p["left"], payable["unpaid"])
    if fen > 0:
        p["left"] -= fen
        payable["unpaid"] -= fen
        payable["paid"].append((p["paid_on"], fen))


def _invoice_of(row: Record) -> tuple[str, str | None]:
    return (row["invoice_code"] or "", row["invoice_no"])


def _timeliness_rows(payables: list[Record], records: Records, as_of: date, rules: dict) -> list[Record]:
    groups: dict[tuple, list[tuple[Record, date]]] = defaultdict(list)
    for payable in payables:
        for due_rule in DUE_RULES:
            rule = _applicable_rule(payable, records, rules) if due_rule == "applicable" else due_rule
            due = due_before_rolling(rule, payable["accepted_on"])
            key = (due_rule, payable["institution_code"], payable["distributor_code"], f"{due:%Y-%m}")
            groups[key].append((payable, roll_forward(due)))
    return [_timeliness_row(key, members, records, as_of) for key, members in sorted(groups.items())]


def _applicable_rule(payable: Record, records: Records, rules: dict) -> str:
    for s in records["selections"]:
        if s["product_code"] == payable["product_code"] and is_valid_on(s, payable["accepted_on"]):
            return rules["selection"]
    return rules["otherwise"]


def _timeliness_row(key: tuple, members: list, records: Records, as_of: date) -> Record:
    sums: dict[str, int] = defaultdict(int)
    for payable, due in members:
        _add_allocations(sums, payable)
        if due > as_of:
            sums["not_due_fen"] += payable["fen"]
        else:
            _add_matured(sums, payable, due, is_excused(payable, records, as_of), as_of)
    due_rule, institution_code, distributor_code, due_month = key
    in_scope = sums["matured_fen"] - sums["excused_fen"]
    return {
        "due_rule": due_rule,
        "institution_code": institution_code,
        "distributor_code": distributor_code,
        "due_month": due_month,
        "jurisdiction_code": _jurisdiction_of(institution_code, records),
        **{column: sums[column] for column in SUM_COLUMNS},
        "on_time_rate_amount": ratio_of(sums["on_time_fen"], sums["matured_fen"]),
        "on_time_rate_count": ratio_of(sums["on_time_count"], sums["matured_count"]),
        "on_time_rate_amount_excused": ratio_of(sums["on_time_fen"], in_scope),
        "weighted_days": ratio_of(sums["paid_fen_days"], sums["paid_fen"]),
    }


def _add_allocations(sums: dict[str, int], payable: Record) -> None:
    for paid_on, fen in payable["paid"]:
        days = (paid_on - payable["accepted_on"]).days
        sums["paid_fen"] += fen
        sums["paid_fen_days"] += fen * max(0, days)
        if days <= 30:
            sums["paid_within_30_fen"] += fen
        elif days <= 60:
            sums["paid_31_60_fen"] += fen
        else:
            sums["paid_over_60_fen"] += fen


def _add_matured(sums: dict[str, int], payable: Record, due: date, is_excused: bool, as_of: date) -> None:
    on_time = sum(fen for paid_on, fen in payable["paid"] if paid_on <= due)
    sums["matured_fen"] += payable["fen"]
    sums["matured_count"] += 1
    sums["on_time_fen"] += on_time
    sums["on_time_count"] += on_time == payable["fen"]
    sums["late_paid_fen"] += payable["fen"] - payable["unpaid"] - on_time
    sums["overdue_fen"] += payable["unpaid"]
    if is_excused:
        sums["excused_fen"] += payable["fen"] - on_time
    age = (as_of - due).days
    band = next((name for name, last in AGE_BANDS if age <= last), "overdue_over_180_fen")
    sums[band] += payable["unpaid"]


def is_excused(payable: Record, records: Records, as_of: date) -> bool:
    """Whether an approved excuse holds of the payable."""
    return bool(_excuses_of(payable, records, as_of))


def _excuses_of(payable: Record, records: Records, as_of: date) -> list[str]:
    """The approved excuses that hold of the payable, by delivery or by invoice, in the order of their numbers."""
    found = set()
    for e in records["excuses"]:
        if e["kind"] != "payment" or e["institution_code"] != payable["institution_code"]:
            continue
        if e["valid_from"] > as_of or (e["valid_to"] is not None and payable["accepted_on"] > e["valid_to"]):
            continue
        if e["delivery_id"] is not None and e["delivery_id"] == payable["delivery_id"]:
            found.add(e["excuse_id"])
        if e["invoice_no"] is not None and _invoice_of(e) == _invoice_of(payable):
            found.add(e["excuse_id"])
    return sorted(found)


def _jurisdiction_of(institution_code: str, records: Records) -> str:
    return next(i["jurisdiction_code"] for i in records["institutions"] if i["institution_code"] == institution_code)


def _arrears_rows(payables: list[Record], records: Records, as_of: date) -> list[Record]:
    groups: dict[tuple, list[Record]] = defaultdict(list)
    for p in payables:
        groups[p["institution_code"], p["distributor_code"], f"{p['accepted_on']:%Y-%m}"].append(p)
    rows = []
    for (institution, distributor, month), own in sorted(groups.items()):
        unpaid = [(p["unpaid"], (as_of - p["accepted_on"]).days) for p in own]
        rows.append(
            {
                "institution_code": institution,
                "distributor_code": distributor,
                "month": month,
                "jurisdiction_code": _jurisdiction_of(institution, records),
                "payables": len(own),
                "accepted_fen": sum(p["fen"] for p in own),
                "paid_fen": sum(fen for p in own for _, fen in p["paid"]),
                "unpaid_fen": sum(fen for fen, _ in unpaid),
                "unpaid_over_30_fen": sum(fen for fen, days in unpaid if days > 30),
                "unpaid_over_60_fen": sum(fen for fen, days in unpaid if days > 60),
                "unpaid_over_90_fen": sum(fen for fen, days in unpaid if days > 90),
                "unpaid_over_180_fen": sum(fen for fen, days in unpaid if days > 180),
            }
        )
    return rows


def _unpaid_row(payable: Record, records: Records, as_of: date, rules: dict) -> Record:
    rule = _applicable_rule(payable, records, rules)
    same = ("institution_code", "delivery_id", "distributor_code", "product_code", "invoice_no", "accepted_on")
    return {
        **{column: payable[column] for column in same},
        "jurisdiction_code": _jurisdiction_of(payable["institution_code"], records),
        "invoice_code": payable["invoice_code"] or "",
        "due_rule": rule,
        "payment_due_on": roll_forward(due_before_rolling(rule, payable["accepted_on"])),
        "amount_fen": payable["fen"],
        "paid_fen": payable["fen"] - payable["unpaid"],
        "unpaid_fen": payable["unpaid"],
        "excuse_id": ",".join(_excuses_of(payable, records, as_of)) or None,
    }


def _unallocated_rows(cash: list[Record]) -> list[Record]:
    left: dict[tuple[str, str], int] = defaultdict(int)
    for p in cash:
        left[p["institution_code"], p["payee_code"]] += p["left"]
    return [
        {"institution_code": institution, "distributor_code": payee, "unallocated_fen": fen}
        for (institution, payee), fen in sorted(left.items())
        if fen > 0
    ]
