"""Invoice lines between companies and to institutions."""

import polars as pl

from schemas.records.examples import BATCH, COMPANY, HOSPITAL_USCC, INVOICE_CODE, INVOICE_NO
from schemas.records.model import Code, Count, Day, Fen, Flag, Quantity, Record, Text, column, rule
from schemas.records.one_invoice import ONE_INVOICE, names_one_invoice

STATUSES = {
    "normal": "正常|有效|有效发票|正常发票|已开具|蓝字|红字|正数|负数|已红冲|部分红冲|全额红冲|已红冲-全额|已红冲-部分"
    "|已全额红冲|已部分红冲|全部红冲",
    "void": "作废|已作废|废票|作废发票",
}
_OF_PAPER = r"对应正数发票代码\s*[：:]\s*([0-9０-９]{10}|[0-9０-９]{12})[\s,，;；、]*(?:发票)?号码\s*[：:]\s*([0-9０-９]{8})"
_OF_ELECTRONIC = r"被红冲蓝字数电(?:发票|票)号码\s*[：:]\s*([0-9０-９]{20})"


def number_in_remark() -> pl.Expr:
    """The number of the cancelled invoice as the remark of a red one names it (rulebook §10)."""
    return pl.coalesce(_in_remark(_OF_ELECTRONIC, 1), _in_remark(_OF_PAPER, 2))


def code_in_remark() -> pl.Expr:
    """Its code, where the remark of a paper invoice speaks of the same invoice as the column does, if that is filled."""
    number = pl.col("red_of_invoice_no")
    return pl.when(number.is_null() | (number == _in_remark(_OF_PAPER, 2))).then(_in_remark(_OF_PAPER, 1))


def _in_remark(pattern: str, group: int) -> pl.Expr:
    return pl.col("remark").str.extract(pattern, group).str.normalize("NFKC")


class Invoices(Record):
    """One line of a VAT invoice (国办发〔2017〕13号: 票据 of the two-invoice system)."""

    class Config:
        """Chinese name."""

        title = "发票明细"

    invoice_code: Code = column(
        "code",
        "发票代码",
        "invoiceCode",
        key=True,
        default="",
        example=INVOICE_CODE,
        description="10 or 12 digits; empty on fully electronic ones.",
    )
    invoice_no: Code = column(
        "code",
        "发票号码|数电发票号码|全电发票号码",
        "invoiceNo",
        key=True,
        required=True,
        warn=r"^(\d{8}|\d{20})$",
        example=INVOICE_NO,
        description="8 digits, or 20 without a code.",
    )
    line_no: Count = column("count", "行号", key=True, required=True, optional_header=True, description="Line of the invoice.")
    seller_code: Code = column(
        "code", "销方识别号|销售方纳税人识别号", required=True, example=COMPANY, description="Seller's USCC."
    )
    buyer_code: Code = column(
        "code",
        "购方识别号|购买方纳税人识别号",
        required=True,
        example=HOSPITAL_USCC,
        description="Buyer's USCC or institution code.",
    )
    issued_on: Day = column("day", "开票日期", "invoiceDate", required=True, description="Issued.")
    product_code: Code = column(
        "code", "医保药品编码|医保编码|国家医保编码", "prodCode", required=True, refers="products", description="What."
    )
    batch_no: Text = column(
        "text", "生产批号|批号", "manuLotnum", is_verbatim=True, example=BATCH, description="Batch, as text."
    )
    quantity: Quantity = column("quantity", "数量", required=True, example="100", description="Packs; negative on a red line.")
    amount_fen: Fen = column(
        "fen",
        "价税合计",
        canonical="amount",
        required=True,
        example="660.00",
        description="Tax included; negative on a red line.",
    )
    red_of_invoice_code: Code = column(
        "code",
        "被红冲发票代码|原蓝字发票代码",
        default=code_in_remark,
        description="Code of the invoice that a red line cancels; else read from the remark.",
    )
    red_of_invoice_no: Code = column(
        "code",
        "被红冲发票号码|原蓝字发票号码",
        default=number_in_remark,
        description="Number of that invoice; else read from the remark.",
    )
    remark: Text = column(
        "text",
        "备注",
        description="被红冲蓝字数电发票号码：<20 digits>, or 对应正数发票代码:<10 or 12>号码:<8>, names the cancelled invoice.",
    )
    status: Text = column("enum", "发票状态", values=STATUSES, default="normal", description="Normal or void (作废).")
    is_positive: Flag = column(
        "flag", "是否正数发票", is_kept=False, example="是", description="否 says that the line is of a red invoice."
    )

    @rule(
        "是否正数发票为“否”（红字发票），数量或金额却为正数，自相矛盾；请核对正负号，或改为“是”",
        "is_positive",
        "quantity",
        "amount_fen",
    )
    def not_positive_is_negative(cls) -> pl.Expr:
        """A line that says that it is red has no positive figure."""
        return pl.col("is_positive") | ((pl.col("quantity") <= 0) & (pl.col("amount_fen") <= 0))

    @rule("红字发票的数量和金额不得为正数")
    def red_is_negative(cls) -> pl.Expr:
        """A line that cancels another takes off, it never adds."""
        is_red = pl.col("red_of_invoice_no").is_not_null()
        return ~is_red | ((pl.col("quantity") <= 0) & (pl.col("amount_fen") <= 0))

    @rule(ONE_INVOICE, "invoice_code", "invoice_no")
    def one_invoice_a_row(cls) -> pl.Expr:
        """What it says of an invoice can be of one only."""
        return names_one_invoice()
