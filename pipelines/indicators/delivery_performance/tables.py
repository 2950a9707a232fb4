"""The report tables of delivery and shortage (obligations §26)."""

from schemas.table import (
    AS_OF,
    DISTRIBUTOR,
    INSTITUTION,
    JURISDICTION,
    RUN_ID,
    Column,
    ReportTable,
    count,
    fen,
    flag,
    quantity,
    rate,
    text,
)

_CLAUSE = "全国：中共中央 国务院关于深化医疗保障制度改革的意见 (二十)；此前：本系统默认"
_SHORT = "全国：国办发〔2015〕7号，中共中央 国务院关于深化医疗保障制度改革的意见 (二十)；此前：本系统默认"
LEVELS = {"shortage": "短缺", "watch": "关注", "none": "未达界限"}


def _policy(parameter: str) -> Column:
    return text("policy_id", "政策条目", f"Policy row of {parameter}; null where none holds.", nullable=True)


DELIVERY = ReportTable(
    name="delivery_performance",
    title_zh="配送履约情况",
    description="What an institution ordered from a supplier in a month, what of it came, and what came in time.",
    key=("as_of", "institution_code", "distributor_code", "month"),
    figure=True,
    columns=(
        AS_OF,
        INSTITUTION,
        DISTRIBUTOR,
        text("month", "下单月份", "Month of the order (YYYY-MM)."),
        RUN_ID,
        JURISDICTION,
        count("lines", "lines", "到期订单行数", "Order lines due up to as_of, cancelled ones and gifts left out."),
        count("complete_lines", "lines", "足量配送行数", "Of them, those of which all that was ordered was accepted."),
        count(
            "on_time_lines", "lines", "按时足量配送行数", "Of them, those of which all had arrived by the day they were due."
        ),
        fen("ordered_fen", "到期订单金额", "What these lines ordered, at their lowest price."),
        fen("delivered_fen", "已配送金额", "What was accepted of it, at most what was ordered; returns do not count.", _CLAUSE),
        fen("on_time_fen", "按时配送金额", "What of it had arrived by the day it was due.", _CLAUSE),
        rate("delivery_rate", "配送率", "Delivered divided by ordered.", _CLAUSE, of=("delivered_fen", "ordered_fen")),
        rate("on_time_rate", "按时配送率", "Delivered in time divided by ordered.", _CLAUSE, of=("on_time_fen", "ordered_fen")),
        _policy("delivery_rate_min"),
    ),
)

SHORTAGE = ReportTable(
    name="shortage",
    title_zh="供应短缺情况",
    description="Products of which a city did not get all that was ordered and due in the last 90 days.",
    key=("as_of", "city_code", "product_code"),
    figure=True,
    columns=(
        AS_OF,
        text("city_code", "统筹区编码", "City of the institutions as a whole: four digits and 00.", refers="whole_city"),
        text("product_code", "医保药品编码", "Product that was ordered.", refers="product"),
        RUN_ID,
        count("institutions", "institutions", "订购机构数", "Institutions with an order line due in the 90 days up to as_of."),
        count("short_institutions", "institutions", "未足量机构数", "Of them, those with a line that lacks something.", _SHORT),
        count("distributors", "institutions", "配送企业数", "Suppliers of these lines."),
        quantity("ordered_units", "订购数量", "Minimum units that these lines ordered."),
        quantity("delivered_units", "已配送数量", "Minimum units accepted of them, at most what each ordered."),
        rate("fill_rate", "满足率", "Delivered divided by ordered, below 1.", _SHORT, of=("delivered_units", "ordered_units")),
        rate("generic_fill_rate", "同通用名满足率", "The same of all products of the generic and route in the city.", _SHORT),
        flag("is_listed", "列入短缺清单", "Whether it is listed for the city at as_of as short, or as prone to be."),
        text("level", "短缺程度", "Short, to be watched, or neither.", _SHORT, values=LEVELS),
        _policy("shortage_fill"),
    ),
)

TABLES = (DELIVERY, SHORTAGE)
