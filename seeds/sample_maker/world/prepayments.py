"""What the agencies prepaid for the lots, and what was excused of it. All invented.

A share is one of the amount agreed for the year; 0.30 is what is required.
"""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from seeds.sample_maker.world.agreements import make_commitments
from seeds.sample_maker.world.budgets import BUDGETS
from seeds.sample_maker.world.parties import AGENCY, INSTITUTION, get_jurisdiction
from seeds.sample_maker.world.products import PRICE, PRODUCTS_OF_ITEM, UNITS

Row = dict[str, Any]
FEN = Decimal("0.01")
PILOT, SPRING, NEXT_YEAR = date(2020, 3, 1), date(2020, 4, 20), date(2021, 1, 1)


class Grant(NamedTuple):
    """One prepayment: of a share, or of an amount where it says yuan; `paid` None = not yet."""

    institution: str
    lot: str
    start: date
    applied: date | None
    paid: date | None
    share: str
    english: str = ""
    chinese: str = ""
    yuan: str = ""


def _on(month: int, day: int, year: int = 2020) -> date:
    return date(year, month, day)


GRANTS = [
    Grant(
        "C1",
        "4+7",
        PILOT,
        _on(3, 10),
        _on(3, 20),
        "0.18",
        "two parts, the last on the last day: paid",
        "分两笔，最后一笔在期限当日：已付",
    ),
    Grant("C1", "4+7", PILOT, None, _on(3, 24), "0.12"),
    Grant(
        "C3",
        "4+7",
        PILOT,
        _on(3, 12),
        _on(3, 20),
        "0.30",
        "paid; a part taken back after the end, the rest unearned",
        "已付；期满后收回一部分，其余未抵扣",
    ),
    Grant("C3", "4+7", PILOT, None, _on(12, 15), "-0.20"),
    Grant("B1", "4+7", PILOT, _on(3, 13), _on(4, 2), "0.30", "paid late", "迟付"),
    Grant(
        "C1",
        "4+7-KW",
        SPRING,
        _on(4, 24),
        _on(5, 9),
        "0.30",
        "paid; the supplier is owed: held",
        "已付；仍欠企业货款：有结余未付货款",
    ),
    Grant("C3", "4+7-KW", SPRING, _on(4, 24), _on(5, 22), "0.30", "paid late", "迟付"),
    Grant("B1", "4+7-KW", SPRING, _on(4, 22), _on(5, 7), "0.30", "paid", "已付"),
    Grant("B2", "4+7-KW", SPRING, _on(4, 22), _on(5, 7), "0.15", "half of it", "只付一半"),
    Grant("L1", "4+7-KW", SPRING, _on(5, 6), _on(5, 18), "0.30", "applied late", "迟申请"),
    Grant("L2", "4+7-KW", SPRING, _on(5, 6), None, "0.30", "not paid, excused for this lot", "未付，本批次有备案"),
    Grant(
        "L3",
        "4+7-KW",
        SPRING,
        _on(4, 23),
        _on(5, 8),
        "0.30",
        "paid by an agency that is not on record",
        "由未登记的经办机构拨付",
    ),
    Grant(
        "HB",
        "4+7-KW",
        SPRING,
        _on(4, 24),
        _on(5, 11),
        "",
        "31,980.00 were required: a violation, the days are local",
        "应付31980.00元；期限有当地规定，故为违规",
        "20000.00",
    ),
    Grant(
        "C1",
        "GY-2",
        SPRING,
        _on(4, 27),
        _on(5, 11),
        "0.50",
        "applied a working day late, more than required",
        "迟一个工作日申请，多付",
    ),
    Grant("C3", "GY-2", SPRING, _on(4, 21), _on(4, 30), "0.30", "paid", "已付"),
    Grant("B1", "GY-2", SPRING, _on(4, 21), None, "0.30", "not paid", "未付"),
    Grant("L1", "GY-2", SPRING, _on(4, 20), _on(4, 28), "0.10", "three parts, the last late: paid late", "分三笔，末笔迟付"),
    Grant("L1", "GY-2", SPRING, None, _on(5, 6), "0.10"),
    Grant("L1", "GY-2", SPRING, None, _on(6, 1), "0.10"),
    Grant("L2", "GY-2", SPRING, _on(12, 21), None, "0.30", "applied eight months late: not due yet", "迟八个月申请：尚未到期"),
    Grant("L3", "GY-2", SPRING, _on(5, 8), _on(5, 20), "0.20", "too little; agency not on record", "少付；经办机构未登记"),
    Grant(
        "C1", "GH-STENT", NEXT_YEAR, _on(12, 28), None, "0.30", "applied before the year: not due yet", "周期前申请：尚未到期"
    ),
    Grant("L3", "4+7", PILOT, _on(3, 10), _on(3, 18), "", "no agreement behind it", "没有对应协议", "2000.00"),
]

# number, institution, lot (empty = all), until, why
EXCUSES = [
    (6, "L2", "", date(2020, 12, 31), "annual_close"),
    (9, "B1", "GY-2", None, "annual_close"),
    (10, "L3", "4+7-KW", None, "annual_close"),  # of another lot than the one that lacks money
]


def make_prepayments() -> list[Row]:
    """Rows of prepayments by canonical column name."""
    return [_make_row(number, grant) for number, grant in enumerate(GRANTS, 1)]


def _make_row(number: int, grant: Grant) -> Row:
    return {
        "agency_code": AGENCY[get_jurisdiction(grant.institution)],
        "prepayment_id": f"YF-2020-{number:03d}",
        "institution_code": INSTITUTION[grant.institution],
        "lot_code": grant.lot,
        "period_start": grant.start,
        "applied_on": grant.applied,
        "paid_on": grant.paid,
        "amount": Decimal(grant.yuan) if grant.yuan else _round(_agree(grant) * Decimal(grant.share)),
    }


def _agree(grant: Grant) -> Decimal:
    """Yuan agreed on for the year, each commitment to the fen."""
    volumes = sum(
        (
            _round(c.agreed * PRICE[product] / UNITS[product])
            for c in make_commitments()
            for product in PRODUCTS_OF_ITEM[c.lot, c.item][:1]
            if (c.institution, c.lot, c.period_start) == (grant.institution, grant.lot, grant.start)
        ),
        Decimal(0),
    )
    return volumes + sum(
        b.low
        for b in BUDGETS
        if (b.institution, b.lot, b.period[0], b.target, b.direction)
        == (grant.institution, grant.lot, grant.start, "amount", "floor")
    )


def _round(yuan: Decimal) -> Decimal:
    return yuan.quantize(FEN, ROUND_HALF_UP)
