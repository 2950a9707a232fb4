"""Trace codes scanned of what was received, read literally from obligations §18 (the slow reference).

In: accepted records by dataset and `as_of`. Out: rows of `trace_coverage` and the findings, as far as the text says them.
"""

from collections import defaultdict
from datetime import date
from fractions import Fraction

from .lines import Record, Records, jurisdiction_of, lines_of, product, use_of
from .lists import is_listed

LEAST_FROM = date(2020, 3, 31)


def trace_coverage(records: Records, as_of: date) -> dict[str, list[Record]]:
    """One row per institution and month with a line that is to be traced."""
    months: dict[tuple[str, str], list[tuple[Fraction, Fraction]]] = defaultdict(list)
    for line in lines_of(records, as_of):
        if _is_in_scope(records, line):
            month = line["accepted_on"].strftime("%Y-%m")
            months[line["institution_code"], month].append((line["packs"], _codes_of(records, line, as_of)))
    return {"trace_coverage": [_row_of(records, *key, lines) for key, lines in months.items()]}


def scope_on(day: date, jurisdiction: str) -> set[str]:
    """The kinds that are to be traced on a day in a division (§34)."""
    if jurisdiction.startswith("330282") and date(2020, 8, 18) <= day <= date(2025, 12, 31):
        return {"vaccine", "selected"}
    if day >= date(2026, 1, 1):
        return {"drug"}
    if day >= date(2021, 1, 22):
        return {"vaccine", "selected"}
    return {"vaccine"} if day >= date(2020, 3, 31) else set()


def _is_in_scope(records: Records, line: Record) -> bool:
    of, day, place = product(records, line["product_code"]), line["accepted_on"], jurisdiction_of(records, line)
    kinds = scope_on(day, place)
    is_meant = (
        ("vaccine" in kinds and of["special_category"] == "vaccine")
        or ("selected" in kinds and use_of(records, line) == "selected")
        or of["kind"] in kinds
    )
    return is_meant and not is_listed(records, "trace_exempt", of, day, place)


def _codes_of(records: Records, line: Record, as_of: date) -> Fraction:
    """Packs under the distinct codes that were scanned; without a scan what the delivery says."""
    greatest: dict[str, Fraction] = {}
    for scan in records["trace_scans"]:
        if (
            scan["event"] == "received"
            and scan["scanned_on"] <= as_of
            and scan["institution_code"] == line["institution_code"]
            and scan["delivery_id"] == line["delivery_id"]
            and scan["product_code"] == line["product_code"]
        ):
            packs = Fraction(scan["packs_per_code"])
            greatest[scan["trace_code"]] = max(packs, greatest.get(scan["trace_code"], packs))
    return sum(greatest.values()) if greatest else Fraction(line["trace_codes_count"] or 0)


def _row_of(records: Records, institution_code: str, month: str, lines: list[tuple[Fraction, Fraction]]) -> Record:
    packs = sum(packs for packs, _ in lines)
    traced = sum(min(packs, codes) for packs, codes in lines)
    return {
        "institution_code": institution_code,
        "month": month,
        "jurisdiction_code": jurisdiction_of(records, {"institution_code": institution_code}),
        "lines": len(lines),
        "packs": float(packs),
        "traced_packs": float(traced),
        "untraced_lines": sum(codes < packs for packs, codes in lines),
        "coverage": float(traced / packs),
    }
