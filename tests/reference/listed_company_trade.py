"""Trade with listed companies, slowly and literally (obligations §24, §12; rulebook §6 for net invoice lines)."""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from .lines import Record, Records, lines_of, product
from .two_invoice import _Trade

BAN_MONTHS, BAN_FROM = 24, date(2015, 2, 9)


def listed_company_trade(records: Records, as_of: date) -> dict[str, list[Record]]:
    """The rows of the report table without as_of and run_id."""
    places = {i["institution_code"]: i["jurisdiction_code"] for i in records["institutions"]}
    rows: dict[tuple[str, str, str], list[Record]] = defaultdict(list)
    for role, enterprise, institution, day, fen in trade_of(records, as_of):
        listings = [x for x in records["blacklist"] if x["enterprise_code"] == enterprise and is_in_force(x, day)]
        if listings:
            here = any(places[institution].startswith(x["jurisdiction_code"] or "") for x in listings)
            rows[enterprise, institution, role].append({"day": day, "fen": fen, "here": here})
    return {
        "listed_company_trade": [
            {
                "enterprise_code": enterprise,
                "institution_code": institution,
                "role": role,
                "jurisdiction_code": places[institution],
                "lines": len(lines),
                "here_lines": sum(line["here"] for line in lines),
                "amount_fen": sum(line["fen"] for line in lines),
                "first_on": min(line["day"] for line in lines),
                "last_on": max(line["day"] for line in lines),
            }
            for (enterprise, institution, role), lines in rows.items()
        ]
    }


def trade_of(records: Records, as_of: date) -> Iterator[tuple[str, str, str, date, int]]:
    """Role, company, institution, day and fen of every line and of every net invoice line to an institution."""
    for line in lines_of(records, as_of):
        yield "distributor", line["distributor_code"], line["institution_code"], line["ordered_on"], line["value_fen"]
        for maker in makers_of(records, line):
            yield "manufacturer", maker, line["institution_code"], line["ordered_on"], line["value_fen"]
    trade = _Trade(records, as_of)
    for line in trade.lines:
        hospital = trade.hospital_of(line)
        if hospital is not None:
            yield "seller", line["seller_code"], hospital["institution_code"], line["issued_on"], line["net_fen"]


def makers_of(records: Records, line: Record) -> set[str]:
    """Who makes or holds the product of a line."""
    of = product(records, line["product_code"])
    return {code for code in (of["manufacturer_code"], of["mah_code"]) if code}


def is_in_force(listing: Record, day: date) -> bool:
    """Whether a listing holds on a day."""
    ends = listing["delisted_on"]
    if ends is None and listing["listed_on"] >= BAN_FROM:
        ends = months_later(listing["listed_on"], BAN_MONTHS)
    return listing["listed_on"] <= day and (ends is None or day < ends)


def months_later(day: date, months: int) -> date:
    """The same number of the day, or the month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
