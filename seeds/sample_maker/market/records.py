"""Reference prices, cases of misconduct and listings that hold for a place. The documents' and companies' names are made up."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from seeds.sample_maker.world.parties import COMPANY
from seeds.sample_maker.world.products import PRODUCT

Row = dict[str, Any]
_NEW_YEAR, _HALF = date(2020, 1, 1), date(2020, 7, 1)

# kind, product, division, price, from, to
PRICE_TABLE: list[tuple[str, str, str, str, date, date | None]] = [
    ("payment_standard", "AMLO28", "", "1.7000", _NEW_YEAR, None),  # 0.02 above what is selected
    ("payment_standard", "ENTE28", "", "5.3200", _NEW_YEAR, None),  # as selected
    ("payment_standard", "ENTE14", "", "2.7300", _NEW_YEAR, None),  # its price is estimated
    ("payment_standard", "AMLO14N", "", "9.8000", _NEW_YEAR, None),  # of another maker than what is selected
    ("payment_standard", "CLOP7N", "", "58.60", date(2019, 1, 1), date(2019, 12, 31)),  # ran out
    ("payment_standard", "CLOP7N", "", "20.50", _NEW_YEAR, None),
    ("payment_standard", "XIAO10", "", "6.90", _NEW_YEAR, None),  # nothing is selected: no price to compare with
    ("payment_standard", "IRBE28", "33", "5.40", _NEW_YEAR, None),
    ("payment_standard", "CEFU12", "3715", "4.31", _NEW_YEAR, None),
    ("payment_standard", "ACAR30", "3302", "6.00", _HALF, None),
    ("listing", "XIAO10", "", "6.90", _NEW_YEAR, None),
    ("listing", "RACE9", "33", "27.90", _NEW_YEAR, None),
    ("listing", "SIMV20", "33", "8.80", _NEW_YEAR, date(2020, 6, 30)),  # changes in the year
    ("listing", "SIMV20", "33", "8.60", _HALF, None),
    ("listing", "AMIN1", "3715", "16.40", _NEW_YEAR, None),
    ("listing", "XIAO10", "62", "7.00", _NEW_YEAR, date(2020, 6, 30)),
    ("listing", "XIAO10", "62", "7.20", _HALF, None),
    ("listing", "XIAO10", "620103", "7.50", _HALF, None),  # the narrower place counts
    ("listing", "PARAT3", "62", "4.80", _NEW_YEAR, None),
]
_PAID, _LISTED = "示例医保发〔2019〕46号", "示例省采办〔2020〕3号"


class Case(NamedTuple):
    """A company's part in a case; sums in yuan, empty where none is known."""

    company: str
    kind: str
    amount: str
    single_amount: str
    decided_on: date
    repaired_on: date | None
    english: str
    chinese: str


CASES = [
    Case(
        "D6", "bribery", "500000.00", "100000.00", date(2020, 9, 10), None, "at the bound of grade 3: severe", "达到 3 级：严重"
    ),
    Case("D6", "supply", "", "", date(2020, 10, 9), None, "a kind without grades", "没有评级标准的情形"),
    Case("M6", "bribery", "499999.99", "9999.99", date(2020, 9, 10), None, "below every bound: grade 0", "低于各级：0 级"),
    Case("D7", "bribery", "", "10000.00", date(2020, 9, 22), None, "single sum at grade 1", "单笔达到 1 级"),
    Case("D5", "bribery", "120000.00", "100000.00", date(2020, 10, 13), None, "single sum at grade 2", "单笔达到 2 级"),
    Case("D3", "tax", "999999.99", "", date(2020, 10, 20), None, "below every bound: grade 0", "低于各级：0 级"),
    Case("D1", "tax", "1000000.00", "", date(2020, 11, 3), None, "at the bound of grade 3: severe", "达到 3 级：严重"),
    Case("M2", "tax", "10000000.00", "", date(2020, 9, 15), date(2020, 11, 30), "repaired: counts no more", "已修复，不再计"),
    Case("M4", "bribery", "2000000.00", "300000.00", date(2020, 11, 24), None, "the highest grade", "最高一级"),
    Case("M1", "price", "80000.00", "", date(2020, 9, 29), None, "a kind without grades", "没有评级标准的情形"),
    Case(
        "M5", "quality", "30000.00", "", date(2020, 10, 27), date(2021, 2, 1), "repaired after the as-of day", "截止日之后修复"
    ),
    Case("MC", "competition", "200000.00", "", date(2020, 11, 10), None, "a kind without grades", "没有评级标准的情形"),
    Case("D9", "supply", "", "", date(2020, 12, 8), None, "a kind without grades", "没有评级标准的情形"),
    Case("D8", "other", "5000.00", "5000.00", date(2020, 12, 1), None, "a kind without grades", "没有评级标准的情形"),
    Case("D2", "bribery", "600000.00", "", date(2020, 8, 3), None, "decided before there were grades", "评级标准施行之前"),
    Case("D4", "bribery", "3000000.00", "", date(2021, 1, 12), None, "decided after the as-of day", "截止日之后认定"),
]
_AUTHORITIES = ("浙江省示例采购机构", "山东省示例采购机构", "甘肃省示例采购机构")

# company, division, from, to, why
LISTING_TABLE: list[tuple[str, str, date, date | None, str]] = [
    ("M6", "62", date(2020, 5, 1), None, "虚构：商业贿赂"),  # without an end: 24 months
    ("D8", "620103", date(2020, 8, 15), date(2020, 11, 15), "虚构：抬高价格"),
    ("D3", "33", date(2020, 3, 1), None, "虚构：拒不配送"),  # not where it delivers
]


def make_reference_prices() -> list[Row]:
    """Rows of reference_prices by canonical column name."""
    return [
        {
            "kind": kind,
            "product_code": PRODUCT[product],
            "jurisdiction_code": division,
            "valid_from": start,
            "valid_to": end,
            "price": Decimal(price),
            "document_no": _PAID if kind == "payment_standard" else _LISTED,
        }
        for kind, product, division, price, start, end in PRICE_TABLE
    ]


def make_misconduct() -> list[Row]:
    """Rows of misconduct by canonical column name."""
    return [
        {
            "case_no": name_case(place),
            "enterprise_code": COMPANY[case.company],
            "kind": case.kind,
            "amount": Decimal(case.amount) if case.amount else None,
            "single_amount": Decimal(case.single_amount) if case.single_amount else None,
            "decided_on": case.decided_on,
            "decided_by": _AUTHORITIES[place % len(_AUTHORITIES)],
            "repaired_on": case.repaired_on,
            "document_no": f"示例评级〔{case.decided_on.year}〕{place}号",
        }
        for place, case in enumerate(CASES)
    ]


def name_case(place: int) -> str:
    """The number of the case at a place of `CASES`."""
    return f"示例案〔{CASES[place].decided_on.year}〕{place + 1:02d}号"


def make_local_listings() -> list[Row]:
    """Rows of blacklist that hold for a place, by canonical column name."""
    return [
        {
            "enterprise_code": COMPANY[company],
            "listed_on": listed,
            "delisted_on": delisted,
            "grade": "严重",
            "reason": reason,
            "document_no": f"示例信用〔2020〕{place + 20}号",
            "jurisdiction_code": division,
        }
        for place, (company, division, listed, delisted, reason) in enumerate(LISTING_TABLE)
    ]
