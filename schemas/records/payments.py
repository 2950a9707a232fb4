"""Payments to suppliers."""

import polars as pl

from schemas.records.examples import COMPANY, INVOICE_CODE, INVOICE_NO
from schemas.records.model import Code, Count, Day, Fen, Record, Text, column, rule
from schemas.records.one_invoice import ONE_INVOICE, names_one_invoice

CHANNELS = {
    "hospital": "医院|医疗机构|医疗机构支付|医院支付|医院付款|自行支付",
    "fund_direct": "医保基金直接结算|基金直接结算|基金直接支付|基金直付|直接结算|医保直付|医保直接结算|医保基金",
}


class Payments(Record):
    """One line of a payment; a negative one reverses another (慈政办发〔2020〕68号 二(一)2)."""

    class Config:
        """Chinese name."""

        title = "付款明细"

    institution_code: Code = column(
        "code",
        "医疗机构编码|付款单位编码",
        "medinsCode",
        key=True,
        required=True,
        refers="institutions",
        description="Who pays.",
    )
    payment_id: Code = column(
        "code",
        "付款单号|结算单号|支付单号",
        "payOrdId",
        key=True,
        required=True,
        example="FK-2020-0001",
        description="Its number.",
    )
    line_no: Count = column("count", "行号", key=True, required=True, optional_header=True, description="Line of the payment.")
    payee_code: Code = column(
        "code",
        "收款企业编码|收款单位编码|配送企业编码",
        "delvEntpCode|delventpCode",
        required=True,
        example=COMPANY,
        description="Who is paid.",
    )
    paid_on: Day = column("day", "付款日期|支付日期|结算日期|回款日期", "payAt", required=True, description="Paid.")
    amount_fen: Fen = column(
        "fen",
        "付款金额|支付金额|结算金额|回款金额",
        "payOrderAmount",
        canonical="amount",
        required=True,
        ne=0,
        example="660.00",
        description="Paid; negative on a reversal.",
    )
    reverses_payment_id: Code = column("code", "被冲付款单号", description="The payment that a reversal takes back.")
    invoice_code: Code = column(
        "code", "发票代码", "invoiceCode", default="", example=INVOICE_CODE, description="With invoice_no: what is paid."
    )
    invoice_no: Code = column(
        "code", "发票号码|数电发票号码|发票号", "invoiceNo|invoiceId", example=INVOICE_NO, description="Invoice paid."
    )
    channel: Text = column(
        "enum", "支付渠道|结算渠道", values=CHANNELS, default="hospital", description="Hospital, or the fund directly."
    )

    @rule("负数付款（冲销）必须填写被冲付款单号")
    def reversal_names_payment(cls) -> pl.Expr:
        """Money taken back belongs to a payment."""
        return (pl.col("amount_fen") >= 0) | pl.col("reverses_payment_id").is_not_null()

    @rule(ONE_INVOICE, "invoice_code", "invoice_no")
    def one_invoice_a_row(cls) -> pl.Expr:
        """What it says of an invoice can be of one only."""
        return names_one_invoice()
