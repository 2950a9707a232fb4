"""Usage mix, read literally from obligations §16 and §12 (the slow reference).

In: accepted records by dataset and `as_of`. Out: rows of `usage_mix` and `usage_mix_year` without as_of and run_id.
"""

from collections import defaultdict
from datetime import date
from fractions import Fraction

from .lines import (
    Generic,
    Record,
    Records,
    generic_of,
    jurisdiction_of,
    lines_of,
    product,
    selections_on,
    stands_in_for,
    use_of,
)
from .voluntary_participation import standing_of

_CLASSES = ("selected", "non_selected", "substitute")
Line = tuple[str, Record]
"""A line with the class that it is of."""


def usage_mix(records: Records, as_of: date) -> dict[str, list[Record]]:
    """By month, and this year beside the same days of the year before."""
    months: dict[tuple, list[Line]] = defaultdict(list)
    years: dict[tuple, dict[str, list[Line]]] = defaultdict(lambda: {"": [], "_before": []})
    for line in lines_of(records, as_of):
        day = line["accepted_on"]
        for generic, found in classes_of(records, line):
            row = (line["institution_code"], *generic)
            months[*row, f"{day:%Y-%m}"].append((found, line))
            if day.year == as_of.year:
                years[row][""].append((found, line))
            elif day.year == as_of.year - 1 and (day.month, day.day) <= (as_of.month, as_of.day):
                years[row]["_before"].append((found, line))
    return {
        "usage_mix": [
            {**_key_of(key), "month": key[3], "jurisdiction_code": _place(key[0], records), **_added_up(lines)}
            for key, lines in months.items()
        ],
        "usage_mix_year": [_year_of(key, of, records, as_of) for key, of in years.items()],
    }


def classes_of(records: Records, line: Record) -> list[tuple[Generic, str]]:
    """The generics and routes of which a line is W, N or S."""
    own = generic_of(product(records, line["product_code"]))
    found = [(own, use)] if (use := use_of(records, line)) else []
    return found + [(other, "substitute") for other in stands_in_for(records, line)]


def _key_of(key: tuple) -> Record:
    return dict(zip(("institution_code", "generic_code", "route"), key[:3], strict=True))


def _place(institution_code: str, records: Records) -> str:
    return jurisdiction_of(records, {"institution_code": institution_code})


def _added_up(lines: list[Line]) -> Record:
    units, fen = (
        {c: sum((line[measure] for found, line in lines if found == c), Fraction(0)) for c in _CLASSES}
        for measure in ("units", "value_fen")
    )
    return {
        **{f"{c}_units": float(units[c]) for c in _CLASSES},
        **{f"{c}_fen": int(fen[c]) for c in _CLASSES},
        "non_selected_share_units": _share(units),
        "non_selected_share_amount": _share(fen),
    }


def _share(of: dict[str, Fraction]) -> float | None:
    both = of["selected"] + of["non_selected"]
    return float(Fraction(of["non_selected"], both)) if both else None


def _year_of(key: tuple, of: dict[str, list[Line]], records: Records, as_of: date) -> Record:
    before, place = _added_up(of["_before"]), _place(key[0], records)
    is_limited = place.startswith("31") and as_of >= date(2020, 7, 31)
    mixed = [line for found, line in of[""] if found != "substitute"]
    evaluated = {
        f"{e}_units": float(
            sum((x["units"] for x in mixed if product(records, x["product_code"])["evaluation"] == e), Fraction(0))
        )
        for e in ("passed", "originator")
    }
    return {
        **_key_of(key),
        "jurisdiction_code": place,
        **_added_up(of[""]),
        **{f"{name}_before": value for name, value in before.items() if not name.endswith("_fen")},
        **evaluated,
        "has_commitment": has_commitment(key[0], (key[1], key[2]), records, as_of),
        "policy_id": "non_selected_share_limit@31@2020-07-31" if is_limited else None,
    }


def has_commitment(institution_code: str, generic: Generic, records: Records, as_of: date) -> bool:
    """Whether the institution or its head has one of this year, of an item with a product of the generic and route."""
    whose = {institution_code, head_of(institution_code, records)}
    place = _place(institution_code, records)
    for c in records["commitments"]:
        agreed, end = standing_of(c, records, as_of)
        if c["institution_code"] not in whose or agreed <= 0:
            continue
        if c["period_start"] > as_of or end < date(as_of.year, 1, 1):
            continue
        for n in range(c["period_start"].toordinal(), end.toordinal() + 1):
            for s in selections_on(records, date.fromordinal(n), place):
                is_item = (s["lot_code"], s["item_code"]) == (c["lot_code"], c["item_code"])
                if is_item and generic_of(product(records, s["product_code"])) == generic:
                    return True
    return False


def head_of(institution_code: str, records: Records) -> str:
    """Of all that parents join with the institution the lowest code without a parent, else the lowest."""
    codes = {i["institution_code"] for i in records["institutions"]}
    parents = {
        i["institution_code"]: i["parent_institution_code"]
        for i in records["institutions"]
        if i["parent_institution_code"] in codes
    }
    family, size = {institution_code}, 0
    while size != len(family):
        size = len(family)
        for child, parent in parents.items():
            if child in family or parent in family:
                family |= {child, parent}
    return min(family - parents.keys(), default=min(family))
