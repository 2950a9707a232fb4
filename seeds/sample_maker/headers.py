"""The headers the sample's files use: Chinese export headers and the platform's interface fields, by dataset."""

from __future__ import annotations

from seeds.sample_maker.platform_fields import PLATFORM

CHINESE: dict[str, dict[str, str]] = {
    "institutions": {
        "institution_code": "医疗机构编码",
        "name": "医疗机构名称",
        "uscc": "统一社会信用代码",
        "jurisdiction_code": "行政区划代码",
        "ownership": "经营性质",
        "level": "医院等级",
        "is_remote": "是否特别偏远",
        "is_designated": "是否定点",
        "parent_institution_code": "总院编码",
        "responsible_person": "负责人",
    },
    "agencies": {
        "agency_code": "经办机构编码",
        "name": "经办机构名称",
        "jurisdiction_code": "行政区划代码",
        "responsible_person": "负责人",
    },
    "products": {
        "product_code": "国家医保编码",
        "kind": "商品类别",
        "generic_name": "药品通用名",
        "dosage_form": "剂型",
        "strength": "规格",
        "min_unit": "最小单位",
        "units_per_pack": "转换比",
        "manufacturer_code": "生产企业编码",
        "listing_price": "挂网价",
        "udi_di": "UDI-DI",
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
        "lot_code": "采购批次编码",
        "item_code": "目录编码",
        "institution_code": "医疗机构编码",
        "product_code": "医保编码",
        "target": "考核方式",
        "direction": "约束方向",
        "agreed_quantity": "约定采购量",
        "agreed_quantity_max": "约定采购量上限",
        "unit": "约定量单位",
        "period_start": "协议开始日期",
        "period_end": "协议结束日期",
        "signed_on": "签约日期",
        "agency_code": "经办机构编码",
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
    "deliveries": {
        "institution_code": "医疗机构编码",
        "delivery_id": "收货明细编号",
        "order_line_id": "订单明细编号",
        "distributor_code": "配送企业编码",
        "product_code": "国家医保编码",
        "batch_no": "批号",
        "ordered_quantity": "采购数量",
        "shipped_quantity": "发货数量",
        "received_quantity": "入库数量",
        "unit_price": "采购价",
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
        "return_id": "退货单号",
        "delivery_id": "收货明细编号",
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
        "batch_no": "批号",
        "quantity": "数量",
        "amount": "价税合计",
        "red_of_invoice_code": "原蓝字发票代码",
        "red_of_invoice_no": "被红冲发票号码",
        "remark": "备注",
        "status": "发票状态",
    },
    "payments": {
        "institution_code": "付款单位编码",
        "payment_id": "付款单号",
        "line_no": "行号",
        "payee_code": "收款企业编码",
        "paid_on": "付款日期",
        "amount": "付款金额",
        "reverses_payment_id": "被冲付款单号",
        "invoice_code": "发票代码",
        "invoice_no": "发票号码",
        "channel": "支付渠道",
    },
    "prepayments": {
        "agency_code": "经办机构编码",
        "prepayment_id": "预付单号",
        "institution_code": "医疗机构编码",
        "lot_code": "批次编码",
        "period_start": "采购周期开始",
        "applied_on": "申请日期",
        "paid_on": "拨付日期",
        "amount": "预付金额",
    },
    "excuses": {
        "excuse_id": "备案编号",
        "kind": "备案类型",
        "institution_code": "医疗机构编码",
        "commitment_id": "协议明细编号",
        "quantity": "数量",
        "delivery_id": "配送明细编号",
        "invoice_code": "发票代码",
        "invoice_no": "发票号码",
        "lot_code": "批次编码",
        "valid_from": "生效日期",
        "valid_to": "失效日期",
        "reason_code": "原因编码",
        "approved_by": "审批人",
        "approved_on": "approved_on",
        "document_no": "文号",
    },
    "blacklist": {
        "enterprise_code": "企业编码",
        "listed_on": "列入日期",
        "delisted_on": "移出日期",
        "grade": "失信等级",
        "reason": "列入原因",
        "document_no": "文号",
    },
    "catalogue_entries": {
        "list": "目录名称",
        "code": "医保药品编码",
        "jurisdiction_code": "统筹区编码",
        "valid_from": "生效日期",
        "valid_to": "失效日期",
        "document_no": "文号",
    },
    "usages": {
        "institution_code": "医疗机构编码",
        "usage_id": "发药流水号",
        "product_code": "国家医保编码",
        "kind": "发药类型",
        "used_on": "发药日期",
        "quantity": "发药数量",
        "amount": "金额",
        "settlement": "结算方式",
        "settlement_code": "医保结算编码",
    },
    "trace_scans": {
        "institution_code": "医疗机构编码",
        "scan_id": "扫码流水号",
        "trace_code": "药品追溯码",
        "event": "采集类型",
        "scanned_on": "采集日期",
        "product_code": "医保编码",
        "batch_no": "生产批号",
        "packs_per_code": "包装级转换数",
    },
}


def chinese(dataset: str, *without: str, **extra: str) -> dict[str, str]:
    """Header → column of a Chinese export; `extra` adds unknown headers, each standing for itself."""
    return _turn(CHINESE[dataset], without) | extra


def platform(dataset: str, *without: str, **extra: str) -> dict[str, str]:
    """Header → column of an export of the procurement platform."""
    return _turn(PLATFORM[dataset], without) | extra


def canonical(*columns: str) -> dict[str, str]:
    """Header → column where both are the canonical English name."""
    return {column: column for column in columns}


def _turn(table: dict[str, str], without: tuple[str, ...]) -> dict[str, str]:
    return {header: column for column, header in table.items() if column not in without}
