"""What the concentration of distribution declares: its report table, rules, laws and parameters (obligations §23)."""

from dataclasses import replace

from schemas.law import Law, at_most
from schemas.policies import Parameter
from schemas.rule import Rule, Subject
from schemas.table import AS_OF, RUN_ID, ReportTable, count, fen, rate, text

_CLAUSE = "聊城 3715：聊政发〔2018〕44号 三(四)2"
LEVELS = {"county": "县（市、区）", "city": "设区市", "all": "全部"}
_FLOOR = "A floor: only what these institutions bought."

TABLE = ReportTable(
    name="distribution_concentration",
    title_zh="药品配送集中度",
    description="How the drugs received in a place from 1 January to as_of are spread over distributors and their groups.",
    key=("as_of", "level", "code"),
    figure=True,
    of_divisions=("level", "code", "county"),
    columns=(
        AS_OF,
        text("level", "范围级别", "County (the division of the institution), city, or all.", values=LEVELS),
        text("code", "范围编码", "Six-digit division; `all` for all.", refers="jurisdiction"),
        RUN_ID,
        text("jurisdiction_code", "统筹区编码", "The same division; empty for all."),
        count("institutions", "institutions", "医疗机构数", "Institutions that received drugs this year."),
        fen("purchase_fen", "药品采购金额", "Value of the drug lines of the year.", _CLAUSE),
        count("distributors", "companies", "配送企业数", "Suppliers of these lines."),
        text(
            "top_distributor_code",
            "最大配送企业编码",
            "The largest of them; of equal ones the lowest code.",
            refers="enterprise",
        ),
        rate("top_share", "最大配送企业占比", "Of all purchases, those from the largest supplier."),
        rate("top10_share", "前十家占比", "Of all purchases, those from the ten largest suppliers.", _CLAUSE),
        rate(
            "hhi",
            "集中度指数（HHI）",
            "Sum of the squared shares of suppliers, times 10,000: 10,000 where there is one alone.",
            maximum=10_000.0,
            unit="points",
        ),
        text("top_group_code", "最大集团编码", "The largest group; a supplier without group is one by itself."),
        rate("top_group_share", "最大集团占比", "Of all purchases, those from the largest group.", _CLAUSE),
        rate("hhi_group", "集中度指数（按集团）", "The same index by group.", maximum=10_000.0, unit="points"),
        count(
            "over_1000m",
            "groups",
            "超过10亿元的集团数",
            f"Groups with more than 1,000 million yuan this year. {_FLOOR}",
            _CLAUSE,
        ),
        count(
            "over_500m",
            "groups",
            "超过5亿元的集团数",
            f"Groups with more than 500 million yuan, those above 1,000 too. {_FLOOR}",
            _CLAUSE,
        ),
        count("products", "products", "药品产品数", "Distinct drugs received."),
        count(
            "sole_products",
            "products",
            "独家配送产品数",
            "Of them, those that two or more institutions received, all from one supplier.",
            _CLAUSE,
        ),
        text(
            "policy_id",
            "政策条目",
            "Policy row of the share of a sole supplier (county), or of the ten largest (else); null without one.",
            nullable=True,
        ),
    ),
)
TABLES = (TABLE,)

DISPERSED = Rule(
    "distribution_dispersed",
    "药品配送分散",
    "Distribution dispersed",
    "signal",
    Subject("city", "设区市", ("code",)),
    TABLE.name,
    "clause_distribution_concentration",
    may_be_named=False,
)
SOLE = replace(
    DISPERSED,
    code="sole_distributor",
    title_zh="疑似独家配送",
    title_en="Sole distributor",
    subject=Subject("county", "县（市、区）", ("code",)),
    is_money=True,
)
RULES = (DISPERSED, SOLE)

LAWS = (
    at_most(TABLE.name, "sole", "sole_products", "products", "独家配送产品多于全部产品"),
    at_most(TABLE.name, "groups", "over_1000m", "over_500m", "超过10亿元的集团多于超过5亿元的集团"),
    Law(
        TABLE.name,
        "shares",
        "最大配送企业占比高于前十家占比或最大集团占比",
        "top_share > top10_share OR top_share > top_group_share",
        ("top_share", "top10_share", "top_group_share"),
    ),
    Law(
        TABLE.name,
        "no_purchase",
        "没有采购金额却有占比，或相反",
        "(purchase_fen = 0) <> (top_share IS NULL) OR (top_share IS NULL) <> (hhi IS NULL)",
        ("purchase_fen", "top_share", "hhi"),
    ),
)

_SHARE = Parameter("decimal", "ratio", "", title="", minimum=0, maximum=1, may_be_absent=True)
PARAMETERS = {
    "top10_share_min": replace(
        _SHARE,
        meaning="A lower share of the ten largest suppliers of a city is a signal; absent, there is none.",
        title="前十家配送企业占比的下限",
    ),
    "concentration_floor": Parameter(
        "decimal",
        "yuan",
        "What a county bought at least for a sole supplier to be listed.",
        title="列出独家配送的最低采购金额（元）",
        minimum=0,
        maximum=10**10,
    ),
    "sole_distributor_share": replace(
        _SHARE,
        meaning="Share of the largest group from which it is a signal in a county; absent, there is none.",
        title="视为独家配送的占比",
    ),
    "clause_distribution_concentration": Parameter(
        "str", "text", "Clause cited on the concentration of distribution.", title="配送集中度线索引用的条款"
    ),
}
