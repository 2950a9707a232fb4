"""Two-invoice compliance per public institution and month of issue."""

from schemas.reports.table import (
    AS_OF,
    INSTITUTION,
    JURISDICTION,
    RUN_ID,
    TWO_INVOICE_CLAUSE,
    ReportTable,
    count,
    fen,
    rate,
    text,
)

TABLE = ReportTable(
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
