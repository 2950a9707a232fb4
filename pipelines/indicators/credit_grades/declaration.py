"""What credit grades declare: their report table, rule, laws and parameters (obligations §24)."""

from schemas.law import Law, at_most
from schemas.policies import Parameter
from schemas.rule import Rule, Subject
from schemas.spellings import MISCONDUCT, first_spellings
from schemas.table import AS_OF, RUN_ID, Column, ReportTable, count, fen, text

_CLAUSE = "全国：医保发〔2020〕34号 及裁量基准；2025-07-01 起 国家医保局办公室 2025-06-05 通知"
KINDS = first_spellings(MISCONDUCT)

TABLE = ReportTable(
    name="credit_grades",
    title_zh="企业信用评级",
    description="Companies with a case that counts at as_of, their worst case, and what was bought of them this year.",
    key=("as_of", "enterprise_code"),
    figure=True,
    columns=(
        AS_OF,
        text("enterprise_code", "企业编码", "The company.", refers="enterprise"),
        RUN_ID,
        count("cases", "cases", "有效案件数", "Cases that count: graded, neither repaired nor past their time.", _CLAUSE),
        count("severe_cases", "cases", "严重失信案件数", "Of them, those whose grade is severe.", _CLAUSE),
        text("worst_case_no", "最重案件编号", "The worst of these cases: severe ones first, then by grade, then the latest."),
        text("worst_kind", "最重案件案由", "What it is about.", values=KINDS),
        Column(
            "grade",
            "integer",
            "",
            "信用等级",
            "Grade of the worst case by its sums; 0 where none is reached, null where no rule speaks of them.",
            _CLAUSE,
            nullable=True,
            minimum=0,
        ),
        text("grade_label", "信用等级名称", "Name of the grade on the day it was given; null of 0.", _CLAUSE, nullable=True),
        fen(
            "purchase_fen", "本年采购金额", "Lines of the year that the company delivered, or whose product it makes or holds."
        ),
        text("policy_id", "政策条目", "Policy row that the grade follows from; null without a grade.", nullable=True),
    ),
)
TABLES = (TABLE,)

SEVERE = Rule(
    "credit_grade_severe",
    "企业严重失信",
    "Company of a severe credit grade",
    "warning",
    Subject("company", "企业", ("enterprise_code",)),
    TABLE.name,
    "clause_credit_grades",
    may_be_named=False,
    is_money=True,
)
RULES = (SEVERE,)

LAWS = (
    at_most(TABLE.name, "severe", "severe_cases", "cases", "严重失信案件多于有效案件"),
    Law(TABLE.name, "counted", "没有有效案件却有数据", "cases <= 0", ("cases",)),
)

_STEP = r"[1-9]=[0-9]{1,12}(\.[0-9]{1,2})?"


def _steps(kind: str, what: str, title_zh: str) -> Parameter:
    return Parameter(
        "list",
        "yuan",
        f"Grades of a case ({kind}) by {what}: the least sum of each, in yuan; absent, it is not graded by it.",
        title=f"{title_zh}（{KINDS[kind]}，元）",
        assigns=_STEP,
        example="3=500000",
        may_be_absent=True,
    )


STEPS = {kind: (f"credit_grade_{kind}", f"credit_grade_{kind}_single") for kind in KINDS}
"""Kind of misconduct → what grades it by the sum of the case, and by its largest single sum."""

PARAMETERS = {
    **{whole: _steps(kind, "the sum of the case", "信用等级的案值标准") for kind, (whole, _) in STEPS.items()},
    **{single: _steps(kind, "its largest single sum", "信用等级的单笔标准") for kind, (_, single) in STEPS.items()},
    "credit_severe_grade": Parameter(
        "int",
        "grade",
        "From this grade on a case is severe; absent, none is.",
        title="严重失信的最低等级",
        minimum=1,
        maximum=9,
        may_be_absent=True,
    ),
    "credit_labels": Parameter(
        "list",
        "text",
        "What each grade is called.",
        title="信用等级的名称",
        assigns=r"[1-9]=[^=]+",
        example="3=严重",
        may_be_absent=True,
    ),
    "credit_months": Parameter(
        "int",
        "month",
        "Months for which a case counts from the day its grade was given; absent, until it is repaired.",
        title="信用等级的有效月数",
        minimum=1,
        maximum=1200,
        may_be_absent=True,
    ),
    "clause_credit_grades": Parameter(
        "str", "text", "Clause cited on findings of credit grades.", title="信用评级问题引用的条款"
    ),
}
