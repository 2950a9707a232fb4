"""Prices paid and charged, slowly and literally (obligations §25; our own policy rows)."""

from collections import defaultdict
from datetime import date
from fractions import Fraction

from .expected import exceeds, expected_price, money
from .lines import Record, Records, jurisdiction_of, lines_of, product

MARKUP_KINDS = ((date(2020, 1, 1), ("drug", "consumable")), (date(2017, 10, 1), ("drug",)))


def price_compliance(records: Records, as_of: date) -> dict[str, list[Record]]:
    """The rows of both report tables without as_of and run_id."""
    lines = [_judged(line, records, as_of) for line in lines_of(records, as_of)]
    months: dict[tuple[str, str], list[Record]] = defaultdict(list)
    for line in lines:
        months[line["institution_code"], f"{line['accepted_on']:%Y-%m}"].append(line)
    return {
        "price_compliance": [_month(*key, own) for key, own in months.items()],
        "price_line": [_line(line) for line in lines if line["over"]],
    }


def _judged(line: Record, records: Records, as_of: date) -> Record:
    """With basis and expected price, whether it is over or below, and what was charged beyond."""
    place, day = jurisdiction_of(records, line), line["ordered_on"]
    of, paid = product(records, line["product_code"]), Fraction(line["unit_price"])
    found = expected_price(records, line["product_code"], day, place, line["institution_code"], as_of)
    basis, expected = found or (None, None)
    over = found is not None and exceeds(paid, expected, day)
    below = found is not None and exceeds(expected, paid, day)
    kinds = next((kinds for since, kinds in MARKUP_KINDS if line["accepted_on"] >= since), ())
    charged = of["kind"] in kinds and of["special_category"] != "tcm_decoction" and line["charge_price"] is not None
    more = Fraction(line["charge_price"] or 0) - paid
    units = max(Fraction(1), Fraction(of["units_per_pack"]))
    markup = charged and exceeds(more, Fraction(0), day, units)
    return {
        **line,
        "jurisdiction_code": place,
        "basis": basis,
        "expected": expected,
        "over": over,
        "below": below,
        "over_fen": money((paid - expected) * line["packs"]) if over else 0,
        "below_fen": money((expected - paid) * line["packs"]) if below else 0,
        "charged": charged,
        "markup": markup,
        "markup_fen": money(more * line["packs"]) if markup else 0,
    }


def _month(institution_code: str, month: str, lines: list[Record]) -> Record:
    compared = sum(x["value_fen"] for x in lines if x["basis"])
    over_value = sum(x["value_fen"] for x in lines if x["over"])
    return {
        "institution_code": institution_code,
        "month": month,
        "jurisdiction_code": lines[0]["jurisdiction_code"],
        "purchase_fen": sum(x["value_fen"] for x in lines),
        "compared_fen": compared,
        "over_lines": sum(x["over"] for x in lines),
        "over_fen": sum(x["over_fen"] for x in lines),
        "over_value_fen": over_value,
        "over_share": float(Fraction(over_value, compared)) if compared else None,
        "below_lines": sum(x["below"] for x in lines),
        "below_fen": sum(x["below_fen"] for x in lines),
        "charged_lines": sum(x["charged"] for x in lines),
        "markup_lines": sum(x["markup"] for x in lines),
        "markup_fen": sum(x["markup_fen"] for x in lines),
        "policy_id": "pack_price_method@CN@2011-11-17",
    }


def _line(line: Record) -> Record:
    expected, paid = line["expected"], Fraction(line["unit_price"])
    return {
        **{c: line[c] for c in ("institution_code", "delivery_id", "jurisdiction_code", "product_code", "distributor_code")},
        **{c: line[c] for c in ("ordered_on", "accepted_on", "basis", "over_fen")},
        "expected_price": float(expected),
        "paid_price": float(paid),
        "packs": float(line["packs"]),
        "over_rate": float((paid - expected) / expected) if expected else None,
    }
