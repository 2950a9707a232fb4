"""What two-invoice compliance declares: its report tables, rules, measures, laws and parameters (rulebook §6)."""

from schemas.component import Component
from schemas.law import Changed, Law, adds_up
from schemas.measure import IN_TABLES, Measure
from schemas.policies import Parameter
from schemas.rule import INSTITUTION_MONTH, Excused, ExcusedRows, Rule, Subject
from schemas.spellings import SPECIAL
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
    stays=True,
    columns=(
        AS_OF,
        INSTITUTION,
        text("month", "开票月份", "Month (YYYY-MM) in which the hospital invoice was issued."),
        RUN_ID,
        JURISDICTION,
        fen("scope_fen", "纳入范围金额", "Compliant, violating and unverifiable amounts together; exempt ones left out."),
        fen("compliant_fen", "合规金额", "Lines invoiced directly, by two invoices, in a group or remotely."),
        fen("violation_fen", "违规金额", "Lines with too many invoices.", TWO_INVOICE_CLAUSE),
        fen("unverifiable_fen", "无法核实金额", "Lines whose chain cannot be verified; that is not compliance."),
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
            of=("compliant_fen", "compliant_fen + violation_fen"),
        ),
        rate(
            "compliance_rate_count",
            "按行数合规率",
            "The same by number of lines.",
            TWO_INVOICE_CLAUSE,
            of=("compliant_count", "compliant_count + violation_count"),
        ),
        rate(
            "verified_rate_amount",
            "按金额核实率",
            "Compliant and violation divided by scope.",
            of=("compliant_fen + violation_fen", "scope_fen"),
        ),
        rate(
            "verified_rate_count",
            "按行数核实率",
            "The same by number of lines.",
            of=("compliant_count + violation_count", "scope_count"),
        ),
    ),
)

COMPLIANT = {"direct": "生产企业直供", "two_invoice": "两票", "group_transfer": "集团内调拨", "remote_extra": "偏远地区加票"}
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
    stays=True,
    columns=(
        AS_OF,
        text("invoice_code", "发票代码", "Invoice code, empty text for fully electronic invoices."),
        text("invoice_no", "发票号码", "Invoice number."),
        Column("line_no", "integer", "", "行号", "Line of the invoice."),
        RUN_ID,
        INSTITUTION,
        text("seller_code", "销方识别号", "Company that issued the invoice to the institution.", refers="enterprise"),
        text("product_code", "医保药品编码", "Product sold.", refers="product"),
        text("batch_no", "批号", "Batch, as text.", nullable=True),
        date("issued_on", "开票日期", "Date of issue."),
        Column("net_quantity", "double", "packs", "净数量", "Quantity in packs less red invoices.", minimum=0.0),
        fen("net_fen", "净金额", "Amount including tax, less red invoices."),
        text(
            "verdict",
            "判定",
            "Verdict of the invoice chain, the first rule that applies.",
            TWO_INVOICE_CLAUSE,
            values=COMPLIANT | VIOLATION | UNVERIFIABLE | EXEMPT,
        ),
        Column(
            "hops", "integer", "invoices", "上游票数", "Invoices between manufacturer and seller.", nullable=True, minimum=0
        ),
    ),
)

TABLES = (COMPLIANCE, LINE)

INVOICE_LINE = Subject("invoice_line", "发票行", ("invoice_code", "invoice_no", "line_no"))

TOO_MANY = Rule(
    "two_invoice_too_many",
    "超过两票",
    "More than two invoices",
    "violation",
    INVOICE_LINE,
    "two_invoice_line",
    "clause_two_invoice",
    is_money=True,
    excused=Excused("two_invoice_excused", "两票制备案豁免", "pipelines.indicators.two_invoice.verdicts:excused"),
)
UNVERIFIED = Rule(
    "two_invoice_unverifiable",
    "两票制无法核实",
    "Two invoices not verifiable",
    "warning",
    INSTITUTION_MONTH,
    "two_invoice_compliance",
    "clause_two_invoice",
    is_money=True,
)
RULES = (TOO_MANY, UNVERIFIED)

EXCUSED = (
    ExcusedRows(
        LINE.name,
        "两票制为豁免金额",
        "two_invoice",
        ("institution_code", "invoice_code", "invoice_no"),
        "t.verdict = 'exempt'",
        fen="t.net_fen",
    ),
)

MEASURES = (
    Measure(
        "two_invoice_compliant",
        "two_invoice_compliance",
        "compliance_rate_amount",
        "两票制合规率（金额）",
        "Two-invoice compliant, by amount",
    ),
    Measure(
        "two_invoice_compliant_count",
        "two_invoice_compliance",
        "compliance_rate_count",
        "两票制合规率（行数）",
        "Two-invoice compliant, by lines",
        shown=IN_TABLES,
    ),
    Measure(
        "two_invoice_verified",
        "two_invoice_compliance",
        "verified_rate_amount",
        "两票制核实率（金额）",
        "Two-invoice verified, by amount",
        shown=IN_TABLES,
    ),
    Measure(
        "two_invoice_verified_count",
        "two_invoice_compliance",
        "verified_rate_count",
        "两票制核实率（行数）",
        "Two-invoice verified, by lines",
        shown=IN_TABLES,
    ),
)

COMPONENTS = (
    Component(
        "two_invoice",
        "两票制",
        "two_invoice_compliant",
        # An excused invoice is exempt, in neither sum: the strict rate is the excused one.
        "本年开具的发票；合规 ÷（合规 + 违规），无法核实与豁免不计入；有备案的发票属豁免，不另分口径",
        "没有判定为合规或违规的发票",
        month="month",
        beside=("unverifiable_fen", "exempt_fen", "compliant_count", "violation_count"),
        told_zh="合规 {compliant_count} 行，违规 {violation_count} 行",
    ),
)

_GROUPS = {
    "scope": COMPLIANT | VIOLATION | UNVERIFIABLE,
    "compliant": COMPLIANT,
    "violation": VIOLATION,
    "unverifiable": UNVERIFIABLE,
    "exempt": EXEMPT,
}


def _unlike_lines(changed: Changed) -> str:
    """Institutions and months whose amounts or numbers are not those of their lines."""
    whole, parts = {}, {}
    for group, verdicts in _GROUPS.items():
        listed = ", ".join(f"'{verdict}'" for verdict in verdicts)
        for unit, total in (("fen", "fen"), ("count", "lines")):
            whole[f"{group}_{unit}"] = f"sign * {group}_{unit} AS {group}_{unit}"
            parts[f"{group}_{unit}"] = f"CASE WHEN verdict IN ({listed}) THEN -{total} ELSE 0 END"
    differences = ", ".join(f"SUM({column}) AS {column}_difference" for column in whole)
    differs = " OR ".join(f"SUM({column}) <> 0" for column in whole)
    sums = changed.rows(COMPLIANCE.name, "institution_code", "month", *whole)
    lines = changed.rows(LINE.name, "institution_code", "issued_on", "verdict", "net_fen")
    month = "substr(CAST(issued_on AS TEXT), 1, 7)"
    # Summed by verdict first: ten columns are then told apart for a few rows and not for every line.
    by_verdict = (
        f"SELECT institution_code, {month} AS month, verdict, SUM(sign * net_fen) AS fen, SUM(sign) AS lines"
        f" FROM {lines} GROUP BY institution_code, {month}, verdict"
    )
    return (
        f"SELECT institution_code, month, {differences} FROM"
        f" (SELECT institution_code, month, {', '.join(whole.values())} FROM {sums} UNION ALL"
        f" SELECT institution_code, month, {', '.join(parts.values())} FROM ({by_verdict}) AS verdicts) AS signed"
        f" GROUP BY institution_code, month HAVING {differs}"
    )


LAWS = (
    adds_up(
        "two_invoice_compliance",
        "scope_amount",
        "scope_fen",
        ("compliant_fen", "violation_fen", "unverifiable_fen"),
        "纳入范围金额不等于合规、违规与无法核实之和",
    ),
    adds_up(
        "two_invoice_compliance",
        "scope_count",
        "scope_count",
        ("compliant_count", "violation_count", "unverifiable_count"),
        "纳入范围行数不等于合规、违规与无法核实之和",
    ),
    Law("two_invoice_compliance", "lines", "汇总与发票行判定之和不一致(差额 = 汇总 − 明细)", failing=_unlike_lines),
)

PARAMETERS = {
    "two_invoice_ownerships": Parameter(
        "list",
        "code",
        "Ownerships of the institutions bound by the two-invoice system.",
        ("public", "private", "retail"),
        title="两票制约束的机构性质",
    ),
    "two_invoice_categories": Parameter(
        "list",
        "code",
        "Kinds of product bound by the two-invoice system.",
        ("drug", "consumable"),
        title="两票制约束的商品类别",
    ),
    "two_invoice_exempt_categories": Parameter(
        "list", "code", "Special categories outside the two-invoice system.", tuple(SPECIAL), title="两票制豁免的特殊类别"
    ),
    "two_invoice_group_transfer": Parameter(
        "bool", "flag", "Whether one transfer inside a distribution group is left out of the count.", title="集团内调拨不计一票"
    ),
    "two_invoice_remote_extra": Parameter(
        "bool", "flag", "Whether a listed remote institution may have one invoice more.", title="特别偏远机构可多一票"
    ),
    "clause_two_invoice": Parameter("str", "text", "Clause cited on two-invoice findings.", title="两票制问题引用的条款"),
}
