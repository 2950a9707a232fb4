"""Budgets, caps and bands, read literally from obligations §13 and rulebook §4 (the slow reference).

In: accepted records by dataset (canonical columns; `date`, `Decimal`, `None` for empty) and `as_of`.
Out: rows of `budgeted_completion` without as_of and run_id.
"""

from datetime import date
from fractions import Fraction

from .agreed_volume import Record, Records, as_float, confirmed_returns, is_valid_on, round_half_up

AHEAD, SERIOUSLY_BEHIND = Fraction(12, 10), Fraction(8, 10)


def budgeted_completion(records: Records, as_of: date) -> dict[str, list[Record]]:
    """One row for every commitment of an amount, or with a cap or a band."""
    rows = []
    for target in ("amount", "quantity"):
        for direction in ("floor", "cap", "band"):
            if (target, direction) != ("quantity", "floor"):
                rows += _pool(records, as_of, target, direction)
    return {"budgeted_completion": rows}


def _pool(records: Records, as_of: date, target: str, direction: str) -> list[Record]:
    pool = [
        _as_adjusted(c, records, as_of) for c in records["commitments"] if (c["target"], c["direction"]) == (target, direction)
    ]
    pool.sort(key=lambda c: (c["product_code"] is None, c["period_start"], c["commitment_id"]))
    net = {c["commitment_id"]: Fraction(0) for c in pool}
    for delivery in records["deliveries"]:
        day = delivery["accepted_on"]
        if day is None or day > as_of or delivery["is_gift"] or (delivery["channel"] == "offline" and direction != "cap"):
            continue
        first = next((c for c in pool if _claims(c, delivery, records)), None)
        if first is None:
            continue
        packs = Fraction(delivery["received_quantity"]) - confirmed_returns(records, delivery, as_of)
        if target == "amount":
            net[first["commitment_id"]] += round_half_up(packs * Fraction(delivery["unit_price"]) * 100)
        else:
            net[first["commitment_id"]] += (
                packs * _units_per_pack(delivery["product_code"], records) * _factor(first, delivery, records)
            )
    return [_row(c, net[c["commitment_id"]], records, as_of) for c in pool]


def _as_adjusted(commitment: Record, records: Records, as_of: date) -> Record:
    """With what is agreed, its upper end and its last day at as_of; amounts in fen, each rounded by itself."""
    found = commitment | {"agreed": _size(commitment["agreed_quantity"], commitment, records), "max": None, "replaced": []}
    if commitment["direction"] == "band":
        found["max"] = _size(commitment["agreed_quantity_max"], commitment, records)
    ends = []
    for a in records["commitment_adjustments"]:
        if a["commitment_id"] == commitment["commitment_id"] and a["effective_on"] <= as_of:
            delta = _measure(a["delta_quantity"] or 0, commitment)
            found["agreed"] += delta
            if found["max"] is not None:
                found["max"] += delta
            found["replaced"].append((a["replacement_product_code"], a["effective_on"]))
            if a["new_period_end"] is not None:
                ends.append((a["effective_on"], a["adjustment_id"], a["new_period_end"]))
    if ends:
        found["period_end"] = max(commitment["period_start"], max(ends)[-1])
    return found


def _measure(value: object, commitment: Record) -> Fraction:
    if commitment["target"] == "amount":
        return Fraction(round_half_up(Fraction(value) * 100))
    return Fraction(value)


def _size(value: object, commitment: Record, records: Records) -> Fraction:
    if commitment["target"] == "quantity" and commitment["unit"] == "pack":
        return Fraction(value) * _units_per_pack(commitment["product_code"], records)
    return _measure(value, commitment)


def _units_per_pack(product_code: str, records: Records) -> Fraction:
    return next(Fraction(p["units_per_pack"]) for p in records["products"] if p["product_code"] == product_code)


def _selections(commitment: Record, records: Records) -> list[Record]:
    of = (commitment["lot_code"], commitment["item_code"])
    return [s for s in records["selections"] if (s["lot_code"], s["item_code"]) == of]


def _claims(commitment: Record, delivery: Record, records: Records) -> bool:
    day, product = delivery["accepted_on"], delivery["product_code"]
    if commitment["institution_code"] != delivery["institution_code"]:
        return False
    if not commitment["period_start"] <= day <= commitment["period_end"]:
        return False
    if commitment["product_code"] is None:
        return any(s["product_code"] == product and is_valid_on(s, day) for s in _selections(commitment, records))
    return product == commitment["product_code"] or any(p == product and since <= day for p, since in commitment["replaced"])


def _factor(commitment: Record, delivery: Record, records: Records) -> Fraction:
    valid = [
        s
        for s in _selections(commitment, records)
        if s["product_code"] == delivery["product_code"] and is_valid_on(s, delivery["accepted_on"])
    ]
    return Fraction(max(valid, key=lambda s: s["valid_from"])["conversion_factor"]) if valid else Fraction(1)


def _approved(commitment: Record, records: Records, as_of: date) -> Fraction:
    total = Fraction(0)
    for e in records["excuses"]:
        is_ours = e["kind"] == "volume" and e["commitment_id"] == commitment["commitment_id"] and e["valid_from"] <= as_of
        if is_ours and (e["valid_to"] is None or commitment["period_end"] <= e["valid_to"]):
            total += _measure(e["quantity"] or 0, commitment)
    return total


def _row(c: Record, net: Fraction, records: Records, as_of: date) -> Record:
    agreed, start, end = c["agreed"], c["period_start"], c["period_end"]
    limit = {"floor": None, "cap": agreed, "band": c["max"]}[c["direction"]]
    approved = _approved(c, records, as_of)
    if c["direction"] == "cap" or (limit is not None and net > limit):
        excused = min(max(Fraction(0), net - limit), approved)
        base = limit + excused
    else:
        excused = min(max(Fraction(0), agreed - net), approved)
        base = agreed - excused
    progress = Fraction(0)
    if as_of >= start:
        progress = Fraction((min(as_of, end) - start).days + 1, (end - start).days + 1)
    rate = excused_rate = None
    if agreed > 0:
        rate = net / agreed
        excused_rate = net / base if base != 0 else None
    no_products = c["product_code"] is None and not any(
        s["valid_from"] <= end and (s["valid_to"] is None or s["valid_to"] >= start) for s in _selections(c, records)
    )
    is_amount = c["target"] == "amount"
    numbers = {"agreed": agreed, "agreed_max": c["max"], "net": net, "excused": excused}
    kept = (
        "commitment_id",
        "institution_code",
        "lot_code",
        "item_code",
        "product_code",
        "target",
        "direction",
        "period_start",
        "period_end",
    )
    return {
        **{name: c[name] for name in kept},
        "jurisdiction_code": next(
            i["jurisdiction_code"] for i in records["institutions"] if i["institution_code"] == c["institution_code"]
        ),
        **{f"{n}_quantity": None if is_amount or v is None else float(v) for n, v in numbers.items()},
        **{f"{n}_fen": int(v) if is_amount and v is not None else None for n, v in numbers.items()},
        "rate": as_float(rate),
        "excused_rate": as_float(excused_rate),
        "time_progress": float(progress),
        "gap": as_float(None if rate is None else rate - progress),
        "status": _status(c, net, limit, excused, excused_rate, no_products, progress, as_of),
        "policy_id": f"{'cap_ahead_ratio' if c['direction'] == 'cap' else 'seriously_behind_ratio'}@CN@2000-01-01",
    }


def _status(
    c: Record,
    net: Fraction,
    limit: Fraction | None,
    excused: Fraction,
    excused_rate: Fraction | None,
    no_products: bool,
    progress: Fraction,
    as_of: date,
) -> str:
    agreed = c["agreed"]
    if agreed <= 0:
        return "cancelled"
    if no_products:
        return "no_products"
    if as_of < c["period_start"]:
        return "not_started"
    if limit is not None and net > limit:
        return "excused" if net <= limit + excused else "exceeded"
    if c["direction"] == "cap":
        if as_of > c["period_end"]:
            return "kept"
        return "ahead" if net / agreed > progress * AHEAD else "on_track"
    if net >= agreed:
        return "completed"
    if as_of > c["period_end"]:
        return "excused" if excused > 0 and (excused_rate is None or excused_rate >= 1) else "failed"
    if net / agreed >= progress:
        return "on_track"
    return "seriously_behind" if net / agreed < SERIOUSLY_BEHIND * progress else "behind"
