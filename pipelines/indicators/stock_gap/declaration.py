"""What gaps of stock declare: report table, rule, laws, parameters (obligations §19)."""

from schemas.law import Law
from schemas.policies import Parameter
from schemas.rule import Rule, Subject
from schemas.table import AS_OF, CIXI, INSTITUTION, JURISDICTION, RUN_ID, Column, ReportTable, date, fen, quantity, text

_CLAUSE = f"{CIXI} 四(四)；其他地区：本系统默认"

GAP = ReportTable(
    name="stock_gap",
    title_zh="用量超过可用库存",
    description="Products of which a family of institutions used more since its latest opening than it had then and bought.",
    key=("as_of", "institution_code", "product_code"),
    figure=True,
    columns=(
        AS_OF,
        INSTITUTION,
        text(
            "product_code",
            "医保药品编码",
            "Lowest code of the products of the same generic, form, strength and manufacturer.",
            refers="product",
        ),
        RUN_ID,
        JURISDICTION,
        date("opening_on", "期初日期", "Day of the latest opening; nothing up to it counts beside it."),
        quantity("opening_units", "期初数量", "What the whole family had at the end of that day."),
        quantity("bought_units", "期后采购数量", "Lines accepted after the opening, gifts included, less what was sent back."),
        quantity("used_units", "期后使用数量", "Dispensed less taken back, after the opening.", _CLAUSE),
        Column(
            "gap_units", "double", "min_unit", "结存数量", "Opening and bought less used: always below 0.", _CLAUSE, maximum=0
        ),
        fen("usage_fen", "期后使用金额", "What was charged for this use, less what was paid back."),
        text("policy_id", "政策条目", "Policy row of the tolerance in force at as_of."),
    ),
)
TABLES = (GAP,)

MORE_USED = Rule(
    "used_more_than_bought",
    "用量超过可用库存",
    "More used than there can have been",
    "signal",
    Subject("institution_product", "医疗机构与产品", ("institution_code", "product_code")),
    GAP.name,
    "clause_stock_gap",
    may_be_named=False,
)
RULES = (MORE_USED,)

LAWS = (
    Law(
        GAP.name,
        "gap",
        "结存数量不是期初加采购减使用，或不小于 0",
        "gap_units >= 0 OR ABS(opening_units + bought_units - used_units - gap_units) > 1e-9 * (opening_units + bought_units"
        " + used_units)",
        ("opening_units", "bought_units", "used_units", "gap_units"),
    ),
)

PARAMETERS = {
    "stock_gap_tolerance": Parameter(
        "decimal",
        "ratio",
        "Use beyond what was there and came by more than this share is a signal.",
        minimum=0,
        maximum=10,
        title="用量超过可用库存的容差",
    ),
    "clause_stock_gap": Parameter(
        "str", "text", "Clause cited on findings of stock that cannot be.", title="用量超过可用库存问题引用的条款"
    ),
}
