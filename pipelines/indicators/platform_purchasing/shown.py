"""How people are shown purchasing on the platform: what has to be bought there beside what is exempt or an emergency."""

from schemas.shown import Headline, Shown

_TABLE = "platform_purchasing"

SHOWN = Shown(
    titles=("平台采购", "Purchasing on the platform"),
    headlines=(
        Headline(
            _TABLE,
            "平台采购（元）",
            ("商品类别", "应平台采购", "平台采购", "线下采购", "平台采购率", "应急采购", "应急占比", "豁免"),
            (
                (
                    "",
                    (
                        *("scope_fen", "platform_fen", "offline_fen", "platform_rate"),
                        *("emergency_fen", "emergency_share", "exempt_fen"),
                    ),
                ),
            ),
            by=("kind",),
        ),
    ),
)
