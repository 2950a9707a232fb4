"""Two-invoice verdict of every net hospital invoice line."""

from schemas.reports.table import (
    AS_OF,
    INSTITUTION,
    RUN_ID,
    TWO_INVOICE_CLAUSE,
    Column,
    ReportTable,
    date,
    fen,
    text,
)

COMPLIANT = {
    "direct": "生产企业直供",
    "two_invoice": "两票",
    "group_transfer": "集团内调拨",
    "remote_extra": "偏远地区加票",
}
VIOLATION = {"too_many_invoices": "超过两票"}
UNVERIFIABLE = {
    "no_batch": "无批号",
    "oversold": "销大于购",
    "upstream_after_sale": "上游晚于销售",
    "batch_mismatch": "批号不符",
    "missing_upstream": "缺上游发票",
}
EXEMPT = {"exempt": "豁免"}
CLASSES = {"compliant": "合规", "violation": "违规", "unverifiable": "无法核实", "exempt": "豁免"}
"""The words of the classes of verdicts, here and wherever their amounts are shown."""

TABLE = ReportTable(
    name="two_invoice_line",
    title_zh="两票制发票行",
    description="Net lines of public institutions buying drugs, exempt ones included, each with its verdict.",
    key=("as_of", "invoice_code", "invoice_no", "line_no"),
    figure=True,
    columns=(
        AS_OF,
        text("invoice_code", "发票代码", "Invoice code, empty text for fully electronic invoices."),
        text("invoice_no", "发票号码", "Invoice number."),
        Column("line_no", "integer", "", "行号", "Line of the invoice."),
        RUN_ID,
        INSTITUTION,
        text(
            "seller_code",
            "销方识别号",
            "Company that issued the invoice to the institution.",
            refers="enterprise",
        ),
        text("product_code", "医保药品编码", "Product sold.", refers="product"),
        text("batch_no", "批号", "Batch, as text.", nullable=True),
        date("issued_on", "开票日期", "Date of issue."),
        Column(
            "net_quantity", "double", "packs", "净数量", "Quantity in packs less red invoices.", minimum=0.0
        ),
        fen("net_fen", "净金额", "Amount including tax, less red invoices."),
        text(
            "verdict",
            "判定",
            "Verdict of the invoice chain, the first rule that applies.",
            TWO_INVOICE_CLAUSE,
            values=COMPLIANT | VIOLATION | UNVERIFIABLE | EXEMPT,
        ),
        Column(
            "hops",
            "integer",
            "invoices",
            "上游票数",
            "Invoices between manufacturer and seller.",
            nullable=True,
            minimum=0,
        ),
    ),
)
