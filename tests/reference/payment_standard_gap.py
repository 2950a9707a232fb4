"""Payment standards beside selected prices, slowly and literally (obligations §30; our own policy rows)."""

from datetime import date
from fractions import Fraction

from .agreed_volume import is_valid_on, round_half_up
from .expected import estimate, expected_price
from .lines import Record, Records, generic_of, jurisdiction_of, lines_of, product, selections_on


def payment_standard_gap(records: Records, as_of: date) -> dict[str, list[Record]]:
    """The rows of the report table without as_of and run_id."""
    valid = [r for r in records["reference_prices"] if r["kind"] == "payment_standard" and is_valid_on(r, as_of)]
    latest: dict[tuple[str, str], Record] = {}
    for r in sorted(valid, key=lambda r: r["valid_from"]):
        latest[r["jurisdiction_code"] or "", r["product_code"]] = r
    lines = [line for line in lines_of(records, as_of) if line["accepted_on"].year == as_of.year]
    rows = []
    for (place, code), standard in latest.items():
        found = _price(records, code, as_of, place)
        if found is not None:
            own = [x for x in lines if x["product_code"] == code and jurisdiction_of(records, x).startswith(place)]
            rows.append(_row(place, code, Fraction(standard["price"]), *found, own))
    return {"payment_standard_gap": rows}


def _price(records: Records, code: str, day: date, place: str) -> tuple[str, Fraction] | None:
    own = product(records, code)
    selected = selections_on(records, day, place)
    if any(s["product_code"] == code for s in selected):
        return expected_price(records, code, day, place)
    estimated = estimate(records, code, day, place)
    if estimated is not None:
        return "estimated", estimated
    alike = [s for s in selected if generic_of(product(records, s["product_code"])) == generic_of(own)]
    of_unit = [Fraction(s["selected_price"]) / Fraction(product(records, s["product_code"])["units_per_pack"]) for s in alike]
    if not of_unit:
        return None
    return "same_generic", Fraction(round_half_up(min(of_unit) * Fraction(own["units_per_pack"]) * 10**4), 10**4)


def _row(place: str, code: str, standard: Fraction, basis: str, price: Fraction, lines: list[Record]) -> Record:
    packs = sum((x["packs"] for x in lines), Fraction(0))
    average = Fraction(sum(x["value_fen"] for x in lines), 100) / packs if packs else None
    return {
        "jurisdiction_code": place,
        "product_code": code,
        "standard": float(standard),
        "price": float(price),
        "basis": basis,
        "gap": float(standard - price),
        "gap_rate": float((standard - price) / price) if price else None,
        "paid_average": None if average is None else float(average),
        "paid_gap": None if average is None else float(standard - average),
    }
