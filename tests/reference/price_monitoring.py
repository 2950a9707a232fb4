"""Price monitoring, read literally from obligations §25 and §12 (the slow reference).

In: accepted records by dataset and `as_of`. Out: rows of the three tables without as_of and run_id; the policy rows that hold
are written down here once more.
"""

from collections import defaultdict
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

from .lines import Record, Records, generic_of, lines_of, product
from .lists import is_listed

WINDOW_DAYS = 365


def price_monitoring(records: Records, as_of: date) -> dict[str, list[Record]]:
    """The three tables."""
    institutions = {i["institution_code"]: i for i in records["institutions"]}
    lines = lines_of(records, as_of)
    for line in lines:
        line["institution"] = institutions[line["institution_code"]]
        line["place"] = line["institution"]["jurisdiction_code"]
        line["product"] = product(records, line["product_code"])
        line["month"] = f"{line['accepted_on']:%Y-%m}"
    return {"price_movements": _movements(records, lines, as_of), "price_peers": _peers(lines), "price_index": _index(lines)}


def _makers(lines: list[Record], like: Record, province: str) -> int:
    same = [x for x in lines if generic_of(x["product"]) == generic_of(like) and x["place"][:2] == province]
    return len({x["product"]["manufacturer_code"] for x in same})


def _movements(records: Records, lines: list[Record], as_of: date) -> list[Record]:
    series: dict[tuple, list[Record]] = defaultdict(list)
    for x in lines:
        ordered_on = x["ordered_on"]
        if ordered_on and as_of - timedelta(days=WINDOW_DAYS) < ordered_on <= as_of:
            series[x["institution_code"], x["distributor_code"], x["product_code"]].append(x)
    this_year = [x for x in lines if x["accepted_on"].year == as_of.year]
    rows = []
    for (institution_code, distributor_code, product_code), own in series.items():
        days = sorted({x["ordered_on"] for x in own})
        prices = [min(Fraction(x["unit_price"]) for x in own if x["ordered_on"] == day) for day in days]
        changes = sum(one != other for one, other in pairwise(prices))
        if not changes:
            continue
        moved = [(later - p) / p for n, p in enumerate(prices) for later in prices[n + 1 :] if p > 0]
        place, of = own[0]["place"], own[0]["product"]
        rows.append(
            {
                "institution_code": institution_code,
                "distributor_code": distributor_code,
                "product_code": product_code,
                "jurisdiction_code": place,
                "lines": len(own),
                "changes": changes,
                "first_price": float(prices[0]),
                "last_price": float(prices[-1]),
                "lowest_price": float(min(prices)),
                "highest_price": float(max(prices)),
                "rise": float(max([*moved, Fraction(0)])),
                "fall": float(max([*(-m for m in moved), Fraction(0)])),
                "is_listed": any(is_listed(records, name, of, as_of, place) for name in ("shortage", "shortage_prone")),
                "manufacturers": _makers(this_year, of, place[:2]),
                "policy_id": None,
            }
        )
    return rows


def _mean(lines: list[Record]) -> Fraction:
    """Yuan for a pack."""
    return Fraction(sum(x["value_fen"] for x in lines)) / 100 / sum(x["packs"] for x in lines)


def _median(values: list[Fraction]) -> Fraction:
    values, half = sorted(values), len(values) // 2
    return values[half] if len(values) % 2 else (values[half - 1] + values[half]) / 2


def _peers(lines: list[Record]) -> list[Record]:
    bought: dict[tuple, dict[str, list[Record]]] = defaultdict(lambda: defaultdict(list))
    for x in lines:
        if x["institution"]["ownership"] == "public" and not x["is_emergency"]:
            bought[x["place"][:2], x["product_code"], x["month"]][x["institution_code"]].append(x)
    rows = []
    for (province, product_code, month), of in bought.items():
        means = [_mean(own) for own in of.values()]
        all_of_it = [x for own in of.values() for x in own]
        rows.append(
            {
                "province": province,
                "product_code": product_code,
                "month": month,
                "institutions": len(of),
                "lowest_price": float(min(means)),
                "median_price": float(_median(means)),
                "highest_price": float(max(means)),
                "packs": float(sum(x["packs"] for x in all_of_it)),
                "value_fen": sum(x["value_fen"] for x in all_of_it),
                "manufacturers": _makers([x for x in lines if x["month"] == month], all_of_it[0]["product"], province),
                "policy_id": None,
            }
        )
    return rows


def _index(lines: list[Record]) -> list[Record]:
    bought: dict[tuple[str, str], dict[str, list[Record]]] = defaultdict(lambda: defaultdict(list))
    for x in lines:
        if x["institution"]["ownership"] == "public" and x["product"]["kind"] == "drug":
            bought[x["place"], x["month"]][x["product_code"]].append(x)
    rows = []
    for (place, month), now in bought.items():
        before = bought.get((place, f"{int(month[:4]) - 1}{month[4:]}"), {})
        matched = [code for code in now if code in before]
        then = {code: sum(x["packs"] for x in before[code]) for code in matched}
        base = sum((_mean(before[code]) * then[code] for code in matched), Fraction(0))
        repriced = sum((_mean(now[code]) * then[code] for code in matched), Fraction(0))
        rows.append(
            {
                "jurisdiction_code": place,
                "month": month,
                "purchase_fen": sum(x["value_fen"] for own in now.values() for x in own),
                "matched_products": len(matched),
                "matched_fen": sum(x["value_fen"] for code in matched for x in now[code]),
                "base_fen": int(base * 100),
                "price_index": float(repriced / base) if base else None,
            }
        )
    return rows
