"""Budgets, caps and bands, two quantities of the year to come, and what was changed or excused of them. All invented.

They count what the ordinary shipments and the stories bring; no shipment is made for them. Amounts in yuan, quantities in
minimum units.
"""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from seeds.sample_maker.world.parties import AGENCY, INSTITUTION, get_jurisdiction
from seeds.sample_maker.world.products import PRODUCT

Row = dict[str, Any]
YEAR, SPRING, PILOT = (
    (date(2020, 1, 1), date(2020, 12, 31)),
    (date(2020, 4, 20), date(2021, 4, 19)),
    (date(2020, 3, 1), date(2020, 11, 30)),
)
FIRST_HALF = (date(2020, 1, 1), date(2020, 6, 30))
OLD_YEAR = (date(2019, 4, 1), date(2020, 3, 31))
NEXT_YEAR = (date(2021, 1, 1), date(2021, 12, 31))
STENTS = (date(2021, 1, 1), date(2022, 12, 31))


class Budget(NamedTuple):
    """One agreement: `product` empty = what is selected for the item; `low` and `high` as the target says."""

    institution: str
    lot: str
    item: str
    product: str
    target: str
    direction: str
    low: int
    high: int | None
    period: tuple[date, date]
    english: str
    chinese: str

    @property
    def commitment_id(self) -> str:
        """Its number."""
        return f"XY-{self.lot}-{self.item}-{self.institution}"


BUDGETS = [
    Budget("C1", "NB-BUDGET", "AMIN", "", "amount", "cap", 180_000, None, SPRING, "cap, on track", "上限，进度正常"),
    Budget("C3", "NB-BUDGET", "AMIN", "", "amount", "band", 60_000, 90_000, SPRING, "band, on track", "区间，进度正常"),
    Budget(
        "C1",
        "NB-BUDGET",
        "RACE",
        "",
        "amount",
        "floor",
        40_000,
        None,
        SPRING,
        "floor, on track; its end was moved on",
        "下限，进度正常，期限顺延",
    ),
    Budget("C3", "NB-BUDGET", "RACE", "", "quantity", "band", 7_200, 10_800, SPRING, "band, behind", "区间，进度落后"),
    Budget("C1", "NB-BUDGET", "ANGO", "ANGO1", "amount", "cap", 5_000, None, YEAR, "cap exceeded", "上限，超出"),
    Budget("C1", "NB-BUDGET", "SIMV", "SIMV20", "amount", "cap", 1_000, None, FIRST_HALF, "cap kept", "上限，已守住"),
    Budget("C1", "NB-BUDGET", "OXYT", "OXYT10", "amount", "floor", 3_000, None, PILOT, "floor failed", "下限，未完成"),
    Budget("C1", "NB-BUDGET", "RABI", "RABI1", "amount", "floor", 30_000, None, YEAR, "floor completed", "下限，已完成"),
    Budget("C1", "NB-BUDGET", "CLOP", "CLOP7N", "quantity", "band", 1_000, 2_000, YEAR, "band completed", "区间，已完成"),
    Budget("C3", "NB-BUDGET", "ATOR", "ATOR7N", "amount", "floor", 1_500, None, PILOT, "floor excused", "下限，有备案"),
    Budget("C3", "NB-BUDGET", "AMLO", "AMLO14N", "quantity", "band", 3_000, 4_000, PILOT, "band failed", "区间，未完成"),
    Budget("C3", "NB-BUDGET", "SIMV", "SIMV20", "amount", "floor", 2_000, None, YEAR, "taken back: cancelled", "已取消"),
    Budget(
        "B1", "NB-BUDGET", "XIAO", "XIAO10", "amount", "floor", 2_000, None, SPRING, "floor, seriously behind", "下限，严重落后"
    ),
    Budget(
        "B2",
        "NB-BUDGET",
        "XIAO",
        "XIAO10",
        "quantity",
        "cap",
        500,
        None,
        SPRING,
        "cap, its end moved to its last month: kept",
        "上限，期限提前，已守住",
    ),
    Budget(
        "PV",
        "NB-BUDGET",
        "ATOR",
        "ATOR7N",
        "amount",
        "cap",
        3_000,
        None,
        YEAR,
        "cap exceeded, private: a signal",
        "上限，超出；民营，只作信号",
    ),
    Budget("C1", "NB-BUDGET", "ANGO21", "ANGO1", "amount", "cap", 6_000, None, NEXT_YEAR, "not started", "未开始"),
    Budget("L1", "LC-LIMIT", "CLOP", "CLOP7N", "amount", "cap", 7_800, None, SPRING, "cap, ahead of time", "上限，进度超前"),
    Budget(
        "L1",
        "LC-LIMIT",
        "CLOPF",
        "CLOP7N",
        "quantity",
        "floor",
        700,
        None,
        PILOT,
        "floor kept; no price",
        "下限，已完成；没有价格",
    ),
    Budget("L1", "LC-LIMIT", "ANGO", "ANGO1", "quantity", "cap", 14, None, YEAR, "cap exceeded, excused", "上限，超出，有备案"),
    Budget("L1", "LC-LIMIT", "AMLO", "AMLO14N", "quantity", "band", 3_000, 6_000, YEAR, "band exceeded", "区间，超出"),
    Budget("L2", "LC-LIMIT", "NEW", "", "amount", "cap", 20_000, None, SPRING, "no product selected", "未有中选产品"),
    Budget(
        "C1",
        "4+7",
        "OLD",
        "AMLO14N",
        "amount",
        "floor",
        1_000,
        None,
        OLD_YEAR,
        "signed before prepayment was ruled",
        "签约早于预付规定",
    ),
    Budget(
        "HB", "4+7-KW", "AMLO", "AMLO28", "amount", "floor", 106_600, None, SPRING, "nothing bought; prepaid", "未采购，已预付"
    ),
    Budget(
        "C3",
        "GH-STENT",
        "STENT",
        "",
        "quantity",
        "floor",
        120,
        None,
        STENTS,
        "taken back before it began: no prepayment",
        "周期前取消：无需预付",
    ),
    Budget(
        "L2",
        "GH-STENT",
        "BALLOON",
        "",
        "quantity",
        "floor",
        100,
        None,
        STENTS,
        "no price yet: no prepayment can be computed",
        "尚无中选价：无法计算预付",
    ),
]
SIGNED = {OLD_YEAR: date(2018, 12, 17), SPRING: date(2020, 4, 10)}

# number, commitment, effective on, change, new end, why
ADJUSTMENTS = [
    (4, "XY-NB-BUDGET-SIMV-C3", date(2020, 9, 1), -2_000, None, "虚构：科室撤并，预算取消"),
    (5, "XY-NB-BUDGET-XIAO-B2", date(2020, 11, 2), 0, date(2020, 12, 15), "虚构：并入总院预算，期限提前"),
    (6, "XY-NB-BUDGET-RACE-C1", date(2020, 10, 12), 0, date(2021, 6, 30), "虚构：疫情影响，期限顺延"),
    (7, "XY-GH-STENT-STENT-C3", date(2020, 12, 20), -120, None, "虚构：介入科暂停，协议取消"),
    (9, "XY-GY-2-AMOX-L3", date(2020, 12, 1), 0, date(2020, 12, 20), "虚构：已完成约定采购量，提前届满"),
    (8, "XY-4+7-KW-ROSU-L2", date(2021, 1, 15), 0, date(2021, 7, 19), "虚构：企业停产，期限顺延"),
]
# number, institution, commitment, how much, why
EXCUSES = [(7, "C3", "XY-NB-BUDGET-ATOR-C3", 300, "shortage"), (8, "L1", "XY-LC-LIMIT-ANGO-L1", 5, "emergency_supply")]


def make_budgets() -> list[Row]:
    """Rows of commitments by canonical column name."""
    return [
        {
            "commitment_id": budget.commitment_id,
            "lot_code": budget.lot,
            "item_code": budget.item,
            "institution_code": INSTITUTION[budget.institution],
            "product_code": PRODUCT[budget.product] if budget.product else "",
            "target": budget.target,
            "direction": budget.direction,
            "agreed_quantity": budget.low,
            "agreed_quantity_max": budget.high,
            "unit": "min_unit",
            "period_start": budget.period[0],
            "period_end": budget.period[1],
            "signed_on": SIGNED.get(budget.period, budget.period[0]),
            "agency_code": AGENCY[get_jurisdiction(budget.institution)],
        }
        for budget in BUDGETS
    ]
