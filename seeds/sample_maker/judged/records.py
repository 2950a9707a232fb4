"""Bases of surplus and yearly evaluations. All invented; documents too."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from seeds.sample_maker.world.budgets import PILOT, SPRING, YEAR
from seeds.sample_maker.world.parties import INSTITUTION

Row = dict[str, Any]


class Base(NamedTuple):
    """The base of a surplus: what was used (minimum units) at what price (yuan a unit), and what the fund paid of it."""

    institution: str
    lot: str
    item: str
    period: tuple[date, date]
    quantity: int
    price_before: str
    ratio: str
    ratio_before: str
    insured_share: str
    english: str
    chinese: str


BASES = [
    Base("C1", "4+7", "ATOR", PILOT, 45_000, "6.1714", "0.7", "0.75", "0.9", "the fund paid more before", "基期支付比例较高"),
    Base("C1", "4+7", "ESCI", PILOT, 9_000, "10.5", "0.7", "", "0.9", "ratio as now", "支付比例同现在"),
    Base("C1", "4+7", "MONT", PILOT, 12_000, "0.7", "0.7", "", "0.8", "spent more than the budget", "支出超出预算"),
    Base("C1", "4+7", "GEFI", PILOT, 1_100, "228", "0.75", "", "1", "every patient insured", "全部为参保患者"),
    Base("C3", "4+7", "ATOR", PILOT, 22_000, "6.1714", "0.68", "0.7", "0.95", "excused; not evaluated", "有备案；未考核"),
    Base("C3", "4+7", "ESCI", PILOT, 4_400, "10.5", "0.68", "", "0.95", "volume not met", "未完成约定采购量"),
    Base("B1", "4+7", "ATOR", PILOT, 5_000, "6.1714", "0.65", "", "1", "passed without a score", "合格而无得分"),
    Base("B2", "4+7", "MONT", PILOT, 2_000, "1.02", "0.65", "", "1", "its commitment is cancelled", "协议已取消"),
    Base("PV", "4+7", "ATOR", PILOT, 3_000, "6.1714", "0.6", "", "0.7", "without a commitment", "没有协议"),
    Base(
        "L1",
        "LC-LIMIT",
        "CLOPF",
        PILOT,
        900,
        "8.5",
        "0.6",
        "",
        "0.85",
        "nothing is selected: no price",
        "未有中选产品：没有价格",
    ),
    Base(
        "L1", "LC-ZCY", "YIMU", YEAR, 7_000, "1.9", "0.6", "", "0.85", "ends on the as-of day: no row", "截止日当天届满：不计"
    ),
    Base("C1", "GY-2", "ACAR", SPRING, 160_000, "1.6", "0.7", "", "0.9", "still runs: no row", "尚未届满：不计"),
]


class Judged(NamedTuple):
    """An evaluation; the score empty where none was given."""

    institution: str
    kind: str
    year: str
    result: str
    score: str
    decided_on: date
    english: str
    chinese: str


EVALUATIONS = [
    Judged("C1", "surplus", "2020", "pass", "85.5", date(2020, 12, 21), "above the upper step", "高于上一档"),
    Judged("B1", "surplus", "2020", "pass", "", date(2020, 12, 21), "no score: the lowest step", "无得分：按最低一档"),
    Judged("C3", "surplus", "2020", "pass", "70", date(2021, 1, 20), "decided after the as-of day", "截止日之后评定"),
    Judged("L1", "surplus", "2020", "pass", "66", date(2020, 12, 14), "above the lower step", "高于下一档"),
    Judged("C1", "rational_use", "2020", "fail", "58", date(2020, 12, 22), "failed: not protected", "不合格：不予保障"),
    Judged("C3", "rational_use", "2019", "pass", "81", date(2020, 3, 10), "of the year before", "上年考核"),
    Judged(
        "B2",
        "rational_use",
        "2020",
        "pass",
        "75",
        date(2020, 12, 22),
        "no agreement ended yet: undecided",
        "尚无届满的协议：未定",
    ),
    Judged("L2", "rational_use", "2018", "pass", "90", date(2019, 3, 5), "too old to count", "年度过早，不计"),
    Judged("L3", "rational_use", "2020", "pass", "92.5", date(2020, 12, 14), "all three: protected", "三项均符合：予以保障"),
    Judged("L4", "rational_use", "2020", "pass", "80", date(2021, 1, 20), "decided after the as-of day", "截止日之后评定"),
]
_SAVED, _USED = "示例医保考〔{}〕8号", "示例卫健评〔{}〕15号"


def make_surplus_bases() -> list[Row]:
    """Rows of surplus_bases by canonical column name."""
    return [
        {
            "institution_code": INSTITUTION[base.institution],
            "lot_code": base.lot,
            "item_code": base.item,
            "period_start": base.period[0],
            "period_end": base.period[1],
            "base_quantity": base.quantity,
            "price_before": Decimal(base.price_before),
            "fund_pay_ratio": Decimal(base.ratio),
            "fund_pay_ratio_before": Decimal(base.ratio_before) if base.ratio_before else None,
            "insured_share": Decimal(base.insured_share),
        }
        for base in BASES
    ]


def make_evaluations() -> list[Row]:
    """Rows of evaluations by canonical column name."""
    return [
        {
            "institution_code": INSTITUTION[judged.institution],
            "kind": judged.kind,
            "year": judged.year,
            "result": judged.result,
            "score": Decimal(judged.score) if judged.score else None,
            "decided_on": judged.decided_on,
            "document_no": (_SAVED if judged.kind == "surplus" else _USED).format(judged.decided_on.year),
        }
        for judged in EVALUATIONS
    ]
