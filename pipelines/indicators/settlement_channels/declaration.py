"""What settlement channels declare: their report table, measure and laws (obligations §22)."""

from schemas.law import adds_up
from schemas.measure import Measure
from schemas.table import AS_OF, INSTITUTION, JURISDICTION, RUN_ID, ReportTable, fen, rate, text

_CLAUSE = "中共中央 国务院关于深化医疗保障制度改革的意见 (十八)；聊城 3715：聊政发〔2018〕44号 三(四)3"
_TO_DISTRIBUTOR = "hospital_to_distributor_fen"
PARTS = ("hospital_to_manufacturer_fen", _TO_DISTRIBUTOR, "fund_to_manufacturer_fen", "fund_to_distributor_fen")

TABLE = ReportTable(
    name="settlement_channels",
    title_zh="货款结算渠道",
    description="What was paid in a month for an institution, by who paid and who was paid, less what was taken back.",
    key=("as_of", "institution_code", "month"),
    figure=True,
    columns=(
        AS_OF,
        INSTITUTION,
        text("month", "支付月份", "Month of payment (YYYY-MM)."),
        RUN_ID,
        JURISDICTION,
        fen(PARTS[0], "医疗机构付生产企业金额", "Paid by the institution to a manufacturer.", _CLAUSE),
        fen(PARTS[1], "医疗机构付配送企业金额", "Paid by the institution to anyone else."),
        fen(PARTS[2], "医保基金付生产企业金额", "Paid by the fund to a manufacturer.", _CLAUSE),
        fen(PARTS[3], "医保基金付配送企业金额", "Paid by the fund to anyone else.", _CLAUSE),
        fen("paid_fen", "支付货款金额", "All of it."),
        rate(
            "direct_share",
            "直接结算率",
            "Paid by the fund, or to a manufacturer, of all that was paid.",
            _CLAUSE,
            of=(f"paid_fen - {_TO_DISTRIBUTOR}", "paid_fen"),
        ),
    ),
)
TABLES = (TABLE,)

MEASURES = (Measure("direct_share", TABLE.name, "direct_share", "直接结算率", "Settled directly"),)

LAWS = (adds_up(TABLE.name, "paid", "paid_fen", PARTS, "支付货款金额不等于四种渠道之和"),)
