"""What trade with listed companies declares: its report table, rule, laws and parameters (obligations §24)."""

from schemas.law import Law, at_most
from schemas.policies import Parameter
from schemas.rule import Rule, Subject
from schemas.table import AS_OF, INSTITUTION, JURISDICTION, RUN_ID, ReportTable, count, date, fen, text

_CLAUSE = "全国：国办发〔2015〕7号；聊城 3715：聊政发〔2018〕44号 三(四)2"
ROLES = {"distributor": "配送企业", "manufacturer": "生产企业", "seller": "开票企业"}

TABLE = ReportTable(
    name="listed_company_trade",
    title_zh="与失信名单企业的交易",
    description="What an institution ordered from a company, or of its products, or was invoiced by it, while it was listed.",
    key=("as_of", "enterprise_code", "institution_code", "role"),
    figure=True,
    columns=(
        AS_OF,
        text("enterprise_code", "失信名单企业编码", "Company on the list.", _CLAUSE, refers="enterprise"),
        INSTITUTION,
        text("role", "企业角色", "Distributor, maker or holder of the product, or seller of the invoice.", values=ROLES),
        RUN_ID,
        JURISDICTION,
        count(
            "lines",
            "lines",
            "列入期间交易行数",
            "Lines ordered, or invoice lines issued, while the company was listed anywhere.",
        ),
        count(
            "here_lines",
            "lines",
            "名单适用本地的行数",
            "Of them, those while a listing held that binds the institution's place.",
            _CLAUSE,
        ),
        fen("amount_fen", "列入期间交易金额", "Value of all these lines; of invoice lines their net amount."),
        date("first_on", "最早交易日期", "First order, or invoice, among them."),
        date("last_on", "最近交易日期", "Last order, or invoice, among them."),
    ),
)
TABLES = (TABLE,)

TRADED = Rule(
    "listed_company_trade",
    "与失信名单企业交易",
    "Trade with a listed company",
    "violation",
    Subject("company_institution_role", "企业、医疗机构与角色", ("enterprise_code", "institution_code", "role")),
    TABLE.name,
    "clause_listed_company_trade",
    may_be_named=False,
    is_money=True,
    fades=True,
)
RULES = (TRADED,)

LAWS = (
    at_most(TABLE.name, "here", "here_lines", "lines", "名单适用本地的行多于交易行"),
    at_most(TABLE.name, "days", "first_on", "last_on", "最早交易日期晚于最近交易日期"),
    Law(TABLE.name, "traded", "没有交易却有数据", "lines <= 0", ("lines",)),
)

PARAMETERS = {
    "ban_months": Parameter(
        "int",
        "month",
        "Months that a listing without an end holds from the day it begins; absent, it stays open.",
        title="列入失信名单后限制交易的月数",
        minimum=1,
        maximum=1200,
        may_be_absent=True,
    ),
    "clause_listed_company_trade": Parameter(
        "str", "text", "Clause cited on findings of trade with listed companies.", title="与失信名单企业交易问题引用的条款"
    ),
}
