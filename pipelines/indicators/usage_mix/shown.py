"""How people are shown the usage mix: the share that is not selected by institution, the selected drugs beside it."""

from schemas.section import Bars, Entry, Section, Tile
from schemas.shown import Chart, Figure, Headline, Sheet, Shown

_YEAR, _MONTHS = "usage_mix_year", "usage_mix"
_SHARE = "non_selected_share_amount"
_FEN = ("selected_fen", "non_selected_fen")
_SUMS = (*_FEN, _SHARE, "substitute_fen")
_SECTION_TITLES = (
    ("中选金额", "selected"),
    ("非中选金额", "non-selected"),
    ("非中选占比", "non-selected share"),
    ("可替代品种金额", "substitutes"),
)
_NOTE = (
    "非中选指验收当日未中选、而同通用名同给药途径另有产品中选的药品；占比 = 非中选 ÷（中选 + 非中选），可替代品种不计入。"
    "占比高不一定不当：请先看中选企业供应和约定采购量。",
    "Non-selected: not selected on the day of acceptance, while another drug of the generic and route is. Share = non-selected ÷ "
    "(selected + non-selected), without substitutes. A high share need not be wrong: look at supply and agreed volume first.",
)

SHOWN = Shown(
    titles=("中选药品使用", "Usage mix"),
    headlines=(
        Headline(
            _YEAR,
            "中选与非中选药品使用（本年，元）",
            ("范围", "中选", "非中选", "非中选占比", "可替代品种"),
            (("合计", _SUMS),),
        ),
    ),
    figures=(
        Figure(
            "non_selected_share",
            _YEAR,
            _SHARE,
            ("非中选占比（本年）", "Non-selected share"),
            tile=("selected", "non_selected"),
            note=("可替代品种不计入", "Without substitutes"),
        ),
        Figure("selected", _YEAR, "selected_fen", ("中选金额（本年）", "Selected")),
        Figure("non_selected", _YEAR, "non_selected_fen", ("非中选金额（本年）", "Non-selected")),
    ),
    sections=(
        Section(
            "usage_mix",
            _YEAR,
            ("中选与非中选药品使用（本年）", "Selected and non-selected drugs, this year"),
            tuple(Entry(name, titles) for name, titles in zip(_SUMS, _SECTION_TITLES, strict=True)),
            note=_NOTE,
            bars=Bars("shares", {"selected_fen": "#2F5D9B", "non_selected_fen": "#D9A13B"}),
            tile=Tile(_SHARE, ("非中选占比（金额，本年）", "Non-selected share (amount)")),
        ),
    ),
    sheets=(
        Sheet(
            "usage_mix_institutions",
            _YEAR,
            ("中选与非中选药品（按机构，非中选占比高的在前）", "Selected and non-selected by institution, highest share first"),
            ("institution_code", *_SUMS),
            by=("institution_code",),
            order=(f"-{_SHARE}", "-non_selected_fen", "institution_code"),
            levels=("jurisdiction", "all"),
            folded=("all",),
            has_filter=True,
            note=_NOTE,
        ),
        Sheet(
            "usage_mix_generics",
            _YEAR,
            ("中选与非中选药品（按通用名）", "Selected and non-selected by generic"),
            ("generic_code", "route", *_SUMS),
            by=("generic_code", "route"),
            order=("-non_selected_fen", "generic_code", "route"),
            levels=("jurisdiction", "all"),
            folded=("jurisdiction", "all"),
            has_filter=True,
        ),
        Sheet(
            "usage_mix_year",
            _YEAR,
            ("中选与非中选药品（按通用名，本年与上年同期）", "Selected and non-selected by generic, this year and before"),
            (
                "generic_code",
                "route",
                "selected_units",
                "non_selected_units",
                "non_selected_share_units",
                "non_selected_share_units_before",
                *_SUMS,
                "substitute_units",
                "passed_units",
                "originator_units",
                "has_commitment",
            ),
            order=("-non_selected_fen", "generic_code", "route"),
            levels=("institution",),
            has_filter=True,
            note=_NOTE,
        ),
        Sheet(
            "usage_mix_months",
            _MONTHS,
            ("中选与非中选药品（按验收月份）", "Selected and non-selected by month of acceptance"),
            ("month", *_SUMS),
            by=("month",),
            order=("-month",),
            chart=Chart(
                "stacked", ("中选与非中选（按验收月份，元）", "Selected and not, by month (yuan)"), _FEN, ("month",), 24
            ),
        ),
    ),
)
