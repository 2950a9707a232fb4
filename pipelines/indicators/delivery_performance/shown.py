"""How people are shown delivery and shortage: rates by institution, supplier and month; what is short, the worst first."""

from schemas.shown import Chart, Headline, Sheet, Shown

_DELIVERY = "delivery_performance"
_RATES = ("delivery_rate", "on_time_rate")
_SUMS = (*_RATES, "ordered_fen", "delivered_fen", "on_time_fen", "lines", "complete_lines", "on_time_lines")
_NOTE = (
    "截至统计截止日已到期的订单行；已配送为验收数量，不超过订购；发货后满运输天数的视为到达，验收晚不由配送企业负责。",
    "Order lines due up to as_of; delivered is what was accepted, at most what was ordered; goods have arrived some days after "
    "shipping, however late they are accepted.",
)
_SHORT = (
    "近90天内到期而没有足量配送的产品；列入清单的只是关注，同通用名的其他产品可能已足量供应。",
    "Products due in the last 90 days that did not come in full; what is listed is only watched, and others of the generic may "
    "have come.",
)

SHOWN = Shown(
    titles=("配送履约与供应短缺", "Delivery and shortage"),
    headlines=(
        Headline(
            _DELIVERY,
            "配送履约（元）",
            ("范围", "到期订单", "已配送", "配送率", "按时配送", "按时配送率"),
            (("合计", ("ordered_fen", "delivered_fen", "delivery_rate", "on_time_fen", "on_time_rate")),),
        ),
    ),
    sheets=(
        Sheet(
            "delivery_institutions",
            _DELIVERY,
            ("配送履约（按机构，配送率低的在前）", "Delivery by institution, lowest rate first"),
            ("institution_code", *_SUMS),
            by=("institution_code",),
            order=("delivery_rate", "-ordered_fen", "institution_code"),
            levels=("jurisdiction", "all"),
            folded=("all",),
            has_filter=True,
            note=_NOTE,
        ),
        Sheet(
            "delivery_suppliers",
            _DELIVERY,
            ("配送履约（按配送企业，配送率低的在前）", "Delivery by supplier, lowest rate first"),
            ("distributor_code", *_SUMS),
            by=("distributor_code",),
            order=("delivery_rate", "-ordered_fen", "distributor_code"),
            has_filter=True,
            note=_NOTE,
        ),
        Sheet(
            "delivery_months",
            _DELIVERY,
            ("配送履约（按下单月份）", "Delivery by month of the order"),
            ("month", *_SUMS),
            by=("month",),
            order=("-month",),
            chart=Chart("lines", ("配送率（按下单月份）", "Delivery, by month of the order"), _RATES, ("month",), 24),
        ),
        Sheet(
            "shortage",
            "shortage",
            ("供应短缺（满足率低的在前）", "Shortages, lowest share first"),
            (
                *("city_code", "product_code", "level", "fill_rate", "generic_fill_rate", "is_listed", "short_institutions"),
                *("institutions", "distributors", "ordered_units", "delivered_units"),
            ),
            order=("level", "fill_rate", "-short_institutions", "city_code", "product_code"),
            levels=("jurisdiction", "all"),
            has_filter=True,
            note=_SHORT,
        ),
    ),
)
