"""The report tables of two-invoice compliance: by institution and month, and line by line."""

from schemas.table import (
    AS_OF,
    INSTITUTION,
    JURISDICTION,
    RUN_ID,
    TWO_INVOICE_CLAUSE,
    Column,
    ReportTable,
    count,
    date,
    fen,
    rate,
    text,
)

COMPLIANCE = ReportTable(
    name="two_invoice_compliance",
    title_zh="两票制执行情况",
    description="Net hospital invoice lines summed by verdict, per institution and month of issue.",
    key=("as_of", "institution_code", "month"),
    figure=True,
    columns=(
        AS_OF,
        INSTITUTION,
        text("month", "开票月份", "Month (YYYY-MM) in which the hospital invoice was issued."),
        RUN_ID,
        JURISDICTION,
        fen(
            "scope_fen",
            "纳入范围金额",
            "Compliant, violating and unverifiable amounts together; exempt ones left out.",
        ),
        fen("compliant_fen", "合规金额", "Lines invoiced directly, by two invoices, in a group or remotely."),
        fen("violation_fen", "违规金额", "Lines with too many invoices.", TWO_INVOICE_CLAUSE),
        fen(
            "unverifiable_fen",
            "无法核实金额",
            "Lines whose chain cannot be verified; that is not compliance.",
        ),
        fen("exempt_fen", "豁免金额", "Lines outside the rule, counted apart.", TWO_INVOICE_CLAUSE),
        count("scope_count", "lines", "纳入范围行数", "Number of lines in scope."),
        count("compliant_count", "lines", "合规行数", "Number of compliant lines."),
        count("violation_count", "lines", "违规行数", "Number of violating lines."),
        count("unverifiable_count", "lines", "无法核实行数", "Number of unverifiable lines."),
        count("exempt_count", "lines", "豁免行数", "Number of exempt lines."),
        rate(
            "compliance_rate_amount",
            "按金额合规率",
            "Compliant divided by compliant and violation.",
            TWO_INVOICE_CLAUSE,
        ),
        rate("compliance_rate_count", "按行数合规率", "The same by number of lines.", TWO_INVOICE_CLAUSE),
        rate("verified_rate_amount", "按金额核实率", "Compliant and violation divided by scope."),
        rate("verified_rate_count", "按行数核实率", "The same by number of lines."),
    ),
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

LINE = ReportTable(
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

TABLES = (COMPLIANCE, LINE)
