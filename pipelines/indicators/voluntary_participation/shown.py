"""How people are shown voluntary participation: private hospitals and pharmacies side by side."""

from schemas.shown import Figure, Headline, Shown

_TABLE, _RATE = "voluntary_participation", "participation_rate"
_NOTE = (
    "本年在平台采购过的定点机构 ÷ 定点机构；参与出于自愿，不产生问题。",
    "Designated institutions that bought on the platform this year, of all designated ones; to join is no duty.",
)

SHOWN = Shown(
    titles=("自愿参与", "Voluntary participation"),
    headlines=(
        Headline(
            _TABLE,
            "民营医疗机构和零售药店自愿参与（本年，元）",
            ("机构性质", "定点机构", "参与机构", "参与率", "有约定采购量", "平台采购", "线下采购"),
            (("", ("institutions", "participants", _RATE, "committed", "platform_fen", "offline_fen")),),
            by=("ownership",),
        ),
    ),
    figures=(
        Figure(
            "participation_private",
            _TABLE,
            _RATE,
            ("民营医疗机构参与率", "Private hospitals taking part"),
            {"ownership": "private"},
            tile=("participation_retail",),
            note=_NOTE,
        ),
        Figure("participation_retail", _TABLE, _RATE, ("零售药店参与率", "Pharmacies taking part"), {"ownership": "retail"}),
    ),
)
