"""What delivery and shortage declare beside their tables: rules, measures, laws, parameters (obligations §26)."""

from dataclasses import replace

from pipelines.indicators.delivery_performance.tables import DELIVERY, SHORTAGE, TABLES
from schemas.law import Law, at_most
from schemas.measure import IN_TABLES, Measure
from schemas.policies import Parameter
from schemas.rule import Rule, Subject

__all__ = ["TABLES"]

POOR = Rule(
    "delivery_poor",
    "配送率偏低",
    "Poor delivery",
    "warning",
    Subject("division_supplier", "统筹区与配送企业", ("jurisdiction_code", "distributor_code")),
    DELIVERY.name,
    "clause_delivery_performance",
    may_be_named=False,
    is_money=True,
)
SHORT = Rule(
    "shortage",
    "供应短缺",
    "Shortage",
    "signal",
    Subject("city_product", "市与产品", ("city_code", "product_code")),
    SHORTAGE.name,
    "clause_shortage",
    may_be_named=False,
)
RULES = (POOR, SHORT)

MEASURES = (
    Measure("delivery_rate", DELIVERY.name, "delivery_rate", "配送率", "Delivered of what was ordered"),
    Measure("on_time_rate", DELIVERY.name, "on_time_rate", "按时配送率", "Delivered in time", shown=IN_TABLES),
)

LAWS = (
    at_most(DELIVERY.name, "complete", "complete_lines", "lines", "足量配送的行多于到期订单行"),
    at_most(DELIVERY.name, "on_time", "on_time_lines", "complete_lines", "按时足量配送的行多于足量配送的行"),
    at_most(DELIVERY.name, "delivered", "delivered_fen", "ordered_fen", "已配送金额多于订单金额"),
    at_most(DELIVERY.name, "in_time", "on_time_fen", "delivered_fen", "按时配送金额多于已配送金额"),
    at_most(SHORTAGE.name, "short", "short_institutions", "institutions", "未足量机构多于订购机构"),
    Law(
        SHORTAGE.name,
        "lacking",
        "全部足量却列为未足量",
        "delivered_units >= ordered_units OR short_institutions = 0 OR distributors = 0 OR generic_fill_rate >= 1",
        ("ordered_units", "delivered_units", "short_institutions", "distributors", "generic_fill_rate"),
    ),
)

_DAYS = Parameter(
    "int",
    "days",
    "Calendar days after the order within which it is delivered; absent, no order is ever due.",
    title="配送期限（日历天）",
    minimum=0,
    maximum=366,
    may_be_absent=True,
)
_COUNT = Parameter(
    "int",
    "count",
    "Due order lines of a supplier in a division from which its delivery is judged.",
    title="核对配送率的最少订单行数",
    minimum=1,
    may_be_absent=True,
)
_RATE = Parameter(
    "decimal",
    "ratio",
    "Least share of what was ordered that a supplier delivers; absent, none is found.",
    title="配送率下限",
    minimum=0,
    maximum=1,
    may_be_absent=True,
)
_CLAUSE = Parameter("str", "text", "Clause cited on findings of poor delivery.", title="配送率偏低问题引用的条款")
PARAMETERS = {
    "delivery_days": _DAYS,
    "delivery_days_emergency": replace(
        _DAYS,
        meaning="Calendar days after an emergency order within which it is delivered; absent, it is never due.",
        title="应急采购的配送期限（日历天）",
    ),
    "transit_days": replace(
        _DAYS,
        meaning="Days after shipping on which goods have arrived however late they are accepted; absent, the day of acceptance.",
        title="运输天数（发货后视为到达）",
    ),
    "delivery_lines_min": _COUNT,
    "delivery_rate_min": _RATE,
    "shortage_fill": replace(
        _RATE, meaning="A share delivered below this is a shortage; absent, there is none.", title="短缺的满足率界限"
    ),
    "shortage_institutions": replace(
        _COUNT,
        meaning="Institutions that did not get all of a product from which it may be short in their city.",
        title="短缺的最少未足量机构数",
    ),
    "watch_fill": replace(
        _RATE, meaning="A share delivered below this is watched; absent, only what is listed is.", title="关注的满足率界限"
    ),
    "clause_delivery_performance": _CLAUSE,
    "clause_shortage": replace(_CLAUSE, meaning="Clause cited on signals of shortages.", title="供应短缺线索引用的条款"),
}
