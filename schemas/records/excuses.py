"""Excuses: the register of approved justifications (正当理由)."""

import polars as pl

from schemas.records.examples import DOCUMENT
from schemas.records.model import MOST_UNITS, Code, Day, Quantity, Record, Text, column, rule
from schemas.records.one_invoice import ONE_INVOICE, names_one_invoice
from schemas.spellings import EXCUSES


class Excuses(Record):
    """An approved excuse (慈政办发〔2020〕68号 二(一)2: 无正当理由). Strict figures ignore it."""

    class Config:
        """Chinese name."""

        title = "正当理由备案"

    excuse_id: Code = column("code", "备案编号", key=True, required=True, example="BA-2020-0001", description="Its number.")
    kind: Text = column("enum", "备案类型", required=True, values=EXCUSES, description="What it excuses.")
    institution_code: Code = column(
        "code", "医疗机构编码", "medinsCode", required=True, refers="institutions", description="Whom it excuses."
    )
    commitment_id: Code = column(
        "code", "协议明细编号|合同明细编号", refers="commitments", description="Volume: the commitment."
    )
    quantity: Quantity = column(
        "quantity", "数量", most=MOST_UNITS, unit="minimum units", ge=0, example="500", description="Volume: how much."
    )
    delivery_id: Code = column(
        "code", "配送明细编号", "shpId", refers="deliveries", example="", description="Payment: the delivery line."
    )
    invoice_code: Code = column("code", "发票代码", default="", description="With invoice_no.")
    invoice_no: Code = column(
        "code", "发票号码|数电发票号码", description="Payment: all payables of the invoice. Two-invoice: the invoice."
    )
    lot_code: Code = column(
        "code", "批次编码|采购批次编码", refers="lots", example="", description="Prepayment: the lot; empty = all of them."
    )
    valid_from: Day = column("day", "生效日期", required=True, description="Counts once valid_from ≤ as_of.")
    valid_to: Day = column(
        "day", "失效日期", example="2020-06-30", description="Limits it to what ended, was accepted or was issued by that day."
    )
    reason_code: Text = column(
        "text", "原因编码|正当理由", required=True, example="中选企业停产断供", description="The reason."
    )
    approved_by: Text = column("text", "审批人", required=True, example="示例市医疗保障局", description="Who approved.")
    approved_on: Day = column("day", "审批日期|批准日期", description="When.")
    document_no: Text = column("text", "文号", required=True, example=DOCUMENT, description="The document.")

    @rule("采购量备案必须填写协议明细编号和数量；货款备案必须填写配送明细编号或发票号码；两票制备案必须填写发票号码")
    def names_what_it_excuses(cls) -> pl.Expr:
        """An excuse that names nothing excuses nothing."""
        volume = pl.col("commitment_id").is_not_null() & pl.col("quantity").is_not_null()
        payment = pl.col("delivery_id").is_not_null() | pl.col("invoice_no").is_not_null()
        return (
            pl.when(pl.col("kind") == "volume")
            .then(volume)
            .when(pl.col("kind") == "payment")
            .then(payment)
            .when(pl.col("kind") == "two_invoice")
            .then(pl.col("invoice_no").is_not_null())
            .otherwise(True)
        )

    @rule(ONE_INVOICE, "invoice_code", "invoice_no")
    def one_invoice_a_row(cls) -> pl.Expr:
        """What it says of an invoice can be of one only."""
        return names_one_invoice()
