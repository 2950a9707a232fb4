"""The dirt of reference prices and cases of misconduct."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from seeds.sample_maker.world.parties import COMPANY
from seeds.sample_maker.world.products import PRODUCT, UNKNOWN_PRODUCT

Row = dict[str, Any]

_PRICE: Row = {
    "kind": "listing",
    "product_code": PRODUCT["DANS5"],
    "jurisdiction_code": "3302",
    "valid_from": date(2020, 1, 1),
    "valid_to": None,
    "price": Decimal("21.80"),
    "document_no": "示例省采办〔2020〕99号",
}
PRICES_NATION = [
    _PRICE | {"kind": "零售指导价", "_dirt": "unknown_value"},
    _PRICE | {"valid_from": "2020年2月30日", "_dirt": "impossible_date"},
    _PRICE | {"valid_to": date(2019, 12, 31), "_dirt": "ends_first"},
]
PRICES_ZHEJIANG = [
    _PRICE | {"product_code": UNKNOWN_PRODUCT, "_dirt": "unknown_product"},
    _PRICE | {"price": Decimal("0.00"), "_dirt": "zero_price"},
    _PRICE | {"price": "21.80001", "_dirt": "five_decimals"},
]
PRICES_GANSU = [
    _PRICE | {"jurisdiction_code": "62", "product_code": "", "_dirt": "empty_key"},
    _PRICE | {"jurisdiction_code": "62", "_dirt": "conflicting_key"},
    _PRICE | {"jurisdiction_code": "62", "price": Decimal("22.80"), "_dirt": "conflicting_key"},
    _PRICE | {"jurisdiction_code": "6201", "price": None, "_dirt": "missing_value"},
]

_CASE: Row = {
    "case_no": "",
    "enterprise_code": COMPANY["D7"],
    "kind": "bribery",
    "amount": Decimal("60000.00"),
    "single_amount": None,
    "decided_on": date(2020, 10, 13),
    "decided_by": "浙江省示例采购机构",
    "repaired_on": None,
    "document_no": "示例评级〔2020〕99号",
}
CASES_NATION = [
    _CASE | {"case_no": "ZAJ-01", "kind": "说不清", "_dirt": "unknown_value"},
    _CASE | {"case_no": "ZAJ-02", "decided_on": "2020年2月30日", "_dirt": "impossible_date"},
    _CASE | {"case_no": "ZAJ-03", "decided_by": "", "_dirt": "missing_value"},
]
CASES_ZHEJIANG = [
    _CASE | {"case_no": "ZAJ-04", "amount": "60000.005", "_dirt": "three_decimals"},
    _CASE | {"case_no": "ZAJ-05", "amount": Decimal("0.00"), "_dirt": "zero_amount"},
]
CASES_GANSU = [
    _CASE | {"case_no": "", "_dirt": "empty_key"},
    _CASE | {"case_no": "ZAJ-06", "_dirt": "conflicting_key"},
    _CASE | {"case_no": "ZAJ-06", "amount": Decimal("600000.00"), "_dirt": "conflicting_key"},
]
