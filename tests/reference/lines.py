"""Lines and what was selected on their day, read literally from obligations §12 and §16 (for the slow references)."""

import re
from datetime import date
from fractions import Fraction
from unicodedata import normalize

from .agreed_volume import confirmed_returns, is_valid_on, round_half_up

Record = dict
Records = dict[str, list[Record]]
Generic = tuple[str, str]


def lines_of(records: Records, as_of: date, *, with_gifts: bool = False) -> list[Record]:
    """Deliveries with `packs`, `units` and `value_fen`; nothing of which nothing stayed; gifts only where asked for."""
    found = []
    for d in records["deliveries"]:
        if d["accepted_on"] is None or d["accepted_on"] > as_of or (d["is_gift"] and not with_gifts):
            continue
        packs = Fraction(d["received_quantity"]) - confirmed_returns(records, d, as_of)
        if packs > 0:
            units = packs * Fraction(product(records, d["product_code"])["units_per_pack"])
            value = round_half_up(packs * Fraction(d["unit_price"]) * 100)
            found.append({**d, "packs": packs, "units": units, "value_fen": value})
    return found


def product(records: Records, product_code: str) -> Record:
    """The product of that code."""
    return next(p for p in records["products"] if p["product_code"] == product_code)


def generic_of(of: Record) -> Generic:
    """Generic code and route of a product."""
    code, form = of["product_code"], "".join(normalize("NFKC", of["dosage_form"] or "").split())
    generic = of["generic_code"]
    if generic is None and re.fullmatch(r"X[A-Z]\d{2}[A-Z]{2}[A-Z]\d{3}[A-Z]\d{3}\d{2}\d{2}\d{5}", code):
        generic = code[:10]
    elif generic is None:
        generic = code[:11] if re.fullmatch(r"Z[A-Z]\d{2}[A-Z]{2}[A-Z]\d{4}\d{2}\d{2}\d{5}", code) else code
    return generic, "injection" if "注射" in form else "other"


def selections_on(records: Records, day: date, jurisdiction: str) -> list[Record]:
    """The selections that hold on a day for a division."""
    prefixes = {lot["lot_code"]: lot["jurisdiction_code"] or "" for lot in records["lots"]}
    return [
        s for s in records["selections"] if is_valid_on(s, day) and jurisdiction.startswith(prefixes.get(s["lot_code"], ""))
    ]


def use_of(records: Records, line: Record) -> str | None:
    """`selected` (W), `non_selected` (N) or None, of a drug's line."""
    selected = selections_on(records, line["accepted_on"], jurisdiction_of(records, line))
    own = product(records, line["product_code"])
    if own["kind"] != "drug":
        return None
    if any(s["product_code"] == own["product_code"] for s in selected):
        return "selected"
    alike = any(generic_of(product(records, s["product_code"])) == generic_of(own) for s in selected)
    return "non_selected" if alike else None


def stands_in_for(records: Records, line: Record) -> set[Generic]:
    """The generics and routes that a drug's line is a substitute of (S)."""
    own = product(records, line["product_code"])
    if own["kind"] != "drug":
        return set()
    items = {(s["lot_code"], s["item_code"]) for s in records["substitutes"] if s["product_code"] == own["product_code"]}
    selected = selections_on(records, line["accepted_on"], jurisdiction_of(records, line))
    generics = {generic_of(product(records, s["product_code"])) for s in selected if (s["lot_code"], s["item_code"]) in items}
    return generics - {generic_of(own)}


def jurisdiction_of(records: Records, line: Record) -> str:
    """The division of the institution of a line."""
    return next(i["jurisdiction_code"] for i in records["institutions"] if i["institution_code"] == line["institution_code"])
