"""What was granted on top of the commitments: adjustments, excuses and prepayments. All invented."""

from __future__ import annotations

from datetime import date
from typing import Any

from seeds.sample_maker.world import budgets, prepayments
from seeds.sample_maker.world.parties import INSTITUTION
from seeds.sample_maker.world.products import PRODUCT

Row = dict[str, Any]


def make_approvals() -> dict[str, list[Row]]:
    """Rows of commitment_adjustments, excuses and prepayments by canonical column name."""
    return {"commitment_adjustments": ADJUSTMENTS, "excuses": EXCUSES, "prepayments": prepayments.make_prepayments()}


def _adjust(number: int, commitment: str, on: date, delta: int, product: str, reason: str, end: date | None = None) -> Row:
    return {
        "adjustment_id": f"TZ-{number:03d}",
        "commitment_id": commitment,
        "effective_on": on,
        "delta_quantity": delta,
        "replacement_product_code": PRODUCT[product] if product else "",
        "new_period_end": end,
        "reason": reason,
        "document_no": f"示例调〔2020〕{number}号",
    }


ADJUSTMENTS = [
    _adjust(1, "XY-4+7-KW-IRBE-L2", date(2020, 9, 1), 0, "IRBE14", "虚构：中选企业停供，由替补产品继续供应"),
    _adjust(2, "XY-4+7-MONT-B2", date(2020, 5, 1), -1800, "", "虚构：分院停诊，约定量取消"),
    _adjust(3, "XY-GY-2-AMOX-L1", date(2020, 10, 1), 12_000, "", "虚构：门诊量增加"),
    *(_adjust(number, what, on, delta, "", why, end) for number, what, on, delta, end, why in budgets.ADJUSTMENTS),
]


def _excuse(number: int, kind: str, institution: str, reason: str, **columns: Any) -> Row:
    empty = dict.fromkeys(("commitment_id", "quantity", "delivery_id", "invoice_code", "invoice_no", "lot_code", "valid_to"))
    return {
        "excuse_id": f"BA-2020-{number:03d}",
        "kind": kind,
        "institution_code": INSTITUTION[institution],
        **empty,
        "valid_from": date(2020, 10, 15),
        "reason_code": reason,
        "approved_by": "虚构：审批人何某某",
        "approved_on": date(2020, 10, 12),
        "document_no": f"示例备〔2020〕{number}号",
        **columns,
    }


EXCUSES = [
    _excuse(1, "volume", "C3", "shortage", commitment_id="XY-4+7-ATOR-C3", quantity=2_600),
    _excuse(2, "volume", "L2", "shortage", commitment_id="XY-GY-2-ACAR-L2", quantity=6_000),
    _excuse(3, "payment", "L2", "quality_dispute", delivery_id="PS-DISPUTE-01"),
    _excuse(4, "payment", "C1", "invoice_dispute", invoice_code="3302204130", invoice_no="66000001"),
    _excuse(5, "two_invoice", "L1", "emergency_supply", invoice_code="3700204130", invoice_no="66000002"),
    *(_excuse(n, "volume", who, why, commitment_id=what, quantity=units) for n, who, what, units, why in budgets.EXCUSES),
    *(_excuse(n, "prepayment", who, why, lot_code=lot, valid_to=to) for n, who, lot, to, why in prepayments.EXCUSES),
]
