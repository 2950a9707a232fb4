"""What purchasing on the platform declares: its report table, rules, measure, laws and parameters (obligations §20)."""

from dataclasses import replace

from schemas.law import adds_up, at_most
from schemas.measure import Measure
from schemas.policies import Parameter
from schemas.rule import Rule, Subject
from schemas.spellings import PRODUCT_KINDS, SPECIAL, first_spellings
from schemas.table import AS_OF, INSTITUTION, JURISDICTION, RUN_ID, ReportTable, count, fen, rate, text

_CLAUSE = "全国：国办发〔2015〕7号，国办发〔2021〕2号 (十六)；聊城 3715：聊政发〔2018〕44号 三(四)2"
KINDS = first_spellings(PRODUCT_KINDS)

TABLE = ReportTable(
    name="platform_purchasing",
    title_zh="平台采购情况",
    description="What an institution received in a month on the platform and off it, of what has to be bought there.",
    key=("as_of", "institution_code", "kind", "month"),
    figure=True,
    columns=(
        AS_OF,
        INSTITUTION,
        text("kind", "商品类别", "Drugs, or consumables.", values=KINDS),
        text("month", "验收月份", "Month of acceptance (YYYY-MM)."),
        RUN_ID,
        JURISDICTION,
        fen("purchase_fen", "应上平台商品采购金额", "Value of all lines of what has to be bought on the platform.", _CLAUSE),
        fen("exempt_fen", "豁免金额", "Of it, of special categories that need not be bought there."),
        fen("emergency_fen", "应急采购金额", "Of the rest, emergency purchases, on the platform or off it."),
        fen("scope_fen", "应平台采购金额", "What is left: it has to be bought on the platform.", _CLAUSE),
        fen("platform_fen", "平台采购金额", "Of it, bought on the platform."),
        fen("offline_fen", "线下采购金额", "Of it, bought off the platform.", _CLAUSE),
        count("scope_lines", "lines", "应平台采购行数", "Lines that have to be bought on the platform."),
        count("offline_lines", "lines", "线下采购行数", "Of them, lines bought off the platform."),
        rate(
            "platform_rate",
            "平台采购率",
            "Bought on the platform, of what has to be.",
            _CLAUSE,
            of=("platform_fen", "scope_fen"),
        ),
        rate(
            "emergency_share",
            "应急采购占比",
            "Emergency purchases, of these and what has to be bought on the platform.",
            of=("emergency_fen", "emergency_fen + scope_fen"),
        ),
        text("policy_id", "政策条目", "Policy row of the limit of emergency purchases; null without one.", nullable=True),
    ),
)
TABLES = (TABLE,)

OFF_PLATFORM = Rule(
    "off_platform_purchase",
    "线下采购",
    "Bought off the platform",
    "violation",
    Subject("delivery", "配送明细", ("institution_code", "delivery_id")),
    TABLE.name,
    "clause_platform_purchasing",
    is_money=True,
    fades=True,
)
EMERGENCY_OFTEN = replace(
    OFF_PLATFORM,
    code="emergency_often",
    title_zh="应急采购占比偏高",
    title_en="Emergency purchases often",
    severity="signal",
    subject=Subject("institution_month_kind", "医疗机构、月份与商品类别", ("institution_code", "month", "kind")),
    may_be_named=False,
)
RULES = (OFF_PLATFORM, EMERGENCY_OFTEN)

MEASURES = (
    Measure(
        "platform_rate",
        TABLE.name,
        "platform_rate",
        "平台采购率",
        "Bought on the platform",
        apart=("kind",),
        first={"kind": "drug"},
    ),
)

LAWS = (
    adds_up(
        TABLE.name,
        "purchase",
        "purchase_fen",
        ("exempt_fen", "emergency_fen", "scope_fen"),
        "豁免、应急与应平台采购的金额相加不等于采购金额",
    ),
    adds_up(TABLE.name, "scope", "scope_fen", ("platform_fen", "offline_fen"), "平台与线下采购的金额相加不等于应平台采购金额"),
    at_most(TABLE.name, "lines", "offline_lines", "scope_lines", "线下采购的行多于应平台采购的行"),
)

PARAMETERS = {
    "platform_kinds": Parameter(
        "list",
        "code",
        "Kinds of products that have to be bought on the platform whether listed or not.",
        tuple(KINDS),
        title="应在平台采购的商品类别",
        words=KINDS,
    ),
    "platform_exempt_categories": Parameter(
        "list",
        "code",
        "Special categories that need not be bought on the platform.",
        tuple(SPECIAL),
        title="不要求在平台采购的特殊药品类别",
        words=SPECIAL,
    ),
    "emergency_limit": Parameter(
        "decimal",
        "ratio",
        "A share of emergency purchases above this is a signal; absent, there is none.",
        minimum=0,
        maximum=1,
        title="应急采购占比的界限",
        may_be_absent=True,
    ),
    "clause_platform_purchasing": Parameter(
        "str", "text", "Clause cited on findings of purchases off the platform.", title="平台采购问题引用的条款"
    ),
}
