"""Codes linked, read literally from obligations §19 (the slow reference).

In: accepted records by dataset and `as_of`. Out: rows of `code_linkage` without as_of and run_id.
"""

import re
from datetime import date

from .agreed_volume import ratio_of
from .families import family_of
from .lines import Record, Records, jurisdiction_of, lines_of, product

NATIONAL = (
    r"X[A-Z]\d{2}[A-Z]{2}[A-Z]\d{3}[A-Z]\d{3}\d{2}\d{2}\d{5}",
    r"Z[A-Z]\d{2}[A-Z]{2}[A-Z]\d{4}\d{2}\d{2}\d{5}",
    r"C\d{19}(\d{7})?",
)


def is_national(code: str) -> bool:
    """Whether a product code has a pattern of rulebook §10."""
    return any(re.fullmatch(pattern, code) for pattern in NATIONAL)


def code_linkage(records: Records, as_of: date) -> dict[str, list[Record]]:
    """One row per institution and month with a line or a dispensed usage."""
    lines = lines_of(records, as_of)
    usages = [u for u in records["usages"] if u["used_on"] <= as_of]
    dispensed = [u for u in usages if u["kind"] == "dispensed"]
    openings = [u for u in usages if u["kind"] == "opening"]
    had = [(x["institution_code"], x["product_code"], x["accepted_on"]) for x in lines]
    had += [(u["institution_code"], u["product_code"], u["used_on"]) for u in openings]
    keys = {(x["institution_code"], f"{x['accepted_on']:%Y-%m}") for x in lines}
    keys |= {(u["institution_code"], f"{u['used_on']:%Y-%m}") for u in dispensed}
    rows = []
    for institution_code, month in keys:
        family = family_of(records, institution_code)
        row = dict.fromkeys(
            ("purchase_fen", "coded_fen", "consumable_fen", "udi_fen", "usage_fen", "linked_fen", "fund_fen", "matched_fen"), 0
        )
        for line in lines:
            if (line["institution_code"], f"{line['accepted_on']:%Y-%m}") == (institution_code, month):
                own, fen = product(records, line["product_code"]), line["value_fen"]
                row["purchase_fen"] += fen
                row["coded_fen"] += fen if is_national(own["product_code"]) else 0
                row["consumable_fen"] += fen if own["kind"] == "consumable" else 0
                row["udi_fen"] += fen if own["kind"] == "consumable" and own["udi_di"] is not None else 0
        for usage in dispensed:
            if (usage["institution_code"], f"{usage['used_on']:%Y-%m}") == (institution_code, month):
                own, fen = product(records, usage["product_code"]), int(usage["amount"] * 100)
                is_linked = any(
                    code in family and product_code == usage["product_code"] and day <= usage["used_on"]
                    for code, product_code, day in had
                )
                codes = {own["product_code"], own["insurance_code"]} - {None}
                by_fund = usage["settlement"] == "fund"
                row["usage_fen"] += fen
                row["linked_fen"] += fen if is_linked else 0
                row["fund_fen"] += fen if by_fund else 0
                row["matched_fen"] += fen if by_fund and usage["settlement_code"] in codes else 0
        rows.append(
            {
                "institution_code": institution_code,
                "month": month,
                "jurisdiction_code": jurisdiction_of(records, {"institution_code": institution_code}),
                **row,
                "purchase_code_rate": ratio_of(row["coded_fen"], row["purchase_fen"]),
                "usage_link_rate": ratio_of(row["linked_fen"], row["usage_fen"]),
                "settlement_match_rate": ratio_of(row["matched_fen"], row["fund_fen"]),
            }
        )
    return {"code_linkage": rows}
