"""What the use of listed products declares beside its tables: rules, measures, laws, parameters (obligations §17)."""

from dataclasses import replace

from pipelines.indicators.listed_use.tables import ESSENTIAL, LINKAGE, NEGOTIATED, SURGES, TABLES
from schemas.law import Law, at_most
from schemas.measure import IN_TABLES, Measure
from schemas.policies import Parameter
from schemas.rule import Rule, Subject
from schemas.spellings import LEVELS

__all__ = ["TABLES"]

SHARE_LOW = Rule(
    "essential_share_low",
    "基本药物金额占比偏低",
    "Share of essential drugs low",
    "warning",
    Subject("institution", "医疗机构", ("institution_code",)),
    ESSENTIAL.name,
    "clause_essential_and_monitored",
    is_money=True,
)
PRODUCTS_LOW = replace(
    SHARE_LOW,
    code="essential_products_low",
    title_zh="基本药物品种占比偏低",
    title_en="Few essential drugs among those bought",
    is_money=False,
    may_be_named=False,
)
INSURED_LOW = replace(
    PRODUCTS_LOW,
    code="insured_products_low",
    title_zh="医保目录药品品种占比偏低",
    title_en="Few insured drugs among those bought",
)
GROWTH_HIGH = replace(
    SHARE_LOW, code="monitored_growth_high", title_zh="重点监控药品增长偏快", title_en="Monitored drugs grow fast"
)
SURGE = replace(
    SHARE_LOW,
    code="use_surge",
    title_zh="药品采购超常增长",
    title_en="Sudden rise of a drug",
    severity="signal",
    subject=Subject("institution_generic", "医疗机构与通用名", ("institution_code", "generic_code")),
    table=SURGES.name,
    clause="clause_use_surges",
)
RULES = (SHARE_LOW, PRODUCTS_LOW, INSURED_LOW, GROWTH_HIGH, SURGE)

MEASURES = (
    Measure("essential_share", ESSENTIAL.name, "essential_share_amount", "基本药物金额占比", "Share of essential drugs"),
    Measure(
        "insured_share",
        ESSENTIAL.name,
        "insured_share_amount",
        "医保目录药品金额占比",
        "Share of insured drugs",
        shown=IN_TABLES,
    ),
    Measure(
        "monitored_share",
        ESSENTIAL.name,
        "monitored_share",
        "重点监控药品金额占比",
        "Share of monitored drugs",
        shown=IN_TABLES,
    ),
    Measure(
        "negotiated_buyers",
        NEGOTIATED.name,
        "buyer_share",
        "谈判药品配备率",
        "Institutions that bought negotiated drugs",
        shown=IN_TABLES,
    ),
    Measure(
        "family_shared",
        LINKAGE.name,
        "shared_share",
        "医联体用药目录衔接率",
        "Drugs that head and member share",
        shown=IN_TABLES,
    ),
)

_PARTS = (
    ("essential", "基本药物"),
    ("insured", "医保目录药品"),
    ("monitored", "重点监控药品"),
    ("negotiated", "谈判药品"),
    ("other", "集采范围以外的药品"),
)
LAWS = (
    *(at_most(ESSENTIAL.name, name, f"{name}_fen", "drug_fen", f"{word}采购金额多于药品采购金额") for name, word in _PARTS),
    *(
        at_most(ESSENTIAL.name, f"{name}_products", f"{name}_products", "drug_products", f"{word}品种多于采购药品品种")
        for name, word in _PARTS[:2]
    ),
    at_most(ESSENTIAL.name, "governed", "governed_fen", "consumable_fen", "重点治理耗材采购金额多于耗材采购金额"),
    at_most(ESSENTIAL.name, "before", "monitored_fen_before", "drug_fen_before", "上年同期重点监控药品多于药品采购金额"),
    Law(
        SURGES.name,
        "usual",
        "此前没有采购却列出超常增长",
        "usual_units <= 0 OR recent_units <= 0",
        ("usual_units", "recent_units"),
    ),
    at_most(NEGOTIATED.name, "buyers", "buyers", "institutions", "配备机构多于机构数"),
    at_most(NEGOTIATED.name, "pharmacies", "pharmacy_buyers", "pharmacies", "配备药店多于药店数"),
    Law(NEGOTIATED.name, "places", "没有公立二级以上机构的统筹区却有数据", "institutions <= 0", ("institutions",)),
    at_most(LINKAGE.name, "shared", "shared", "drug_codes", "与牵头机构相同的品种多于采购品种"),
    at_most(LINKAGE.name, "essential", "essential_shared", "shared", "相同的基本药物多于相同的品种"),
    Law(LINKAGE.name, "member", "牵头机构列为自己的成员", "head_code = institution_code", ("head_code", "institution_code")),
)

_PERCENT = Parameter(
    "list",
    "percent",
    "Least share of essential drugs in what drugs cost, in percent by level of the institution.",
    title="基本药物金额占比下限（按机构等级，%）",
    assigns=rf"({'|'.join(LEVELS)})=(100|[0-9]{{1,2}}(\.[0-9]{{1,4}})?)",
    example="tertiary=80",
    may_be_absent=True,
)
_RATIO = Parameter(
    "decimal",
    "ratio",
    "Growth of monitored drugs against the same days of the year before above which it is found.",
    title="重点监控药品金额增幅上限",
    minimum=-1,
    maximum=1000,
    may_be_absent=True,
)
_FLOOR = Parameter(
    "decimal",
    "yuan",
    "What monitored drugs cost at least for their growth to be found.",
    title="核对重点监控药品增长的最低金额（元）",
    minimum=0,
)
_CLAUSE = Parameter(
    "str",
    "text",
    "Clause cited on findings of essential, insured and monitored drugs.",
    title="基本药物、医保药品与重点监控药品问题引用的条款",
)
PARAMETERS = {
    "essential_share_min": _PERCENT,
    "essential_products_min": replace(
        _PERCENT,
        meaning="Least share of essential drugs among the products bought, in percent by level of the institution.",
        title="基本药物品种占比下限（按机构等级，%）",
    ),
    "insured_products_min": replace(
        _PERCENT,
        meaning="Least share of insured drugs among the products bought, in percent by level of the institution.",
        title="医保目录药品品种占比下限（按机构等级，%）",
    ),
    "monitored_growth_limit": _RATIO,
    "monitored_growth_floor": _FLOOR,
    "surge_ratio": replace(
        _RATIO, meaning="Multiple of the usual quantity from which a rise is a signal.", title="采购超常增长的倍数", minimum=0
    ),
    "surge_floor": replace(
        _FLOOR,
        meaning="What a generic cost at least in the last 90 days for its rise to be listed.",
        title="列出采购超常增长的最低金额（元）",
    ),
    "clause_essential_and_monitored": _CLAUSE,
    "clause_use_surges": replace(
        _CLAUSE, meaning="Clause cited on sudden rises of drugs.", title="药品采购超常增长线索引用的条款"
    ),
}
