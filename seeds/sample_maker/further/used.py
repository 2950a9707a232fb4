"""What was dispensed, taken back and counted of what was bought. All invented.

`PLANS` says how much of what a family had (the last opening, and what came after it) was used up to the as-of day; more than
all of it is stock that cannot be.
"""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from seeds.sample_maker.world.parties import INSTITUTION
from seeds.sample_maker.world.products import PRICE, PRODUCT, SETTLED_AS, UNITS
from seeds.sample_maker.world.trade import LAST_DAY

Row = dict[str, Any]
FEN = Decimal("0.01")
STRANGE_CODE = "XA01AAA001A001010100001"  # under which nothing here is known


class Plan(NamedTuple):
    """Who used what: `family` (the head first) dispenses in turn; `openings` are days and minimum units; `percent` of it all."""

    family: str
    products: str
    openings: tuple[tuple[date, int], ...]
    percent: int
    months: str
    english: str
    chinese: str


_NEW_YEAR, _SPRING, _MIDYEAR = date(2020, 1, 1), date(2020, 3, 1), date(2020, 7, 1)
PLANS = [
    Plan("C1", "AMLO14N", ((_SPRING, 700),), 120, "3 5 6 8 9 11 12", "used more than bought", "使用多于购进"),
    Plan("C1", "ATOR7 ATOR28", ((_SPRING, 500),), 90, "4 5 6 7 8 10 11", "two packs of one drug", "同一药品两种包装"),
    Plan(
        "C1", "ENTE28 ENTE7", ((_NEW_YEAR, 900), (_MIDYEAR, 2_800)), 85, "7 8 9 10 11 12", "counted anew in July", "7月重新盘点"
    ),
    Plan("C1", "RABI1", ((_NEW_YEAR, 10),), 130, "5 7 9 11 12", "a vaccine: in no stock", "疫苗，不计库存"),
    Plan(
        "C1", "HUANG500", ((_NEW_YEAR, 2_000),), 130, "4 6 8 10 12", "more, but of no national code", "多于购进，但非国家编码"
    ),
    Plan("C1", "OSIM30", (), 50, "6 8 10", "no opening: no stock", "无期初，不计库存"),
    Plan(
        "C3 B1 B2",
        "XIAO10",
        ((_NEW_YEAR, 300),),
        103,
        "3 4 6 8 9 11 12",
        "a little more, head and branches",
        "略多，总院与分院合计",
    ),
    Plan("C3 B1", "AMLO28", ((_SPRING, 1_400),), 80, "5 7 9 10 12", "less than bought", "少于购进"),
    Plan("PV", "CLOP7", ((_MIDYEAR, 70),), 150, "7 9 10 12", "used more than bought, private", "使用多于购进，民营"),
    Plan("PH", "SILD5", (), 60, "3 5 9 12", "sold before the first purchase", "购进之前已售出"),
    Plan("L1", "AMIN1", ((date(2019, 12, 31), 40),), 95, "3 6 7 9 12", "less than bought", "少于购进"),
    Plan("L1", "CLOP7N", (), 70, "6 8 10 12", "no opening: no stock", "无期初，不计库存"),
]


def make_usages(deliveries: list[Row], returns: list[Row]) -> list[Row]:
    """Rows of usages by canonical column name; quantities in minimum units."""
    back = {row["delivery_id"]: row["returned_quantity"] for row in returns if row["status"] == "confirmed"}
    rows = [row for plan in PLANS for row in _use(plan, deliveries, back)]
    serials: dict[str, int] = {}
    for row in rows:
        serial = serials[row["institution_code"]] = serials.get(row["institution_code"], 0) + 1
        row["usage_id"] = f"FY{row['used_on']:%Y%m}{serial:04d}"
    return rows


def _use(plan: Plan, deliveries: list[Row], back: dict[str, int]) -> list[Row]:
    family, products = plan.family.split(), plan.products.split()
    rows = [_write(family[0], products[0], "opening", day, units, 2) for day, units in plan.openings]
    counted_on, counted = plan.openings[-1] if plan.openings else (date.min, 0)
    had = counted + _bought(family, products, counted_on, deliveries, back)
    returned = int(UNITS[products[0]])
    wanted = had * plan.percent // 100 + returned
    months = [int(month) for month in plan.months.split()]
    for place, month in enumerate(months):
        part = wanted // len(months) if place else wanted - wanted // len(months) * (len(months) - 1)
        day = date(2020, month, 5 + place * 3)
        product = products[place % len(products)]
        rows.append(_write(family[place % len(family)], product, "dispensed", day, part, place))
    rows.append(_write(family[0], products[0], "returned", LAST_DAY, returned, 0))
    return rows


def _bought(family: list[str], products: list[str], after: date, deliveries: list[Row], back: dict[str, int]) -> int:
    """Minimum units that came after a day, gifts included, less what went back."""
    codes, units = {INSTITUTION[i] for i in family}, {PRODUCT[p]: UNITS[p] for p in products}
    return sum(
        (row["received_quantity"] - back.get(row["delivery_id"], 0)) * units[row["product_code"]]
        for row in deliveries
        if row["institution_code"] in codes
        and row["product_code"] in units
        and row["accepted_on"]
        and row["accepted_on"] > after
    )


def _write(institution: str, product: str, kind: str, on: date, units: int, place: int) -> Row:
    """Every fourth is paid by the patient, every fourth settled under a code that says nothing."""
    code = (PRODUCT[product], SETTLED_AS.get(product, PRODUCT[product]), "", STRANGE_CODE)[place % 4]
    return {
        "institution_code": INSTITUTION[institution],
        "usage_id": "",
        "product_code": PRODUCT[product],
        "kind": kind,
        "used_on": on,
        "quantity": units,
        "amount": (PRICE[product] * units / UNITS[product]).quantize(FEN, ROUND_HALF_UP),
        "settlement": "fund" if code else "self",
        "settlement_code": code,
    }
