"""Execution by lot, read literally from obligations §32 (the slow reference).

In: accepted records by dataset and `as_of`. Out: rows of `lot_execution` without as_of and run_id.
"""

from collections import defaultdict
from datetime import date
from fractions import Fraction

from .agreed_volume import figures_of, is_valid_on, ratio_of
from .lines import Generic, Record, Records, generic_of, lines_of, product, selections_on, use_of

_USES = ("selected", "non_selected")


def lot_execution(records: Records, as_of: date) -> dict[str, list[Record]]:
    """One row per institution, lot and first day of commitments that have begun and are not cancelled."""
    lines = lines_of(records, as_of)
    for line in lines:
        line["use"] = use_of(records, line)
    groups: dict[tuple, list[Record]] = defaultdict(list)
    for figure in figures_of(records, as_of):
        commitment = figure["commitment"]
        if commitment["period_start"] <= as_of and figure["status"] != "cancelled":
            key = (commitment["institution_code"], commitment["lot_code"], commitment["period_start"])
            groups[key].append(_execution_of(figure, lines, records, as_of))
    return {"lot_execution": [_row_of(key, members, records) for key, members in groups.items()]}


def _execution_of(figure: Record, lines: list[Record], records: Records, as_of: date) -> Record:
    """One agreed product: its window, its generics, its state, and its lines."""
    commitment = figure["commitment"]
    start, end = commitment["period_start"], commitment["period_end"]
    last = min(end, as_of)
    own = [x for x in lines if x["institution_code"] == commitment["institution_code"] and start <= x["accepted_on"] <= last]
    generics = _generics_of(commitment, start, last, records)
    of_generics = [x for x in own if generic_of(product(records, x["product_code"])) in generics]
    units, fen = (
        {use: sum((x[measure] for x in of_generics if x["use"] == use), Fraction(0)) for use in _USES}
        for measure in ("units", "value_fen")
    )
    state = (
        "zero"
        if figure["net"] <= 0
        else "over"
        if figure["net"] > figure["agreed"]
        else "below"
        if figure["strict"] < figure["time_progress"]
        else "normal"
    )
    item = (commitment["lot_code"], commitment["item_code"])
    substitutes = {s["product_code"] for s in records["substitutes"] if (s["lot_code"], s["item_code"]) == item}
    jurisdiction = figure["institution"]["jurisdiction_code"]
    selected_at_last = {s["product_code"] for s in selections_on(records, last, jurisdiction)}
    drugs = [p for p in records["products"] if p["kind"] == "drug" and generic_of(p) in generics]
    return {
        "state": state,
        "jurisdiction": jurisdiction,
        "end": end,
        "gone": (last - start).days + 1,
        "whole": (end - start).days + 1,
        "non_selected": {p["product_code"] for p in drugs} - selected_at_last,
        "non_selected_bought": {x["product_code"] for x in of_generics if x["use"] == "non_selected"},
        "over_quantity": units["non_selected"] > units["selected"],
        "over_amount": fen["non_selected"] > fen["selected"],
        "substitutes": substitutes,
        "substitutes_bought": substitutes & {x["product_code"] for x in own},
    }


def _generics_of(commitment: Record, start: date, last: date, records: Records) -> set[Generic]:
    if commitment["product_code"] is not None:
        return {generic_of(product(records, commitment["product_code"]))}
    item = (commitment["lot_code"], commitment["item_code"])
    days = [date.fromordinal(n) for n in range(start.toordinal(), last.toordinal() + 1)]
    return {
        generic_of(product(records, s["product_code"]))
        for s in records["selections"]
        if (s["lot_code"], s["item_code"]) == item and any(is_valid_on(s, day) for day in days)
    }


def _row_of(key: tuple, members: list[Record], records: Records) -> Record:
    institution_code, lot_code, period_start = key
    states = [m["state"] for m in members]
    counts = {state: states.count(state) for state in ("zero", "over", "below", "normal")}
    found = {
        name: set().union(*(m[name] for m in members))
        for name in ("non_selected", "non_selected_bought", "substitutes", "substitutes_bought")
    }
    return {
        "institution_code": institution_code,
        "lot_code": lot_code,
        "period_start": period_start,
        "jurisdiction_code": members[0]["jurisdiction"],
        "period_end": max(m["end"] for m in members),
        "time_progress": ratio_of(sum(m["gone"] for m in members), sum(m["whole"] for m in members)),
        "agreed_products": len(members),
        **{f"{state}_products": n for state, n in counts.items()},
        **{f"{state}_share": ratio_of(n, len(members)) for state, n in counts.items()},
        "non_selected_products": len(found["non_selected"]),
        "non_selected_bought": len(found["non_selected_bought"]),
        "non_selected_over_quantity": sum(m["over_quantity"] for m in members),
        "non_selected_over_amount": sum(m["over_amount"] for m in members),
        "substitutable_products": len(found["substitutes"]),
        "substitutable_bought": len(found["substitutes_bought"]),
        "below_and_over": sum(m["over_quantity"] and m["state"] in ("zero", "below") for m in members),
    }
