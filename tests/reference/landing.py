"""A world laid out as a landing zone: CSV files, canonical or Chinese headers, split and shuffled."""

import csv
import random
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Literal

from .rows import COLUMNS, default_of

Dialect = Literal["canonical", "chinese", "mixed"]
CHINESE_VALUES = {"ownership": {"public": "公立"}, "level": {"tertiary": "三级"}, "channel": {"offline": "线下"}}


def write_landing(
    records: dict[str, list[dict]],
    directory: Path,
    rng: random.Random,
    *,
    split: int = 1,
    shuffle: bool = False,
    dialect: Dialect = "canonical",
) -> None:
    """Write `records` as UTF-8 or (not canonical) GB18030 files `<directory>/<dataset>/<sender>/*.csv`.

    `split`: over how many files the rows of a dataset go; `shuffle`: in any order; `mixed`: header and style
    of every column by chance, defaults and the red invoice number that the remark repeats sometimes left out.
    A dataset without rows has no file.
    """
    for dataset, columns in COLUMNS.items():
        rows = list(records[dataset])
        if shuffle:
            rng.shuffle(rows)
        for n in range(split):
            part = rows[n::split]
            if part:
                path = directory / dataset / f"sender{n % 2}" / f"{dataset}_{n:02d}.csv"
                _write_file(path, dataset, columns, part, rng, dialect)


def _write_file(
    path: Path, dataset: str, columns: tuple[str, ...], rows: list[dict], rng: random.Random, dialect: Dialect
) -> None:
    chinese = {c for c in columns if dialect == "chinese" or (dialect == "mixed" and rng.random() < 0.5)}
    headers = [CHINESE_HEADERS[dataset].get(c, c) if c in chinese else c for c in columns]
    encoding = "utf-8" if dialect == "canonical" else rng.choice(("utf-8", "utf-8-sig", "gb18030"))
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file)
        writer.writerow(headers)
        for row in rows:
            if dialect == "mixed":
                row = _leave_out_some(dataset, row, rng)
            writer.writerow([_write_value(c, row[c], c in chinese) for c in columns])


def _leave_out_some(dataset: str, row: dict, rng: random.Random) -> dict:
    kept = dict(row)
    for column, value in row.items():
        default = default_of(dataset, column)
        if default is not None and value == default and rng.random() < 0.5:
            kept[column] = None
    if dataset == "invoices" and row["remark"] and rng.random() < 0.5:
        kept["red_of_invoice_no"] = None
    return kept


def _write_value(column: str, value: object, chinese: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return ("是" if value else "否") if chinese else str(int(value))
    if isinstance(value, date):
        return f"{value.year}年{value.month}月{value.day}日" if chinese else value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    text = str(value)
    return CHINESE_VALUES.get(column, {}).get(text, text) if chinese else text


CHINESE_HEADERS = {
    "institutions": {
        "institution_code": "医疗机构编码",
        "name": "医疗机构名称",
        "uscc": "统一社会信用代码",
        "jurisdiction_code": "统筹区编码",
        "ownership": "经营性质",
        "level": "机构等级",
        "is_remote": "是否特别偏远",
        "is_designated": "是否定点",
        "parent_institution_code": "总院编码",
        "responsible_person": "负责人",
    },
    "enterprises": {"enterprise_code": "企业统一社会信用代码", "name": "企业名称", "group_code": "集团编码"},
    "deemed_manufacturers": {
        "enterprise_code": "视同生产企业编码",
        "manufacturer_code": "被代表生产企业编码",
        "basis": "视同依据",
        "product_code": "医保药品编码",
        "valid_from": "生效日期",
        "valid_to": "失效日期",
    },
    "products": {
        "product_code": "医保药品编码",
        "generic_name": "通用名",
        "dosage_form": "剂型",
        "strength": "规格",
        "min_unit": "最小单位",
        "units_per_pack": "转换比",
        "manufacturer_code": "生产企业编码",
        "is_essential": "是否基药",
        "listing_price": "挂网价",
        "kind": "商品类别",
        "mah_code": "上市许可持有人编码",
        "special_category": "特殊药品类别",
        "insurance_code": "医保结算编码",
        "evaluation": "一致性评价",
        "udi_di": "UDI产品标识",
    },
    "lots": {
        "lot_code": "批次编码",
        "name": "批次名称",
        "document_no": "文号",
        "program": "项目类型",
        "category": "药品耗材类别",
        "jurisdiction_code": "行政区划代码",
    },
    "agencies": {
        "agency_code": "经办机构编码",
        "name": "经办机构名称",
        "jurisdiction_code": "统筹区编码",
        "responsible_person": "经办机构负责人",
    },
    "selections": {
        "lot_code": "批次编码",
        "item_code": "品种编码",
        "product_code": "医保药品编码",
        "selected_price": "中选价",
        "conversion_factor": "折算系数",
        "valid_from": "执行开始日期",
        "valid_to": "执行结束日期",
    },
    "commitments": {
        "commitment_id": "协议明细编号",
        "lot_code": "批次编码",
        "item_code": "品种编码",
        "institution_code": "医疗机构编码",
        "product_code": "医保药品编码",
        "agreed_quantity": "约定采购量",
        "period_start": "采购周期开始",
        "period_end": "采购周期结束",
        "unit": "约定量单位",
        "signed_on": "签约日期",
        "target": "约定方式",
        "direction": "约束方向",
        "agreed_quantity_max": "约定采购量上限",
    },
    "deliveries": {
        "charge_price": "零售价",
        "delivery_id": "配送明细编号",
        "order_line_id": "订单明细编号",
        "institution_code": "医疗机构编码",
        "distributor_code": "配送企业编码",
        "product_code": "医保药品编码",
        "batch_no": "生产批号",
        "ordered_quantity": "采购数量",
        "shipped_quantity": "配送数量",
        "received_quantity": "收货数量",
        "unit_price": "采购单价",
        "ordered_on": "下单日期",
        "shipped_on": "配送日期",
        "accepted_on": "验收合格日期",
        "invoice_code": "发票代码",
        "invoice_no": "发票号码",
        "channel": "采购渠道",
        "is_gift": "是否赠品",
        "is_emergency": "是否应急采购",
    },
    "returns": {
        "institution_code": "医疗机构编码",
        "return_id": "退货明细编号",
        "delivery_id": "配送明细编号",
        "returned_quantity": "退货数量",
        "returned_on": "退货日期",
        "status": "退货状态",
    },
    "invoices": {
        "invoice_code": "发票代码",
        "invoice_no": "发票号码",
        "line_no": "行号",
        "seller_code": "销方识别号",
        "buyer_code": "购方识别号",
        "issued_on": "开票日期",
        "product_code": "医保药品编码",
        "batch_no": "生产批号",
        "quantity": "数量",
        "amount": "价税合计",
        "remark": "备注",
        "red_of_invoice_no": "被红冲发票号码",
        "status": "发票状态",
        "red_of_invoice_code": "被红冲发票代码",
    },
    "payments": {
        "payment_id": "付款单号",
        "line_no": "行号",
        "institution_code": "医疗机构编码",
        "payee_code": "收款企业编码",
        "paid_on": "付款日期",
        "amount": "付款金额",
        "invoice_code": "发票代码",
        "invoice_no": "发票号码",
        "reverses_payment_id": "被冲付款单号",
        "channel": "支付渠道",
    },
    "prepayments": {
        "prepayment_id": "预付单号",
        "agency_code": "经办机构编码",
        "institution_code": "医疗机构编码",
        "applied_on": "申请日期",
        "paid_on": "拨付日期",
        "amount": "预付金额",
        "lot_code": "批次编码",
        "period_start": "采购周期开始",
    },
    "commitment_adjustments": {
        "adjustment_id": "调整单号",
        "commitment_id": "协议明细编号",
        "effective_on": "生效日期",
        "delta_quantity": "调整数量",
        "replacement_product_code": "替补产品编码",
        "new_period_end": "调整后采购周期结束",
        "reason": "调整原因",
        "document_no": "文号",
    },
    "substitutes": {"lot_code": "批次编码", "item_code": "品种编码", "product_code": "医保药品编码"},
    "excuses": {
        "excuse_id": "备案编号",
        "kind": "备案类型",
        "institution_code": "医疗机构编码",
        "commitment_id": "协议明细编号",
        "delivery_id": "配送明细编号",
        "invoice_no": "发票号码",
        "quantity": "数量",
        "valid_from": "生效日期",
        "valid_to": "失效日期",
        "reason_code": "原因编码",
        "approved_by": "审批人",
        "document_no": "文号",
        "invoice_code": "发票代码",
        "lot_code": "批次编码",
    },
    "blacklist": {
        "enterprise_code": "企业统一社会信用代码",
        "listed_on": "列入日期",
        "delisted_on": "移出日期",
        "grade": "失信等级",
        "reason": "列入原因",
        "document_no": "文号",
        "jurisdiction_code": "统筹区编码",
    },
    "reference_prices": {
        "kind": "价格类型",
        "product_code": "医保药品编码",
        "jurisdiction_code": "统筹区编码",
        "valid_from": "生效日期",
        "valid_to": "失效日期",
        "price": "参考价格",
        "document_no": "文号",
    },
    "misconduct": {
        "case_no": "案件编号",
        "enterprise_code": "企业统一社会信用代码",
        "kind": "案由",
        "amount": "涉案金额",
        "single_amount": "单笔金额",
        "decided_on": "评级日期",
        "decided_by": "认定机关",
        "repaired_on": "修复日期",
        "document_no": "文号",
    },
    "surplus_bases": {
        "institution_code": "医疗机构编码",
        "lot_code": "批次编码",
        "item_code": "品种编码",
        "period_start": "采购周期开始",
        "period_end": "采购周期结束",
        "base_quantity": "测算基期用量",
        "price_before": "集采前价格",
        "fund_pay_ratio": "统筹基金支付比例",
        "fund_pay_ratio_before": "基期统筹基金支付比例",
        "insured_share": "参保人用量占比",
    },
    "evaluations": {
        "institution_code": "医疗机构编码",
        "kind": "考核类型",
        "year": "年度",
        "result": "结果",
        "score": "得分",
        "decided_on": "评定日期",
        "document_no": "文号",
    },
    "catalogue_entries": {
        "list": "目录类别",
        "code": "医保药品编码",
        "jurisdiction_code": "统筹区编码",
        "valid_from": "生效日期",
        "valid_to": "失效日期",
        "document_no": "文号",
    },
    "usages": {
        "institution_code": "医疗机构编码",
        "usage_id": "使用流水号",
        "product_code": "医保药品编码",
        "kind": "使用类型",
        "used_on": "使用日期",
        "quantity": "数量",
        "amount": "金额",
        "settlement": "结算方式",
        "settlement_code": "医保结算编码",
    },
    "trace_scans": {
        "institution_code": "医疗机构编码",
        "scan_id": "扫码流水号",
        "trace_code": "追溯码",
        "event": "扫码类型",
        "scanned_on": "扫码日期",
        "product_code": "医保药品编码",
        "batch_no": "生产批号",
        "delivery_id": "配送明细编号",
        "packs_per_code": "包装级转换数",
    },
}
