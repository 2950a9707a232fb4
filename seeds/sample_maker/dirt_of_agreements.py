"""The dirt of what is agreed and granted: agencies, caps and bands, adjustments, excuses, prepayments."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from seeds.sample_maker.world.parties import AGENCY, INSTITUTION
from seeds.sample_maker.world.products import PRODUCT

Row = dict[str, Any]

_AGENCY: Row = {"name": "示例医保服务中心", "responsible_person": "严某某"}
AGENCIES = [
    _AGENCY | {"agency_code": "JB3715", "jurisdiction_code": "3715", "_dirt": "bad_division"},
    _AGENCY | {"agency_code": "JB371521", "jurisdiction_code": "371521", "name": "", "_dirt": "missing_value"},
]

_LIMIT: Row = {
    "lot_code": "LC-LIMIT",
    "item_code": "OXYT",
    "institution_code": INSTITUTION["L1"],
    "product_code": PRODUCT["OXYT10"],
    "target": "amount",
    "direction": "band",
    "agreed_quantity": 2_000,
    "agreed_quantity_max": None,
    "unit": "min_unit",
    "period_start": date(2020, 1, 1),
    "period_end": date(2020, 12, 31),
    "signed_on": date(2020, 1, 1),
    "agency_code": AGENCY["371500"],
}
LIMITS = [
    _LIMIT | {"commitment_id": "ZY-BAND-01", "_dirt": "no_upper_end"},
    _LIMIT | {"commitment_id": "ZY-BAND-02", "agreed_quantity_max": 1_500, "_dirt": "narrow_band"},
    _LIMIT | {"commitment_id": "ZY-BAND-03", "direction": "大概", "agreed_quantity_max": 3_000, "_dirt": "unknown_value"},
]

_ADJUSTMENT: Row = {
    "commitment_id": "XY-GY-2-AMOX-L1",
    "effective_on": date(2020, 11, 2),
    "delta_quantity": 0,
    "replacement_product_code": "",
    "new_period_end": None,
    "reason": "虚构：期限调整",
    "document_no": "示例调〔2020〕99号",
}
ADJUSTMENTS = [
    _ADJUSTMENT | {"adjustment_id": "ZTZ-01", "new_period_end": "2021年2月30日", "_dirt": "impossible_date"},
    _ADJUSTMENT | {"adjustment_id": "ZTZ-02", "commitment_id": "XY-NOWHERE", "_dirt": "unknown_commitment"},
]

EXCUSES: list[Row] = [
    {
        "excuse_id": "ZBA-01",
        "kind": "prepayment",
        "institution_code": INSTITUTION["L3"],
        "lot_code": "GY-99",
        "valid_from": date(2020, 10, 15),
        "reason_code": "annual_close",
        "approved_by": "虚构：审批人何某某",
        "approved_on": date(2020, 10, 12),
        "document_no": "示例备〔2020〕99号",
        "_dirt": "unknown_lot",
    }
]

_PREPAYMENT: Row = {
    "agency_code": AGENCY["371500"],
    "institution_code": INSTITUTION["L1"],
    "lot_code": "4+7-KW",
    "period_start": date(2020, 4, 20),
    "applied_on": date(2020, 4, 22),
    "paid_on": date(2020, 5, 6),
    "amount": Decimal("1200.00"),
}
PREPAYMENTS = [
    _PREPAYMENT | {"prepayment_id": "ZYF-01", "amount": Decimal("0.00"), "_dirt": "zero_amount"},
    _PREPAYMENT | {"prepayment_id": "ZYF-02", "amount": "1,200.005", "_dirt": "three_decimals"},
    _PREPAYMENT | {"prepayment_id": "ZYF-03", "lot_code": "GY-99", "_dirt": "unknown_lot"},
    _PREPAYMENT | {"prepayment_id": "ZYF-04", "paid_on": "2020-02-30", "_dirt": "impossible_date"},
    _PREPAYMENT | {"prepayment_id": "", "_dirt": "empty_key"},
]
