"""Concentration of drug distribution, slowly and literally (obligations §23; limits raise findings only)."""

from collections import defaultdict
from datetime import date

from .agreed_volume import ratio_of
from .lines import Record, Records, jurisdiction_of, lines_of, product

MILLION_YUAN = 10**8


def distribution_concentration(records: Records, as_of: date) -> dict[str, list[dict]]:
    """The rows of the report table without as_of and run_id."""
    known = {i["institution_code"] for i in records["institutions"]}
    places: dict[tuple[str, str], list[Record]] = defaultdict(list)
    for line in lines_of(records, as_of):
        is_drug = product(records, line["product_code"])["kind"] == "drug"
        if not is_drug or line["accepted_on"].year != as_of.year or line["institution_code"] not in known:
            continue
        county = jurisdiction_of(records, line)
        for place in (("county", county), ("city", county[:4] + "00"), ("all", "all")):
            places[place].append(line)
    groups = {e["enterprise_code"]: e["group_code"] for e in records["enterprises"]}
    return {"distribution_concentration": [row_of(*place, lines, groups, as_of) for place, lines in places.items()]}


def row_of(level: str, code: str, lines: list[Record], groups: dict[str, str | None], as_of: date) -> dict:
    by_company: dict[str, int] = defaultdict(int)
    by_group: dict[str, int] = defaultdict(int)
    sellers: dict[str, set[str]] = defaultdict(set)
    buyers: dict[str, set[str]] = defaultdict(set)
    for line in lines:
        company, value = line["distributor_code"], line["value_fen"]
        by_company[company] += value
        by_group[groups.get(company) or company] += value
        sellers[line["product_code"]].add(company)
        buyers[line["product_code"]].add(line["institution_code"])
    whole = sum(by_company.values())
    ranked = sorted(by_company, key=lambda c: (-by_company[c], c))
    top_group = min(by_group, key=lambda g: (-by_group[g], g))
    sole = [p for p in sellers if len(sellers[p]) == 1 and len(buyers[p]) >= 2]
    is_in_force = level == "city" and code == "371500" and date(2018, 8, 10) <= as_of <= date(2020, 12, 31)
    return {
        "level": level,
        "code": code,
        "jurisdiction_code": "" if level == "all" else code,
        "institutions": len({line["institution_code"] for line in lines}),
        "purchase_fen": whole,
        "distributors": len(by_company),
        "top_distributor_code": ranked[0],
        "top_share": ratio_of(by_company[ranked[0]], whole),
        "top10_share": ratio_of(sum(by_company[c] for c in ranked[:10]), whole),
        "hhi": ratio_of(10_000 * sum(v * v for v in by_company.values()), whole * whole),
        "top_group_code": top_group,
        "top_group_share": ratio_of(by_group[top_group], whole),
        "hhi_group": ratio_of(10_000 * sum(v * v for v in by_group.values()), whole * whole),
        "over_1000m": sum(v > 1000 * MILLION_YUAN for v in by_group.values()),
        "over_500m": sum(v > 500 * MILLION_YUAN for v in by_group.values()),
        "products": len(sellers),
        "sole_products": len(sole),
        "policy_id": "top10_share_min@3715@2018-08-10" if is_in_force else None,
    }
