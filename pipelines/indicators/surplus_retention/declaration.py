"""What surplus retention declares: its report table, laws and parameter (obligations §28). It has no rules."""

from schemas.law import Law, at_most
from schemas.policies import Parameter
from schemas.spellings import EVALUATION_RESULTS, first_spellings
from schemas.table import AS_OF, INSTITUTION, JURISDICTION, RUN_ID, Column, ReportTable, date, fen, flag, rate, text

CLAUSE = "全国：医保发〔2020〕26号，国办发〔2021〕20号 (二)"
RATIO = "surplus_ratio"
STATUSES = {
    "no_commitment": "没有约定采购量",
    "no_price": "没有中选价格",
    "no_ratio": "没有留用比例规定",
    "unassessed": "未考核",
    "assessed": "已考核",
}

TABLE = ReportTable(
    name="surplus_retention",
    title_zh="集采结余留用",
    description="What the fund did not spend on an item once it was selected, and what of it an institution may keep.",
    key=("as_of", "institution_code", "lot_code", "item_code", "period_start"),
    figure=True,
    columns=(
        AS_OF,
        INSTITUTION,
        text("lot_code", "采购批次编码", "Procurement lot of the item.", refers="lot"),
        text("item_code", "品种编码", "Item of the lot."),
        date("period_start", "采购周期开始", "First day of the agreement year."),
        RUN_ID,
        JURISDICTION,
        date("period_end", "采购周期结束", "Last day of the agreement year."),
        text("status", "状态", "How far it could be reckoned, the first that applies.", values=STATUSES),
        fen("agreed_fen", "约定采购金额", "Agreed quantities, as adjusted, at the lowest selected price of the first day."),
        fen(
            "non_selected_fen",
            "非中选采购金额",
            "Purchases in the period of non-selected drugs of the generics that the item selected on its first day.",
        ),
        fen("budget_fen", "医保资金预算", "Base quantity × price before × fund pay ratio before × insured share.", CLAUSE),
        fen(
            "spend_fen", "医保资金实际支出", "(Agreed + non-selected) × fund pay ratio × insured share.", CLAUSE, nullable=True
        ),
        fen(
            "surplus_fen",
            "结余测算基数",
            "Budget less spend, rounded once; below 0 where more was spent.",
            CLAUSE,
            nullable=True,
        ),
        text(
            "result",
            "考核结果",
            "Evaluation of the year in which the period ended; null without one.",
            nullable=True,
            values=first_spellings(EVALUATION_RESULTS),
        ),
        Column(
            "score",
            "double",
            "points",
            "考核得分",
            "Its points of 100, where they were given.",
            nullable=True,
            minimum=0,
            maximum=100,
        ),
        rate("ratio", "留用比例", "Share of the surplus that may be kept by that evaluation.", CLAUSE, maximum=0.5),
        fen("retained_fen", "可留用金额", "Surplus, at least 0, times that share.", CLAUSE, nullable=True),
        flag(
            "volume_met", "用量完成", "Whether every such commitment is completed or excused; null without one.", nullable=True
        ),
        text("policy_id", "政策条目", "Policy row that gave the steps of the share.", nullable=True),
    ),
)

TABLES = (TABLE,)

LAWS = (
    Law(
        TABLE.name,
        "surplus",
        "结余测算基数不等于预算减支出（各自四舍五入到分，相差至多 1 分）",
        "ABS(surplus_fen - (budget_fen - spend_fen)) > 1",
        ("surplus_fen", "budget_fen", "spend_fen"),
    ),
    Law(
        TABLE.name,
        "half",
        "可留用金额为负，或多于结余的百分之五十（医保发〔2020〕26号）",
        # surplus and retained are rounded to the fen, each by itself
        "retained_fen < 0 OR (retained_fen > 0 AND 2 * retained_fen > surplus_fen + 1)",
        ("retained_fen", "surplus_fen"),
    ),
    at_most(TABLE.name, "period", "period_start", "period_end", "采购周期的结束早于开始"),
)

PARAMETERS = {
    RATIO: Parameter(
        "list",
        "percent",
        "Shares of a surplus that may be kept, by the score from which each applies.",
        minimum=0,
        maximum=50,
        limited_by="医保发〔2020〕26号：留用比例不高于结余测算基数的 50%",
        assigns=r"(100|[0-9]{1,2})(\.[0-9]{1,4})?=[0-9]{1,3}(\.[0-9]{1,2})?",
        example="80=50",
        title="结余留用比例（得分达到=百分比）",
        may_be_absent=True,
    )
}
