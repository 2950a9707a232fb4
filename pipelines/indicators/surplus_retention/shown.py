"""How people are shown surplus retention: budget beside spend, and what may be kept."""

from schemas.section import Bars, Entry, Section
from schemas.shown import Chart, Sheet, Shown

_TABLE = "surplus_retention"
_AMOUNTS = ("budget_fen", "spend_fen", "surplus_fen", "retained_fen")
_BESIDE = ("agreed_fen", "non_selected_fen")
_NOTE = (
    "支出 =（约定采购金额 + 非中选采购金额）× 统筹基金支付比例 × 参保人用量占比；没有协议或中选价格的无法测算支出。"
    "没有留用比例规定或未考核的，可留用金额不知道：各状态分列，不相加。",
    "Spend is (agreed + non-selected) × fund pay ratio × insured share; without a commitment or a price it is not known. "
    "Without steps of the place, or an evaluation, nobody can say what may be kept: states stand apart.",
)
_ROW = ("status", *_AMOUNTS, "ratio", "result", "score", "volume_met", *_BESIDE, "period_start", "period_end")

SHOWN = Shown(
    titles=("集采结余留用", "Surplus retention"),
    sections=(
        Section(
            _TABLE,
            _TABLE,
            ("集采结余留用（元）", "Surplus retention (yuan)"),
            tuple(map(Entry, (*_AMOUNTS, *_BESIDE))),
            apart=("status",),
            note=_NOTE,
            bars=Bars("amounts", {"surplus_fen": "#2F5D9B"}),
        ),
    ),
    sheets=(
        Sheet(
            _TABLE,
            _TABLE,
            ("集采结余留用（按品种）", "Surplus by item"),
            ("lot_code", "item_code", *_ROW),
            order=("-surplus_fen", "lot_code", "item_code", "period_start"),
            levels=("institution",),
            note=_NOTE,
            chart=Chart("lying", ("结余测算基数", "Surplus"), ("surplus_fen",), ("item_code", "period_start"), limit=12),
        ),
        Sheet(
            "surplus_retention_institutions",
            _TABLE,
            ("集采结余留用（按机构）", "Surplus by institution"),
            ("institution_code", "status", *_AMOUNTS, *_BESIDE),
            by=("institution_code", "status"),
            order=("-surplus_fen", "institution_code", "status"),
            levels=("jurisdiction", "all"),
            folded=("all",),
            has_filter=True,
            note=_NOTE,
        ),
    ),
)
