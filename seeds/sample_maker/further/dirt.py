"""The dirt of catalogues, usages and trace scans."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from seeds.sample_maker.world.parties import INSTITUTION
from seeds.sample_maker.world.products import PRODUCT, UNKNOWN_PRODUCT

Row = dict[str, Any]

_ENTRY: Row = {
    "list": "essential",
    "code": PRODUCT["RACE9"],
    "jurisdiction_code": "3302",
    "valid_from": date(2020, 1, 1),
    "valid_to": None,
    "document_no": "示例目录〔2020〕99号",
}
ENTRIES = [
    _ENTRY | {"valid_to": date(2019, 6, 30), "_dirt": "ends_first"},
    _ENTRY | {"list": "常用药品", "code": PRODUCT["LEVE30"], "_dirt": "unknown_value"},
    _ENTRY | {"valid_from": "2020年2月30日", "code": PRODUCT["SIMV20"], "_dirt": "impossible_date"},
    _ENTRY | {"code": PRODUCT["CLOP7N"], "document_no": "", "_dirt": "missing_value"},
]

_USAGE: Row = {
    "institution_code": INSTITUTION["C1"],
    "product_code": PRODUCT["AMLO14N"],
    "kind": "dispensed",
    "used_on": date(2020, 9, 9),
    "quantity": 2_800,
    "amount": Decimal("1960.00"),
    "settlement": "fund",
    "settlement_code": PRODUCT["AMLO14N"],
}
USAGES_HOSPITAL = [
    _USAGE | {"usage_id": "ZFY-01", "product_code": UNKNOWN_PRODUCT, "_dirt": "unknown_product"},
    _USAGE | {"usage_id": "ZFY-02", "used_on": "2020-06-31", "_dirt": "impossible_date"},
    _USAGE | {"usage_id": "ZFY-03", "quantity": 0, "_dirt": "zero_quantity"},
    _USAGE | {"usage_id": "ZFY-04", "amount": "1960.005", "_dirt": "three_decimals"},
]
USAGES_LIAOCHENG = [
    _USAGE | {"usage_id": "ZFY-05", "institution_code": "H37150099999", "_dirt": "unknown_institution"},
    _USAGE | {"usage_id": "", "institution_code": INSTITUTION["L1"], "_dirt": "empty_key"},
    _USAGE | {"usage_id": "ZFY-06", "institution_code": INSTITUTION["L1"], "settlement": "说不清", "_dirt": "unknown_value"},
]

_SCAN: Row = {
    "institution_code": INSTITUTION["C1"],
    "trace_code": "84500170000009990017",
    "event": "dispensed",
    "scanned_on": date(2020, 9, 9),
    "product_code": PRODUCT["RABI1"],
    "batch_no": "",
    "delivery_id": "",
    "packs_per_code": 1,
}
SCANS_CIXI = [
    _SCAN | {"scan_id": "ZSM-01", "product_code": UNKNOWN_PRODUCT, "_dirt": "unknown_product"},
    _SCAN | {"scan_id": "ZSM-02", "scanned_on": "2020-11-31 09:10:00", "_dirt": "impossible_date"},
    _SCAN | {"scan_id": "ZSM-03", "trace_code": "", "_dirt": "missing_value"},
    _SCAN | {"scan_id": "ZSM-04", "_dirt": "conflicting_key"},
    _SCAN | {"scan_id": "ZSM-04", "event": "taken_back", "_dirt": "conflicting_key"},
]
SCANS_ELSEWHERE = [
    _SCAN | {"scan_id": "ZSM-05", "institution_code": INSTITUTION["PH"], "event": "丢失", "_dirt": "unknown_value"},
    _SCAN | {"scan_id": "ZSM-06", "institution_code": INSTITUTION["L1"], "packs_per_code": 0, "_dirt": "zero_quantity"},
]
