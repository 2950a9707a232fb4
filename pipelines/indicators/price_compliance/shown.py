"""How people are shown prices: what was paid beyond the prices that hold, and the lines behind it."""

from schemas.shown import Headline, Sheet, Shown

_TABLE = "price_compliance"

_LINES = Sheet(
    "price_lines",
    "price_line",
    ("高于应执行价格的采购明细", "Lines paid beyond the price"),
    (
        *("accepted_on", "product_code", "distributor_code", "basis", "expected_price", "paid_price", "packs"),
        *("over_fen", "over_rate", "delivery_id"),
    ),
    order=("-over_fen", "delivery_id"),
    levels=("institution",),
    has_filter=True,
    note=(
        "依据为“按规格折算”的，价格由同一企业其他包装规格的中选价推出，只供核对。",
        "Prices estimated from another pack size are clues for a check.",
    ),
)

SHOWN = Shown(
    titles=("采购价格", "Prices"),
    headlines=(
        Headline(
            _TABLE,
            "采购价格与加成（元）",
            ("范围", "采购金额", "有价可比", "高价采购", "高出金额", "高价占比", "低于金额", "加成金额"),
            (
                (
                    "合计",
                    ("purchase_fen", "compared_fen", "over_value_fen", "over_fen", "over_share", "below_fen", "markup_fen"),
                ),
            ),
        ),
    ),
    sheets=(
        Sheet(
            _TABLE,
            _TABLE,
            ("采购价格执行与加成", "Prices paid and charged"),
            (
                *("month", "purchase_fen", "compared_fen", "over_lines", "over_value_fen", "over_fen", "over_share"),
                *("below_fen", "charged_lines", "markup_lines", "markup_fen"),
            ),
            by=("month",),
            order=("month",),
            note=(
                "高价按下单日的中选价、其他规格的中选价折算、挂网价依次比较；低于应执行价格不是问题。",
                "Prices are compared with those of the day of the order; a price below is no finding.",
            ),
        ),
        _LINES,
        _LINES.seen_from("product", "product_code"),
        _LINES.seen_from("enterprise", "distributor_code"),
    ),
)
