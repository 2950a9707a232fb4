"""What prices declare: report tables, rules, measure, laws and parameters (obligations §25)."""

from dataclasses import replace

from schemas.law import at_most
from schemas.measure import IN_TABLES, Measure
from schemas.policies import Parameter
from schemas.rule import INSTITUTION_MONTH, Rule, Subject
from schemas.spellings import PRODUCT_KINDS, SPECIAL, first_spellings
from schemas.table import (
    AS_OF,
    DISTRIBUTOR,
    INSTITUTION,
    JURISDICTION,
    RUN_ID,
    Column,
    ReportTable,
    count,
    date,
    fen,
    rate,
    text,
)

NAME = "price_compliance"
CLAUSE = "全国：中共中央 国务院关于深化医疗保障制度改革的意见 (十九)；聊城 3715：聊政发〔2018〕44号 三(五)3"
MARKUP_CLAUSE = "全国：国卫体改发〔2017〕22号，国办发〔2019〕37号；聊城 3715：聊政发〔2018〕44号 三(二)2"
BASES = {"selected": "中选价", "estimated": "按规格折算", "listing": "挂网价"}
METHODS = {"ratio": "差比价", "unit": "按最小单位等价"}
KINDS = first_spellings(PRODUCT_KINDS)


def price(name: str, title_zh: str, description: str, source: str = "", *, nullable: bool = False) -> Column:
    """A price in yuan a pack, four decimals at most."""
    return Column(name, "double", "yuan", title_zh, description, source, nullable)


LINE = ReportTable(
    name="price_line",
    title_zh="高于应执行价格的采购明细",
    description="Lines paid more than the selected price, the one estimated from another pack size, or the listing.",
    key=("as_of", "institution_code", "delivery_id"),
    figure=True,
    columns=(
        AS_OF,
        INSTITUTION,
        text("delivery_id", "配送明细编号", "Delivery line."),
        RUN_ID,
        JURISDICTION,
        text("product_code", "产品编码", "Product that was delivered.", refers="product"),
        DISTRIBUTOR,
        date("ordered_on", "下单日期", "Day of the order, whose price counts."),
        date("accepted_on", "验收日期", "Day of acceptance."),
        text("basis", "价格依据", "What says the price to be paid.", CLAUSE, values=BASES),
        price("expected_price", "应执行价格", "Price of a pack by that basis.", CLAUSE),
        price("paid_price", "采购单价", "Price of a pack that was paid."),
        Column("packs", "double", "packs", "数量", "Packs received, less confirmed returns.", minimum=0.0),
        fen("over_fen", "高出金额", "What was paid beyond the price, for all packs."),
        rate(
            "over_rate",
            "高出幅度",
            "Paid beyond the price, of the price.",
            maximum=None,
            of=("paid_price - expected_price", "expected_price"),
        ),
    ),
)

COMPLIANCE = ReportTable(
    name=NAME,
    title_zh="采购价格执行与加成情况",
    description="What an institution paid beyond and below the prices that hold, and charged beyond what it paid, by month.",
    key=("as_of", "institution_code", "month"),
    figure=True,
    columns=(
        AS_OF,
        INSTITUTION,
        text("month", "验收月份", "Month of acceptance (YYYY-MM)."),
        RUN_ID,
        JURISDICTION,
        fen("purchase_fen", "采购金额", "Value of all lines."),
        fen("compared_fen", "有价可比金额", "Of it, of lines for which a price holds.", CLAUSE),
        count("over_lines", "lines", "高价行数", "Lines paid beyond that price."),
        fen("over_fen", "高出金额", "What was paid beyond it, for all packs."),
        fen("over_value_fen", "高价采购金额", "Value of the lines paid beyond it."),
        rate(
            "over_share",
            "高价采购占比",
            "Value paid beyond the price, of what can be compared.",
            CLAUSE,
            of=("over_value_fen", "compared_fen"),
        ),
        count("below_lines", "lines", "低价行数", "Lines paid below the price."),
        fen("below_fen", "低于金额", "What was paid less, for all packs."),
        count("charged_lines", "lines", "应零加成行数", "Lines that may not be charged beyond what was paid.", MARKUP_CLAUSE),
        count("markup_lines", "lines", "加成行数", "Of them, lines charged beyond it.", MARKUP_CLAUSE),
        fen("markup_fen", "加成金额", "What was charged beyond it, for all packs.", MARKUP_CLAUSE),
        text(
            "policy_id",
            "政策条目",
            "Policy row of how prices of other pack sizes are estimated, on the last day of the month; null without one.",
            nullable=True,
        ),
    ),
)
TABLES = (COMPLIANCE, LINE)

ABOVE_SELECTED = Rule(
    "price_above_selected",
    "采购价高于中选价",
    "Paid above the selected price",
    "violation",
    Subject("institution_product_month", "医疗机构、产品与月份", ("institution_code", "product_code", "month")),
    NAME,
    f"clause_{NAME}",
    is_money=True,
    binds_public=True,
    fades=True,
)
ABOVE_ESTIMATED = replace(
    ABOVE_SELECTED,
    code="price_above_estimated",
    title_zh="采购价高于按规格折算的价格",
    title_en="Paid above the price estimated from another pack size",
    severity="signal",
    may_be_named=False,
)
ABOVE_LISTING = replace(
    ABOVE_SELECTED,
    code="price_above_listing",
    title_zh="采购价高于挂网价",
    title_en="Paid above the listing price",
    severity="warning",
)
MARKUP = Rule(
    "markup",
    "收费高于采购价",
    "Charged above the price paid",
    "violation",
    INSTITUTION_MONTH,
    NAME,
    "clause_markup",
    is_money=True,
    fades=True,
)
ABOVE = {"selected": ABOVE_SELECTED, "estimated": ABOVE_ESTIMATED, "listing": ABOVE_LISTING}
RULES = (*ABOVE.values(), MARKUP)

MEASURES = (Measure("price_over_share", NAME, "over_share", "高价采购占比", "Paid above the price", shown=IN_TABLES),)

LAWS = (
    at_most(NAME, "compared", "compared_fen", "purchase_fen", "有价可比金额大于采购金额"),
    at_most(NAME, "over_value", "over_value_fen", "compared_fen", "高价采购金额大于有价可比金额"),
    at_most(NAME, "over", "over_fen", "over_value_fen", "高出金额大于高价采购金额"),
    at_most(NAME, "markups", "markup_lines", "charged_lines", "加成行数多于应零加成行数"),
    at_most(LINE.name, "price", "expected_price", "paid_price", "采购单价不高于应执行价格"),
)

PARAMETERS = {
    "pack_price_method": Parameter(
        "str",
        "code",
        "How the price of a pack is estimated from a selected pack of another size; absent, it is not.",
        tuple(METHODS),
        title="按规格折算价格的办法",
        words=METHODS,
        may_be_absent=True,
    ),
    "price_tolerance": Parameter(
        "decimal",
        "yuan",
        "A price differs where it is more than this above or below.",
        minimum=0,
        title="价格允许的差额",
        may_be_absent=True,
    ),
    "markup_kinds": Parameter(
        "list",
        "code",
        "Kinds of products that may not be charged beyond what was paid.",
        tuple(KINDS),
        title="取消加成的商品类别",
        words=KINDS,
        may_be_absent=True,
    ),
    "markup_exempt_categories": Parameter(
        "list",
        "code",
        "Special categories that may be charged beyond what was paid all the same.",
        tuple(SPECIAL),
        title="可以加成的特殊药品类别",
        words=SPECIAL,
        may_be_absent=True,
    ),
    f"clause_{NAME}": Parameter("str", "text", "Clause cited on findings of prices paid.", title="采购价格问题引用的条款"),
    "clause_markup": Parameter("str", "text", "Clause cited on findings of markup.", title="加成问题引用的条款"),
}
