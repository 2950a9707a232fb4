"""How people are shown linked codes: purchase, use and settlement below each other."""

from schemas.shown import Headline, Shown

_TABLE = "code_linkage"

SHOWN = Shown(
    titles=("编码衔接", "Codes linked"),
    headlines=(
        Headline(
            _TABLE,
            "编码衔接（元）",
            ("环节", "编码相符", "全部", "比率"),
            (
                ("采购：国家编码", ("coded_fen", "purchase_fen", "purchase_code_rate")),
                ("使用：有采购来源", ("linked_fen", "usage_fen", "usage_link_rate")),
                ("基金结算：编码相符", ("matched_fen", "fund_fen", "settlement_match_rate")),
            ),
        ),
    ),
)
