"""Agreed-volume completion, read literally from rulebook §4 (the slow reference).

In: accepted records by dataset (canonical columns; `date`, `Decimal`, `None` for empty) and `as_of`.
Out: rows of `agreed_volume_completion` and `agreed_volume_rollup` without as_of, run_id, policy_id.
"""

from collections import defaultdict
from datetime import date
from fractions import Fraction

Record = dict
Records = dict[str, list[Record]]


def agreed_volume(
    records: Records, as_of: date, *, seriously_behind_ratio: Fraction = Fraction(4, 5)
) -> dict[str, list[Record]]:
    """Both completion tables; quantities are minimum units (float), money is integer fen."""
    figures = figures_of(records, as_of, seriously_behind_ratio)
    return {
        "agreed_volume_completion": [_row_of(f) for f in figures],
        "agreed_volume_rollup": _roll_up(figures, records, as_of),
    }


def figures_of(records: Records, as_of: date, seriously_behind_ratio: Fraction = Fraction(4, 5)) -> list[Record]:
    """Each commitment with what it came to, exactly: `commitment`, `agreed`, `net`, `strict`, `time_progress`, `status` …"""
    figures = [_figure_of(c, records, as_of) for c in _commitments_in_order(records)]
    for delivery in records["deliveries"]:
        if _is_receipt(delivery, as_of):
            _give_to_first_commitment(delivery, figures, records, as_of)
    for figure in figures:
        _finish_figure(figure, records, as_of, seriously_behind_ratio)
    return figures


def round_half_up(value: Fraction) -> int:
    """To the whole number; an exact half goes away from zero (decimal's ROUND_HALF_UP)."""
    magnitude = (2 * abs(value) + 1) // 2
    return int(magnitude) if value >= 0 else -int(magnitude)


def is_valid_on(row: Record, day: date) -> bool:
    """valid_from ≤ day ≤ valid_to, an empty valid_to is open."""
    return row["valid_from"] <= day and (row["valid_to"] is None or day <= row["valid_to"])


def confirmed_returns(records: Records, delivery: Record, as_of: date) -> Fraction:
    """Packs of this delivery whose return is confirmed and dated up to `as_of`."""
    total = Fraction(0)
    for r in records["returns"]:
        same = (r["institution_code"], r["delivery_id"]) == (delivery["institution_code"], delivery["delivery_id"])
        if same and r["status"] == "confirmed" and r["returned_on"] <= as_of:
            total += Fraction(r["returned_quantity"])
    return total


def _commitments_in_order(records: Records) -> list[Record]:
    counted = [c for c in records["commitments"] if c["target"] == "quantity" and c["direction"] == "floor"]
    return sorted(counted, key=lambda c: (c["product_code"] is None, c["period_start"], c["commitment_id"]))


def _product(records: Records, product_code: str) -> Record:
    return next(p for p in records["products"] if p["product_code"] == product_code)


def _institution(records: Records, institution_code: str) -> Record:
    return next(i for i in records["institutions"] if i["institution_code"] == institution_code)


def _figure_of(commitment: Record, records: Records, as_of: date) -> Record:
    agreed = Fraction(commitment["agreed_quantity"])
    if commitment["unit"] == "pack":
        agreed *= Fraction(_product(records, commitment["product_code"])["units_per_pack"])
    replacements, ends = [], []
    for a in records["commitment_adjustments"]:
        if a["commitment_id"] == commitment["commitment_id"] and a["effective_on"] <= as_of:
            agreed += Fraction(a["delta_quantity"] or 0)
            if a["replacement_product_code"] is not None:
                replacements.append((a["replacement_product_code"], a["effective_on"]))
            if a["new_period_end"] is not None:
                ends.append((a["effective_on"], a["adjustment_id"], a["new_period_end"]))
    if ends:
        commitment = commitment | {"period_end": max(commitment["period_start"], max(ends)[-1])}
    return {
        "commitment": commitment,
        "institution": _institution(records, commitment["institution_code"]),
        "agreed": agreed,
        "replacements": replacements,
        "received": Fraction(0),
        "returned": Fraction(0),
    }


def _is_receipt(delivery: Record, as_of: date) -> bool:
    accepted_on = delivery["accepted_on"]
    return accepted_on is not None and accepted_on <= as_of and not delivery["is_gift"] and delivery["channel"] == "platform"


def _give_to_first_commitment(delivery: Record, figures: list[Record], records: Records, as_of: date) -> None:
    for figure in figures:
        if _takes(figure, delivery, records):
            per_pack = Fraction(_product(records, delivery["product_code"])["units_per_pack"]) * _factor(
                figure["commitment"], delivery, records
            )
            figure["received"] += Fraction(delivery["received_quantity"]) * per_pack
            figure["returned"] += confirmed_returns(records, delivery, as_of) * per_pack
            return


def _takes(figure: Record, delivery: Record, records: Records) -> bool:
    commitment, day = figure["commitment"], delivery["accepted_on"]
    if commitment["institution_code"] != delivery["institution_code"]:
        return False
    if not commitment["period_start"] <= day <= commitment["period_end"]:
        return False
    if commitment["product_code"] is None:
        return _selection(commitment, delivery, records) is not None
    if commitment["product_code"] == delivery["product_code"]:
        return True
    return any(product == delivery["product_code"] and effective_on <= day for product, effective_on in figure["replacements"])


def _selection(commitment: Record, delivery: Record, records: Records) -> Record | None:
    valid = [
        s
        for s in records["selections"]
        if s["lot_code"] == commitment["lot_code"]
        and s["item_code"] == commitment["item_code"]
        and s["product_code"] == delivery["product_code"]
        and is_valid_on(s, delivery["accepted_on"])
    ]
    return max(valid, key=lambda s: s["valid_from"], default=None)


def _factor(commitment: Record, delivery: Record, records: Records) -> Fraction:
    selection = _selection(commitment, delivery, records)
    return Fraction(1) if selection is None else Fraction(selection["conversion_factor"])


def _finish_figure(figure: Record, records: Records, as_of: date, ratio: Fraction) -> None:
    commitment, agreed = figure["commitment"], figure["agreed"]
    start, end = commitment["period_start"], commitment["period_end"]
    net = figure["net"] = figure["received"] - figure["returned"]
    shortfall = max(Fraction(0), agreed - net)
    figure["excused"] = min(shortfall, _approved_volume(commitment, records, as_of))
    progress = Fraction(0)
    if as_of >= start:
        progress = Fraction((min(as_of, end) - start).days + 1, (end - start).days + 1)
    figure["time_progress"] = progress
    figure["strict"] = figure["capped"] = figure["excused_rate"] = figure["gap"] = None
    if agreed > 0:
        figure["strict"] = net / agreed
        figure["capped"] = min(net, agreed) / agreed
        figure["gap"] = figure["strict"] - progress
        remaining = agreed - figure["excused"]
        figure["excused_rate"] = net / remaining if remaining != 0 else None
    figure["needed_per_day"] = None
    if start <= as_of < end:
        figure["needed_per_day"] = shortfall / (end - as_of).days
    figure["status"] = _status(figure, as_of, ratio)


def _approved_volume(commitment: Record, records: Records, as_of: date) -> Fraction:
    total = Fraction(0)
    for e in records["excuses"]:
        if (
            e["kind"] == "volume"
            and e["commitment_id"] == commitment["commitment_id"]
            and e["valid_from"] <= as_of
            and (e["valid_to"] is None or commitment["period_end"] <= e["valid_to"])
        ):
            total += Fraction(e["quantity"] or 0)
    return total


def _status(figure: Record, as_of: date, ratio: Fraction) -> str:
    commitment = figure["commitment"]
    if figure["agreed"] <= 0:
        return "cancelled"
    if as_of < commitment["period_start"]:
        return "not_started"
    if figure["strict"] >= 1:
        return "completed"
    if as_of > commitment["period_end"]:
        made_up = figure["excused_rate"] is None or figure["excused_rate"] >= 1
        return "excused" if figure["excused"] > 0 and made_up else "failed"
    if figure["strict"] >= figure["time_progress"]:
        return "on_track"
    return "seriously_behind" if figure["strict"] < ratio * figure["time_progress"] else "behind"


def _row_of(figure: Record) -> Record:
    kept = ("commitment_id", "lot_code", "item_code", "institution_code", "product_code", "period_start", "period_end")
    return {
        **{name: figure["commitment"][name] for name in kept},
        "jurisdiction_code": figure["institution"]["jurisdiction_code"],
        "agreed_quantity": float(figure["agreed"]),
        "received_quantity": float(figure["received"]),
        "returned_quantity": float(figure["returned"]),
        "net_quantity": float(figure["net"]),
        "excused_quantity": float(figure["excused"]),
        "strict_rate": as_float(figure["strict"]),
        "capped_rate": as_float(figure["capped"]),
        "excused_rate": as_float(figure["excused_rate"]),
        "time_progress": as_float(figure["time_progress"]),
        "gap": as_float(figure["gap"]),
        "needed_per_day": as_float(figure["needed_per_day"]),
        "status": figure["status"],
    }


def as_float(value: Fraction | None) -> float | None:
    """The exact quotient rounded once to a double; None stays None."""
    return None if value is None else float(value)


def ratio_of(numerator: Fraction | int, denominator: Fraction | int) -> float | None:
    """Σ numerator ÷ Σ denominator, null when the denominator is 0 (rulebook §3)."""
    return None if denominator == 0 else float(Fraction(numerator) / Fraction(denominator))


def _roll_up(figures: list[Record], records: Records, as_of: date) -> list[Record]:
    groups: dict[tuple, list[Record]] = defaultdict(list)
    for figure in figures:
        if figure["status"] in ("not_started", "cancelled"):
            continue
        commitment, institution = figure["commitment"], figure["institution"]
        phase = "running" if as_of <= commitment["period_end"] else "ended"
        duty = "mandatory" if institution["ownership"] == "public" else "voluntary"
        for level, code in (
            ("institution", institution["institution_code"]),
            ("jurisdiction", institution["jurisdiction_code"]),
            ("lot", commitment["lot_code"]),
            ("item", f"{commitment['lot_code']}/{commitment['item_code']}"),
            ("all", "all"),
        ):
            groups[level, code, phase, duty].append(figure)
    return [_rollup_row(key, members, records) for key, members in sorted(groups.items())]


def _rollup_row(key: tuple, members: list[Record], records: Records) -> Record:
    level, code, phase, duty = key
    agreed = sum((f["agreed"] for f in members), Fraction(0))
    net = sum((f["net"] for f in members), Fraction(0))
    capped = sum((min(f["net"], f["agreed"]) for f in members), Fraction(0))
    agreed_fen = net_fen = capped_fen = 0
    for f in members:
        price = lowest_fen_per_min_unit(f["commitment"], records)
        if price is not None:
            agreed_fen += round_half_up(f["agreed"] * price)
            net_fen += round_half_up(f["net"] * price)
            capped_fen += round_half_up(min(f["net"], f["agreed"]) * price)
    completed = sum(1 for f in members if f["status"] == "completed")
    of_item = level == "item"
    return {
        "level": level,
        "code": code,
        "phase": phase,
        "duty": duty,
        "commitments": len(members),
        "completed": completed,
        "agreed_quantity": float(agreed) if of_item else None,
        "net_quantity": float(net) if of_item else None,
        "capped_quantity": float(capped) if of_item else None,
        "agreed_fen": agreed_fen,
        "net_fen": net_fen,
        "capped_fen": capped_fen,
        "execution_rate": ratio_of(net, agreed) if of_item else ratio_of(net_fen, agreed_fen),
        "capped_rate": ratio_of(capped, agreed) if of_item else ratio_of(capped_fen, agreed_fen),
        "completed_share": ratio_of(completed, len(members)),
    }


def lowest_fen_per_min_unit(commitment: Record, records: Records) -> Fraction | None:
    """The lowest selected price of its item on period_start; None where nothing was selected."""
    prices = []
    for s in records["selections"]:
        if (s["lot_code"], s["item_code"]) != (commitment["lot_code"], commitment["item_code"]):
            continue
        if is_valid_on(s, commitment["period_start"]):
            units = Fraction(_product(records, s["product_code"])["units_per_pack"]) * Fraction(s["conversion_factor"])
            prices.append(Fraction(s["selected_price"]) * 100 / units)
    return min(prices, default=None)
