"""Stock that cannot be, read literally from obligations §19 (the slow reference).

In: accepted records by dataset and `as_of`. Out: rows of `stock_gap` without as_of, run_id and policy_id.
"""

from datetime import date
from fractions import Fraction
from unicodedata import normalize

from .families import family_of, head_of
from .lines import Record, Records, generic_of, jurisdiction_of, lines_of, product


def stock_gap(records: Records, as_of: date) -> dict[str, list[Record]]:
    """One row per head of a family and group of products of which more was used than was there and came."""
    found = (stock_of(records, head, group, as_of) for head, group in _pairs(records))
    return {"stock_gap": [row for row in found if row is not None and row["gap_units"] < 0]}


def stock_of(records: Records, head: str, group: set[str], as_of: date) -> Record | None:
    """What a family had of a group at its latest opening, and what came and went; None without an opening."""
    family = family_of(records, head)
    usages = [
        u for u in records["usages"] if u["institution_code"] in family and u["product_code"] in group and u["used_on"] <= as_of
    ]
    days = [u["used_on"] for u in usages if u["kind"] == "opening"]
    if not days:
        return None
    opening_on = max(days)
    openings = [u for u in usages if u["kind"] == "opening" and u["used_on"] == opening_on]
    later = [u for u in usages if u["kind"] != "opening" and u["used_on"] > opening_on]
    signs = {"dispensed": 1, "returned": -1}
    opening = sum((Fraction(u["quantity"]) for u in openings), Fraction(0))
    bought = sum(
        (
            x["units"]
            for x in lines_of(records, as_of, with_gifts=True)
            if x["institution_code"] in family and x["product_code"] in group and x["accepted_on"] > opening_on
        ),
        Fraction(0),
    )
    used = sum((signs[u["kind"]] * Fraction(u["quantity"]) for u in later), Fraction(0))
    return {
        "institution_code": head,
        "product_code": min(group),
        "jurisdiction_code": jurisdiction_of(records, {"institution_code": head}),
        "opening_on": opening_on,
        "opening_units": float(opening),
        "bought_units": float(bought),
        "used_units": float(used),
        "gap_units": float(opening + bought - used),
        "usage_fen": sum(signs[u["kind"]] * int(u["amount"] * 100) for u in later),
    }


def group_of(records: Records, product_code: str) -> set[str] | None:
    """The products that one stock holds with this one; None for vaccines and reserves."""
    own = product(records, product_code)
    if own["special_category"] in ("vaccine", "reserve"):
        return None
    if _same(own)[1] == "" or _same(own)[2] == "":
        return {product_code}
    return {
        p["product_code"]
        for p in records["products"]
        if p["special_category"] not in ("vaccine", "reserve") and _same(p) == _same(own)
    }


def _same(of: Record) -> tuple[str, str, str, str]:
    form, strength = ("".join(normalize("NFKC", of[c] or "").split()).upper() for c in ("dosage_form", "strength"))
    return generic_of(of)[0], form, strength, of["manufacturer_code"]


def _pairs(records: Records) -> list[tuple[str, set[str]]]:
    heads = sorted({head_of(records, i["institution_code"]) for i in records["institutions"]})
    groups = {min(g): g for p in records["products"] if (g := group_of(records, p["product_code"])) is not None}
    return [(head, group) for head in heads for group in groups.values()]
