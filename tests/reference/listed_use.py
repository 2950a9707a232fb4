"""Use of the lists, read literally from obligations §17 (the slow reference).

In: accepted records by dataset and `as_of`. Out: rows of the four tables without as_of and run_id; the policy rows that hold
are written down here once more.
"""

from collections import defaultdict
from datetime import date, timedelta
from fractions import Fraction

from .agreed_volume import ratio_of
from .lines import Record, Records, generic_of, lines_of, product, selections_on, stands_in_for, use_of
from .lists import is_listed

SURGE_FLOOR_FEN = 1_000_000
SHARES = {
    "essential_share_amount": ("essential_fen", "drug_fen"),
    "essential_share_products": ("essential_products", "drug_products"),
    "insured_share_amount": ("insured_fen", "drug_fen"),
    "insured_share_products": ("insured_products", "drug_products"),
    "monitored_share": ("monitored_fen", "drug_fen"),
}


def listed_use(records: Records, as_of: date) -> dict[str, list[Record]]:
    """The four tables."""
    institutions = {i["institution_code"]: i for i in records["institutions"]}
    lines = lines_of(records, as_of)
    for line in lines:
        line["product"] = product(records, line["product_code"])
        line["place"] = institutions[line["institution_code"]]["jurisdiction_code"]
        line["is_drug"] = line["product"]["kind"] == "drug"
    return {
        "essential_and_monitored": _essential_and_monitored(records, lines, institutions, as_of),
        "use_surges": _use_surges(records, lines, institutions, as_of),
        "negotiated_use": _negotiated_use(records, lines, as_of),
        "family_linkage": _family_linkage(records, lines, institutions, as_of),
    }


def _year(as_of: date) -> tuple[date, date]:
    return date(as_of.year, 1, 1), as_of


def _year_before(as_of: date) -> tuple[date, date]:
    day = 28 if (as_of.month, as_of.day) == (2, 29) else as_of.day
    return date(as_of.year - 1, 1, 1), date(as_of.year - 1, as_of.month, day)


def _within(lines: list[Record], window: tuple[date, date]) -> list[Record]:
    return [x for x in lines if window[0] <= x["accepted_on"] <= window[1]]


def _fen(lines: list[Record]) -> int:
    return sum(x["value_fen"] for x in lines)


def _products(lines: list[Record]) -> int:
    return len({x["product_code"] for x in lines})


def _essential_and_monitored(records: Records, lines: list[Record], institutions: dict, as_of: date) -> list[Record]:
    rows = []
    for code, institution in institutions.items():
        own = [x for x in lines if x["institution_code"] == code]
        own = [x for x in own if not (x["is_drug"] and x["product"]["special_category"] == "tcm_decoction")]
        now, before = _within(own, _year(as_of)), _within(own, _year_before(as_of))
        if not now and not before:
            continue

        def on_day(some: list[Record], name: str) -> list[Record]:
            return [x for x in some if is_listed(records, name, x["product"], x["accepted_on"], x["place"])]

        def on_as_of(some: list[Record], name: str) -> list[Record]:
            return [x for x in some if is_listed(records, name, x["product"], as_of, x["place"])]

        drugs, drugs_before = ([x for x in some if x["is_drug"]] for some in (now, before))
        things, things_before = ([x for x in some if not x["is_drug"]] for some in (now, before))
        essential, insured = on_day(drugs, "essential"), on_day(drugs, "insured")
        other = [x for x in drugs if use_of(records, x) is None and not stands_in_for(records, x)]
        row = {
            "institution_code": code,
            "jurisdiction_code": institution["jurisdiction_code"],
            "drug_fen": _fen(drugs),
            "drug_products": _products(drugs),
            "essential_fen": _fen(essential),
            "essential_products": _products(essential),
            "insured_fen": _fen(insured),
            "insured_products": _products(insured),
            "monitored_fen": _fen(on_as_of(drugs, "key_monitored")),
            "negotiated_fen": _fen(on_as_of(drugs, "negotiated")),
            "other_fen": _fen(other),
            "consumable_fen": _fen(things),
            "governed_fen": _fen(on_as_of(things, "governed_consumable")),
            "drug_fen_before": _fen(drugs_before),
            "monitored_fen_before": _fen(on_as_of(drugs_before, "key_monitored")),
            "governed_fen_before": _fen(on_as_of(things_before, "governed_consumable")),
            "policy_id": None,
        }
        growth = row["monitored_fen"] - row["monitored_fen_before"]
        shares = {name: ratio_of(row[part], row[whole]) for name, (part, whole) in SHARES.items()}
        rows.append({**row, **shares, "monitored_growth": ratio_of(growth, row["monitored_fen_before"])})
    return rows


def _use_surges(records: Records, lines: list[Record], institutions: dict, as_of: date) -> list[Record]:
    known = {x["institution_code"] for x in lines if x["accepted_on"] <= as_of - timedelta(days=449)}
    recent: dict[tuple, list[Record]] = defaultdict(list)
    usual: dict[tuple, list[Record]] = defaultdict(list)
    for x in lines:
        selected = {s["product_code"] for s in selections_on(records, x["accepted_on"], x["place"])}
        if not x["is_drug"] or x["product_code"] in selected or x["institution_code"] not in known:
            continue
        key = (x["institution_code"], generic_of(x["product"])[0])
        age = (as_of - x["accepted_on"]).days
        if age <= 89:
            recent[key].append(x)
        elif age <= 449:
            usual[key].append(x)
    rows = []
    for key, before in usual.items():
        now = recent.get(key, [])
        if _fen(now) < SURGE_FLOOR_FEN:
            continue
        units, before_units = (sum((x["units"] for x in some), Fraction(0)) for some in (now, before))
        rows.append(
            {
                "institution_code": key[0],
                "generic_code": key[1],
                "jurisdiction_code": institutions[key[0]]["jurisdiction_code"],
                "recent_units": float(units),
                "recent_fen": _fen(now),
                "usual_units": float(before_units / 4),
                "ratio": ratio_of(units * 4, before_units),
                "policy_id": None,
            }
        )
    return rows


def _negotiated_use(records: Records, lines: list[Record], as_of: date) -> list[Record]:
    this_year = _within(lines, _year(as_of))
    rows = []
    for place in {i["jurisdiction_code"] for i in records["institutions"]}:
        there = [i for i in records["institutions"] if i["jurisdiction_code"] == place]
        hospitals = {
            i["institution_code"] for i in there if i["ownership"] == "public" and i["level"] in ("tertiary", "secondary")
        }
        pharmacies = {i["institution_code"] for i in there if i["ownership"] == "retail"}
        if not hospitals:
            continue
        for of in records["products"]:
            if is_listed(records, "negotiated", of, as_of, place):
                own = [x for x in this_year if x["product_code"] == of["product_code"]]
                buyers = {x["institution_code"] for x in own} & hospitals
                rows.append(
                    {
                        "jurisdiction_code": place,
                        "product_code": of["product_code"],
                        "institutions": len(hospitals),
                        "buyers": len(buyers),
                        "buyer_share": ratio_of(len(buyers), len(hospitals)),
                        "purchase_fen": _fen([x for x in own if x["institution_code"] in buyers]),
                        "pharmacies": len(pharmacies),
                        "pharmacy_buyers": len({x["institution_code"] for x in own} & pharmacies),
                    }
                )
    return rows


def _family_linkage(records: Records, lines: list[Record], institutions: dict, as_of: date) -> list[Record]:
    this_year = [x for x in _within(lines, _year(as_of)) if x["is_drug"]]
    rows = []
    for code, head in _heads(institutions).items():
        own = [x for x in this_year if x["institution_code"] == code]
        if code == head or not own:
            continue
        codes = {_drug_code(x["product"]) for x in own}
        shared = codes & {_drug_code(x["product"]) for x in this_year if x["institution_code"] == head}
        essential = {
            _drug_code(x["product"]) for x in own if is_listed(records, "essential", x["product"], x["accepted_on"], x["place"])
        }
        rows.append(
            {
                "head_code": head,
                "institution_code": code,
                "jurisdiction_code": institutions[code]["jurisdiction_code"],
                "drug_codes": len(codes),
                "shared": len(shared),
                "shared_share": ratio_of(len(shared), len(codes)),
                "essential_shared": len(shared & essential),
            }
        )
    return rows


def _drug_code(of: Record) -> str:
    """The head of a national drug code, else the generic."""
    head = generic_of({**of, "generic_code": None})[0]
    return head if head != of["product_code"] else generic_of(of)[0]


def _heads(institutions: dict) -> dict[str, str]:
    """Institution → head of its family."""
    parents = {c: i["parent_institution_code"] for c, i in institutions.items()}
    parents = {c: p if p in institutions else None for c, p in parents.items()}
    families = {c: {c} for c in institutions}
    for child, parent in parents.items():
        if parent is not None and families[child] is not families[parent]:
            both = families[child] | families[parent]
            for code in both:
                families[code] = both
    return {c: min(f, key=lambda one: (parents[one] is not None, one)) for c, f in families.items()}
