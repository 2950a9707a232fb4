"""Surplus retention, read literally from obligations §28 and rulebook §9 (the slow reference; the row of §34 written out).

In: accepted records by dataset and `as_of`. Out: rows of `surplus_retention` without as_of and run_id.
"""

from datetime import date
from fractions import Fraction

from .agreed_volume import Record, Records, as_float, figures_of, is_valid_on, lowest_fen_per_min_unit, round_half_up
from .lines import generic_of, lines_of, product, use_of

YIBIN, SINCE, STEPS = "5115", date(2022, 1, 1), {65: 40, 80: 50}


def surplus_retention(records: Records, as_of: date) -> dict[str, list[Record]]:
    """One row per base whose period is over."""
    figures, lines = figures_of(records, as_of), lines_of(records, as_of)
    places = {i["institution_code"]: i["jurisdiction_code"] for i in records["institutions"]}
    lots = {lot["lot_code"] for lot in records["lots"]}
    return {
        "surplus_retention": [
            _row(base, places[base["institution_code"]], figures, lines, records, as_of)
            for base in records["surplus_bases"]
            if base["period_end"] < as_of and base["institution_code"] in places and base["lot_code"] in lots
        ]
    }


def _row(base: Record, place: str, figures: list[Record], lines: list[Record], records: Records, as_of: date) -> Record:
    own = [f for f in figures if _is_of(f, base, records)]
    values = [_value(f, records) for f in own]
    agreed = sum(value for value in values if value is not None)
    non_selected = sum(line["value_fen"] for line in lines if _is_beside(line, base, records))
    share = Fraction(base["insured_share"])
    budget = (
        100 * Fraction(base["base_quantity"]) * Fraction(base["price_before"]) * Fraction(base["fund_pay_ratio_before"]) * share
    )
    spend = (agreed + non_selected) * Fraction(base["fund_pay_ratio"]) * share
    evaluation = _evaluation(base, records, as_of)
    steps = STEPS if place.startswith(YIBIN) and base["period_end"] >= SINCE else None
    ratio = None if steps is None or evaluation is None else _ratio(evaluation, steps)
    status = (
        "no_commitment"
        if not own
        else "no_price"
        if None in values
        else "no_ratio"
        if steps is None
        else "unassessed"
        if evaluation is None
        else "assessed"
    )
    is_known = status not in ("no_commitment", "no_price")
    kept = max(Fraction(0), budget - spend)
    return {
        "institution_code": base["institution_code"],
        "lot_code": base["lot_code"],
        "item_code": base["item_code"],
        "period_start": base["period_start"],
        "period_end": base["period_end"],
        "jurisdiction_code": place,
        "status": status,
        "agreed_fen": agreed,
        "non_selected_fen": non_selected,
        "budget_fen": round_half_up(budget),
        "spend_fen": round_half_up(spend) if is_known else None,
        "surplus_fen": round_half_up(budget - spend) if is_known else None,
        "result": evaluation["result"] if evaluation else None,
        "score": as_float(Fraction(evaluation["score"])) if evaluation and evaluation["score"] is not None else None,
        "ratio": as_float(ratio),
        "retained_fen": round_half_up(kept * ratio) if is_known and ratio is not None else None,
        "volume_met": all(f["status"] in ("completed", "excused") for f in own) if own else None,
    }


def _is_of(figure: Record, base: Record, records: Records) -> bool:
    commitment = figure["commitment"]
    key = ("institution_code", "lot_code", "item_code", "period_start")
    known = {None, *(p["product_code"] for p in records["products"])}
    is_same = all(commitment[c] == base[c] for c in key)
    return is_same and figure["status"] != "cancelled" and commitment["product_code"] in known


def _value(figure: Record, records: Records) -> int | None:
    price = lowest_fen_per_min_unit(figure["commitment"], records)
    return None if price is None else round_half_up(figure["agreed"] * price)


def _is_beside(line: Record, base: Record, records: Records) -> bool:
    """Of class N, of the period, and of a generic and route that the item selected on its first day."""
    if line["institution_code"] != base["institution_code"]:
        return False
    if not base["period_start"] <= line["accepted_on"] <= base["period_end"] or use_of(records, line) != "non_selected":
        return False
    known = {p["product_code"] for p in records["products"]}
    generics = {
        generic_of(product(records, s["product_code"]))
        for s in records["selections"]
        if (s["lot_code"], s["item_code"]) == (base["lot_code"], base["item_code"])
        and s["product_code"] in known
        and is_valid_on(s, base["period_start"])
    }
    return generic_of(product(records, line["product_code"])) in generics


def _evaluation(base: Record, records: Records, as_of: date) -> Record | None:
    named = (base["institution_code"], "surplus", str(base["period_end"].year))
    for e in records["evaluations"]:
        if (e["institution_code"], e["kind"], e["year"]) == named and e["decided_on"] <= as_of:
            return e
    return None


def _ratio(evaluation: Record, steps: dict[int, int]) -> Fraction:
    if evaluation["result"] == "fail":
        return Fraction(0)
    if evaluation["score"] is None:
        return Fraction(steps[min(steps)], 100)
    reached = [least for least in steps if evaluation["score"] >= least]
    return Fraction(steps[max(reached)], 100) if reached else Fraction(0)
