"""What linked codes declare: report table, measures, laws (obligations §19). They raise no findings."""

from schemas.law import at_most
from schemas.measure import IN_TABLES, Measure
from schemas.table import AS_OF, CIXI, INSTITUTION, JURISDICTION, RUN_ID, ReportTable, fen, rate, text

_CLAUSE = f"{CIXI} 四(四)（采购、使用、支付等环节规范编码的衔接应用）；其他地区：本系统默认"

LINKAGE = ReportTable(
    name="code_linkage",
    title_zh="编码衔接情况",
    description="How far purchases, usages and settlements of a month go under codes that fit each other, per institution.",
    key=("as_of", "institution_code", "month"),
    figure=True,
    columns=(
        AS_OF,
        INSTITUTION,
        text("month", "月份", "Month of acceptance of lines and of use of usages, YYYY-MM.", _CLAUSE),
        RUN_ID,
        JURISDICTION,
        fen("purchase_fen", "采购金额", "Value of the lines of the month."),
        fen("coded_fen", "国家编码采购金额", "Of it, of products whose code has a national pattern.", _CLAUSE),
        rate(
            "purchase_code_rate",
            "采购编码率",
            "Purchases under codes of a national pattern, of all purchases.",
            _CLAUSE,
            of=("coded_fen", "purchase_fen"),
        ),
        fen("usage_fen", "使用金额", "What was charged for what was dispensed in the month; what came back is not taken off."),
        fen(
            "linked_fen",
            "有采购来源的使用金额",
            "Of it, of products of which the family has a line or an opening on or before the day of use.",
            _CLAUSE,
        ),
        rate(
            "usage_link_rate",
            "使用衔接率",
            "Usage of products bought or counted before, of all usage.",
            _CLAUSE,
            of=("linked_fen", "usage_fen"),
        ),
        fen("fund_fen", "基金结算的使用金额", "Of the usage, what the insurance fund settled."),
        fen(
            "matched_fen",
            "结算编码相符的金额",
            "Of it, what was settled under the code of the product or its insurance code.",
            _CLAUSE,
        ),
        rate(
            "settlement_match_rate",
            "结算编码相符率",
            "Settled under a code that is the product's, of all that the fund settled.",
            _CLAUSE,
            of=("matched_fen", "fund_fen"),
        ),
        fen("consumable_fen", "耗材采购金额", "Of the purchases, consumables."),
        fen("udi_fen", "有UDI的耗材采购金额", "Of these, products with a device identifier (UDI-DI)."),
    ),
)
TABLES = (LINKAGE,)


def _measure(column: str, title_zh: str, title_en: str) -> Measure:
    return Measure(column, LINKAGE.name, column, title_zh, title_en, shown=IN_TABLES)


MEASURES = (
    _measure("usage_link_rate", "使用衔接率", "Usage linked to purchases"),
    _measure("purchase_code_rate", "采购编码率", "Purchases under national codes"),
    _measure("settlement_match_rate", "结算编码相符率", "Settlements under matching codes"),
)

LAWS = (
    at_most(LINKAGE.name, "coded", "coded_fen", "purchase_fen", "国家编码采购金额大于采购金额"),
    at_most(LINKAGE.name, "linked", "linked_fen", "usage_fen", "有采购来源的使用金额大于使用金额"),
    at_most(LINKAGE.name, "fund", "fund_fen", "usage_fen", "基金结算的使用金额大于使用金额"),
    at_most(LINKAGE.name, "matched", "matched_fen", "fund_fen", "结算编码相符的金额大于基金结算的使用金额"),
    at_most(LINKAGE.name, "udi", "udi_fen", "consumable_fen", "有UDI的耗材采购金额大于耗材采购金额"),
    at_most(LINKAGE.name, "consumables", "consumable_fen", "purchase_fen", "耗材采购金额大于采购金额"),
)
