"""The dirt: rows that must be rejected, flagged, recognized as repeats or replaced. None of the clean world needs them.

A dirty row carries `_dirt` (a key of `KINDS`); rows and files of the same name end up in the README with their line.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from seeds.sample_maker.world.parties import COMPANY, INSTITUTION, INVALID_USCC, UNKNOWN_COMPANY
from seeds.sample_maker.world.products import PRODUCT, UNKNOWN_PRODUCT

Row = dict[str, Any]

# kind: what becomes of it, English, Chinese
KINDS: dict[str, tuple[str, str, str]] = {
    "ruined_number": ("rejected", "invoice number 2.6332E+19, ruined by Excel", "发票号码 2.6332E+19，被 Excel 损坏"),
    "zeros_after_15": ("rejected", "20-digit number with zeros after the 15th", "20 位号码第 15 位之后全为 0"),
    "too_many_fields": ("rejected", "more fields than the header", "字段多于表头"),
    "too_few_fields": ("rejected", "fewer fields than the header", "字段少于表头"),
    "impossible_date": ("rejected", "2020-02-30 does not exist", "2020-02-30 不存在"),
    "three_decimals": ("rejected", "amount with three decimals", "金额有三位小数"),
    "unknown_institution": ("rejected", "institution not on record", "机构未登记"),
    "unknown_product": ("rejected", "product not on record", "产品未登记"),
    "unknown_delivery": ("rejected", "return of a delivery not on record", "退货所指的收货明细不存在"),
    "unknown_lot": ("rejected", "lot not on record", "批次未登记"),
    "conflicting_key": ("rejected", "one key with two contents in one file", "同一文件内同一主键内容不同"),
    "negative_received": ("rejected", "negative received quantity", "收货数量为负"),
    "accepted_unquantified": ("rejected", "accepted without a received quantity", "已验收但无收货数量"),
    "zero_amount": ("rejected", "amount 0", "金额为 0"),
    "nameless_reversal": ("rejected", "reversal that names no payment", "冲销未写明被冲付款单"),
    "empty_key": ("rejected", "empty key", "主键为空"),
    "unknown_value": ("rejected", "unknown enumeration value", "枚举值无法识别"),
    "missing_value": ("rejected", "required value empty", "必填项为空"),
    "unknown_commitment": ("rejected", "adjustment of a commitment not on record", "调整所指的协议未登记"),
    "bad_division": ("rejected", "division code of four digits", "行政区划代码只有四位"),
    "narrow_band": ("rejected", "upper end of a band below its lower end", "区间上限低于下限"),
    "no_upper_end": ("rejected", "a band without its upper end", "区间未填上限"),
    "zero_units": ("rejected", "units per pack 0", "转换比为 0"),
    "zero_quantity": ("rejected", "quantity 0", "数量为 0"),
    "zero_price": ("rejected", "price 0", "价格为 0"),
    "five_decimals": ("rejected", "price with five decimals", "价格有五位小数"),
    "ends_first": ("rejected", "last day before the first", "失效日期早于生效日期"),
    "percent_for_share": ("rejected", "a share in percent", "占比填成了百分数"),
    "score_above_100": ("rejected", "a score above 100", "得分超过 100"),
    "bad_year": ("rejected", "a year of two digits", "年度只有两位"),
    "repeat": ("duplicate", "identical repeat within the file", "同一文件内完全重复"),
    "red_on_two_sheets": ("duplicate", "the same red row on a second sheet", "同一红字行出现在两个工作表"),
    "unknown_company": ("accepted, warning", "company not on record", "企业未登记"),
    "unknown_agency": ("accepted, warning", "agency not on record", "经办机构未登记"),
    "invalid_uscc": ("accepted, warning", "USCC with a wrong check character", "统一社会信用代码校验位错误"),
    "odd_product_code": ("accepted, warning", "code of an unknown family", "编码不属于已知类别"),
    "stray_reversal": ("accepted, reported", "reversal of a payment that does not exist", "所冲付款单不存在"),
    "no_batch": ("accepted", "batch is 无", "批号为“无”"),
    "odd_expiry": ("accepted", "expiry 2088-12-31 in an unknown column", "未知列“有效期至”为 2088-12-31"),
    "superseded": ("accepted, replaced", "corrected by a later file", "被后一文件更正"),
    "correction": ("accepted", "corrects a row of an earlier file", "更正前一文件的记录"),
    "to_be_withdrawn": ("accepted, withdrawn", "withdrawn by a later file", "被后一文件撤回"),
    "withdrawal": ("accepted", "withdraws a row of an earlier file", "撤回前一文件的记录"),
    "scaled_unit": ("file refused", "header in 万元", "表头以万元为单位"),
    "missing_column": ("file refused", "a required column is missing", "缺少必需的列"),
    "no_header": ("sheet listed", "a sheet without a header", "工作表没有表头"),
}

_DELIVERY: Row = {
    "institution_code": INSTITUTION["C1"],
    "delivery_id": "",
    "order_line_id": "",
    "distributor_code": COMPANY["D1"],
    "product_code": PRODUCT["XIAO10"],
    "batch_no": "SX9001",
    "ordered_quantity": 10,
    "shipped_quantity": 10,
    "received_quantity": 10,
    "unit_price": Decimal("6.90"),
    "ordered_on": date(2020, 8, 3),
    "shipped_on": date(2020, 8, 5),
    "accepted_on": date(2020, 8, 6),
    "invoice_code": "",
    "invoice_no": "",
    "channel": "platform",
    "is_gift": False,
    "is_emergency": False,
    "trace_codes_count": None,
    "charge_price": None,
}
_INVOICE: Row = {
    "invoice_code": "3700204130",
    "invoice_no": "",
    "line_no": 1,
    "seller_code": COMPANY["D3"],
    "buyer_code": INSTITUTION["L3"],
    "issued_on": date(2020, 8, 5),
    "product_code": PRODUCT["XIAO10"],
    "batch_no": "SX9001",
    "quantity": 10,
    "amount": Decimal("69.00"),
    "red_of_invoice_code": "",
    "red_of_invoice_no": "",
    "remark": "",
    "status": "normal",
}
_PAYMENT: Row = {
    "institution_code": INSTITUTION["C1"],
    "payment_id": "",
    "line_no": 1,
    "payee_code": COMPANY["D1"],
    "paid_on": date(2020, 9, 8),
    "amount": Decimal("69.00"),
    "reverses_payment_id": "",
    "invoice_code": "",
    "invoice_no": "",
    "channel": "hospital",
}
_RETURN: Row = {
    "institution_code": INSTITUTION["C1"],
    "return_id": "",
    "delivery_id": "",
    "returned_quantity": 1,
    "returned_on": date(2020, 9, 1),
    "status": "confirmed",
}


def delivery(kind: str, name: str, **columns: Any) -> Row:
    """A dirty delivery `ZD-<name>`."""
    return _DELIVERY | {"delivery_id": f"ZD-{name}", "order_line_id": f"ZO-{name}", "_dirt": kind} | columns


def invoice(kind: str, number: str, **columns: Any) -> Row:
    """A dirty invoice line."""
    return _INVOICE | {"invoice_no": number, "_dirt": kind} | columns


def payment(kind: str, name: str, **columns: Any) -> Row:
    """A dirty payment `ZP-<name>`."""
    return _PAYMENT | {"payment_id": f"ZP-{name}", "_dirt": kind} | columns


def goods_return(kind: str, name: str, **columns: Any) -> Row:
    """A dirty return `ZT-<name>`."""
    return _RETURN | {"return_id": f"ZT-{name}", "_dirt": kind} | columns


def spread(clean: list[Row], dirt: list[Row], *, repeat: int | None = None) -> list[Row]:
    """The clean rows with the dirty ones evenly among them, and the row at `repeat` once more at the end."""
    mixed = list(clean)
    for place, row in reversed(list(enumerate(dirt, 1))):
        mixed.insert(len(clean) * place // (len(dirt) + 1), row)
    return mixed if repeat is None else [*mixed, clean[repeat] | {"_dirt": "repeat"}]


ZHEJIANG_FIRST_HALF = [
    delivery("impossible_date", "DATE-01", accepted_on="2020-02-30 09:00:00"),
    delivery("unknown_institution", "INSTITUTION-01", institution_code="H33028209999"),
    delivery("too_many_fields", "FIELDS-01", _fields=2),
    delivery("too_few_fields", "FIELDS-02", _fields=-4),
    delivery("ruined_number", "RUINED-01", invoice_no="2.6332E+19"),
]
ZHEJIANG_SECOND_HALF = [
    delivery("negative_received", "NEGATIVE-01", received_quantity=-10),
    delivery("accepted_unquantified", "UNQUANTIFIED-01", received_quantity=None),
    delivery("accepted_unquantified", "UNQUANTIFIED-02", received_quantity=None),
    delivery("conflicting_key", "CONFLICT-01"),
    delivery("conflicting_key", "CONFLICT-01", received_quantity=100, ordered_quantity=100),
    delivery("unknown_value", "CHANNEL-01", channel="微信群"),
    delivery("to_be_withdrawn", "WITHDRAWN-01", received_quantity=5000, ordered_quantity=5000),
]
WITHDRAWAL = delivery("withdrawal", "WITHDRAWN-01", received_quantity=5000, ordered_quantity=5000, is_withdrawn=True)
PRIVATE = [
    delivery("empty_key", "", delivery_id="", institution_code=INSTITUTION["PV"]),
    delivery("negative_received", "NEGATIVE-02", received_quantity=-3, institution_code=INSTITUTION["PV"]),
]
LIAOCHENG = [
    delivery("unknown_product", "PRODUCT-01", product_code=UNKNOWN_PRODUCT, institution_code=INSTITUTION["L3"]),
    delivery("unknown_product", "PRODUCT-02", product_code=UNKNOWN_PRODUCT, institution_code=INSTITUTION["L2"]),
    delivery("too_few_fields", "FIELDS-03", institution_code=INSTITUTION["L3"], _fields=-1),
    delivery("too_many_fields", "FIELDS-04", institution_code=INSTITUTION["L3"], _fields=1),
    delivery(
        "unknown_company",
        "COMPANY-01",
        distributor_code=UNKNOWN_COMPANY,
        institution_code=INSTITUTION["L2"],
        received_quantity=1,
        ordered_quantity=1,
        shipped_quantity=1,
    ),
    delivery("impossible_date", "DATE-02", ordered_on="2020/2/30", institution_code=INSTITUTION["L2"]),
    delivery("ruined_number", "RUINED-02", invoice_no="2.6332E+19", institution_code=INSTITUTION["L2"]),
]
RETURNS_ZHEJIANG = [
    goods_return("unknown_delivery", "DELIVERY-01", delivery_id="PS-NOWHERE-01"),
    goods_return("unknown_delivery", "DELIVERY-02", delivery_id="PS-NOWHERE-02"),
    goods_return("unknown_value", "STATUS-01", delivery_id="PS-VOIDED-01", status="不清楚"),
]
INVOICES_ZHEJIANG = [
    invoice("ruined_number", "2.6332E+19", invoice_code="", buyer_code=INSTITUTION["C1"]),
    invoice("three_decimals", "67000002", amount="69.005", buyer_code=INSTITUTION["C1"]),
    invoice("three_decimals", "67000003", amount="1,069.125", buyer_code=INSTITUTION["C1"]),
]
INVOICES_LIAOCHENG = [
    invoice("unknown_value", "67000011", status="待查"),
    invoice("conflicting_key", "67000012"),
    invoice("conflicting_key", "67000012", quantity=11, amount=Decimal("75.90")),
    invoice("too_few_fields", "67000013", _fields=-2),
    invoice("unknown_product", "67000014", product_code=UNKNOWN_PRODUCT),
    invoice("empty_key", ""),
]
INVOICES_20_DIGITS = [
    invoice("zeros_after_15", "20372000000123400000", invoice_code=""),
    invoice("zeros_after_15", "20372000000567800000", invoice_code=""),
]
INVOICES_COMPANIES = [
    invoice("unknown_company", "67000021", invoice_code="5000204130", seller_code=UNKNOWN_COMPANY, buyer_code=COMPANY["D7"]),
    invoice("missing_value", "67000022", invoice_code="5000204130", quantity=None, buyer_code=COMPANY["D3"]),
]
PAYMENTS_CIXI = [
    payment("zero_amount", "ZERO-01", amount=Decimal("0.00")),
    payment("zero_amount", "ZERO-02", amount=Decimal("0.00")),
    payment("three_decimals", "DECIMALS-01", amount="100.125"),
    payment("nameless_reversal", "REVERSAL-01", amount=Decimal("-69.00")),
    payment("nameless_reversal", "REVERSAL-02", amount=Decimal("-10.00")),
    payment("stray_reversal", "REVERSAL-03", amount=Decimal("-69.00"), reverses_payment_id="FK-NOWHERE"),
    payment("empty_key", "", payment_id=""),
]
PAYMENTS_LIAOCHENG_HOSPITAL = [
    payment("ruined_number", "RUINED-01", invoice_no=2.6332e19, institution_code=INSTITUTION["L1"]),
    payment("unknown_institution", "INSTITUTION-01", institution_code="H37150099999"),
    payment("impossible_date", "DATE-01", paid_on="2020年2月30日", institution_code=INSTITUTION["L1"]),
]
PAYMENTS_LIAOCHENG_PLATFORM = [
    payment("zeros_after_15", "RUINED-02", invoice_no="20372000000123400000", institution_code=INSTITUTION["L2"]),
    payment("too_many_fields", "FIELDS-01", institution_code=INSTITUTION["L2"], _fields=1),
]
IN_TEN_THOUSANDS = [
    payment("scaled_unit", f"WAN-{n}", amount=Decimal("1.25"), institution_code=INSTITUTION["L2"]) for n in (1, 2)
]
WITHOUT_ORDER_DATE = [delivery("missing_column", f"NODATE-{n}", institution_code=INSTITUTION["L3"]) for n in (1, 2, 3)]
ENTERPRISES = [{"enterprise_code": INVALID_USCC, "name": "示例校验位错误的公司", "group_code": "", "_dirt": "invalid_uscc"}]
_PRODUCT: Row = {
    "kind": "drug",
    "generic_name": "示例饮片",
    "dosage_form": "",
    "strength": "",
    "min_unit": "克",
    "units_per_pack": 500,
    "manufacturer_code": COMPANY["M6"],
    "mah_code": "",
    "special_category": "tcm_decoction",
    "is_essential": False,
    "is_key_monitored": False,
    "listing_price": Decimal("45.00"),
    "insurance_code": "",
    "evaluation": "none",
    "udi_di": "",
}
PRODUCTS = [
    _PRODUCT | {"product_code": "T001500123", "_dirt": "odd_product_code"},
    _PRODUCT | {"product_code": "T001500124", "units_per_pack": 0, "_dirt": "zero_units"},
]
_INSTITUTION: Row = {
    "institution_code": "H33028200999",
    "name": "示例合资医院",
    "uscc": "",
    "jurisdiction_code": "330282",
    "ownership": "private",
    "level": "secondary",
    "is_remote": False,
    "is_designated": True,
    "parent_institution_code": "",
    "responsible_person": "褚某某",
    "_dirt": "unknown_value",
}
INSTITUTIONS = [
    _INSTITUTION | {"ownership": "说不清"},
    _INSTITUTION | {"institution_code": "H33028200998", "name": "示例半定点医院", "is_designated": "一半"},
]
