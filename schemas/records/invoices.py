"""Invoice lines between companies and to institutions."""

import polars as pl

from schemas.records.model import Code, Count, Day, Fen, Quantity, Record, Text, column, rule

STATUSES = {
    "normal": "正常|有效|已开具|蓝字|红字|正数|负数|已红冲|部分红冲|全额红冲",
    "void": "作废|已作废|废票",
}


def invoice_in_remark() -> pl.Expr:
    """The cancelled invoice as the remark of a fully electronic red invoice names it (rulebook §10)."""
    return pl.col("remark").str.extract(r"被红冲蓝字数电(?:发票|票)号码\s*[：:]\s*(\d{20})", 1)


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
        description="10 or 12 digits; empty on fully electronic ones.",
    )
    invoice_no: Code = column(
        "code", "发票号码|数电发票号码|全电发票号码", "invoiceNo", key=True, required=True, warn=r"^(\d{8}|\d{20})$",
        description="8 digits, or 20 without a code.",
    )  # fmt: skip
    line_no: Count = column(
        "count", "行号", key=True, required=True, optional_header=True, description="Line of the invoice."
    )
    seller_code: Code = column(
        "code", "销方识别号|销售方纳税人识别号", required=True, description="Seller's USCC."
    )
    buyer_code: Code = column(
        "code",
        "购方识别号|购买方纳税人识别号",
        required=True,
        description="Buyer's USCC or institution code.",
    )
    issued_on: Day = column("day", "开票日期", "invoiceDate", required=True, description="Issued.")
    product_code: Code = column(
        "code",
        "医保药品编码|医保编码|国家医保编码",
        "prodCode",
        required=True,
        refers="products",
        description="What.",
    )
    batch_no: Text = column("text", "生产批号|批号", "manuLotnum", description="Batch, as text.")
    quantity: Quantity = column(
        "quantity", "数量", required=True, description="Packs; negative on a red line."
    )
    amount_fen: Fen = column(
        "fen",
        "价税合计",
        canonical="amount",
        required=True,
        description="Tax included; negative on a red line.",
    )
    red_of_invoice_code: Code = column(
        "code", "被红冲发票代码|原蓝字发票代码", description="Code of the invoice that a red line cancels."
    )
    red_of_invoice_no: Code = column(
        "code",
        "被红冲发票号码|原蓝字发票号码",
        default=invoice_in_remark,
        description="Number of that invoice; else read from the remark.",
    )
    remark: Text = column(
        "text", "备注", description="被红冲蓝字数电发票号码：<20 digits> names the cancelled invoice."
    )
    status: Text = column(
        "enum", "发票状态", values=STATUSES, default="normal", description="Normal or void (作废)."
    )

    @rule("红字发票的数量和金额不得为正数")
    def red_is_negative(cls) -> pl.Expr:
        """A line that cancels another takes off, it never adds."""
        is_red = pl.col("red_of_invoice_no").is_not_null()
        return ~is_red | ((pl.col("quantity") <= 0) & (pl.col("amount_fen") <= 0))
