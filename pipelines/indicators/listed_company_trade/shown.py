"""How people are shown trade with listed companies: by role, for the same goods may stand in two."""

from schemas.shown import Headline, Shown

_TABLE = "listed_company_trade"

SHOWN = Shown(
    titles=("与失信名单企业的交易", "Trade with listed companies"),
    headlines=(
        Headline(
            _TABLE,
            "与失信名单企业的交易（元）",
            ("企业角色", "列入期间交易行数", "名单适用本地的行数", "列入期间交易金额"),
            (("", ("lines", "here_lines", "amount_fen")),),
            by=("role",),
        ),
    ),
)
