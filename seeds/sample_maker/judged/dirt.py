"""The dirt of bases of surplus and evaluations."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from seeds.sample_maker.world.budgets import PILOT
from seeds.sample_maker.world.parties import INSTITUTION

Row = dict[str, Any]

_BASE: Row = {
    "institution_code": INSTITUTION["C1"],
    "lot_code": "4+7",
    "item_code": "ZAZ1",
    "period_start": PILOT[0],
    "period_end": PILOT[1],
    "base_quantity": 1000,
    "price_before": Decimal("2.10"),
    "fund_pay_ratio": Decimal("0.7"),
    "fund_pay_ratio_before": Decimal("0.7"),
    "insured_share": Decimal("0.9"),
}
BASES_CIXI = [
    _BASE | {"fund_pay_ratio": 70, "_dirt": "percent_for_share"},
    _BASE | {"period_start": "2020年2月30日", "_dirt": "impossible_date"},
    _BASE | {"price_before": None, "_dirt": "missing_value"},
    _BASE | {"price_before": "2.10005", "_dirt": "five_decimals"},
]
BASES_LIAOCHENG = [
    _BASE | {"lot_code": "GY-99", "_dirt": "unknown_lot"},
    _BASE | {"institution_code": "H99990000001", "_dirt": "unknown_institution"},
    _BASE | {"item_code": "", "_dirt": "empty_key"},
    _BASE | {"period_end": date(2020, 2, 29), "_dirt": "ends_first"},
    _BASE | {"item_code": "ZAZ2", "_dirt": "conflicting_key"},
    _BASE | {"item_code": "ZAZ2", "base_quantity": 2000, "_dirt": "conflicting_key"},
]

_EVALUATION: Row = {
    "institution_code": INSTITUTION["PV"],
    "kind": "rational_use",
    "year": "2020",
    "result": "pass",
    "score": Decimal(80),
    "decided_on": date(2020, 12, 22),
    "document_no": "示例卫健评〔2020〕99号",
}
EVALUATIONS_BUREAUS = [
    _EVALUATION | {"result": "良好", "_dirt": "unknown_value"},
    _EVALUATION | {"score": 105, "_dirt": "score_above_100"},
    _EVALUATION | {"year": "20", "_dirt": "bad_year"},
    _EVALUATION | {"document_no": "", "_dirt": "missing_value"},
]
EVALUATIONS_LIAOCHENG = [
    _EVALUATION | {"institution_code": INSTITUTION["L1"], "decided_on": "2020年2月30日", "_dirt": "impossible_date"},
    _EVALUATION | {"institution_code": INSTITUTION["L1"], "_dirt": "conflicting_key"},
    _EVALUATION | {"institution_code": INSTITUTION["L1"], "result": "fail", "_dirt": "conflicting_key"},
]
