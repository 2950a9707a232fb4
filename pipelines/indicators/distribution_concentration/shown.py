"""How people are shown the concentration of distribution: counties and cities, those most in one hand first."""

from schemas.shown import Chart, Sheet, Shown

_TABLE = "distribution_concentration"
_SHARES = ("top_group_share", "top10_share")
_COLUMNS = (
    *("purchase_fen", "institutions", "distributors", "top_distributor_code", "top_share", "top10_share", "hhi"),
    *("top_group_code", "top_group_share", "hhi_group", "over_1000m", "over_500m", "products", "sole_products"),
)
_NOTE = (
    "本年至今的药品采购；集团按企业信息的集团编码合并。指数 10,000 为只有一家。"
    "聊政发〔2018〕44号 三(四)2 既要求提高集中度（前十家占80%以上，指全市批发额），"
    "又要求防止独家配送：高低都要看，都不必然不当。",
    "Drugs bought this year; groups by the group code of companies. An index of 10,000 is one alone. The document wants "
    "both more concentration and no sole distributor: look at high and low ones alike; neither need be wrong.",
)

SHOWN = Shown(
    titles=("配送集中度", "Concentration of distribution"),
    sheets=(
        Sheet(
            _TABLE,
            _TABLE,
            ("药品配送集中度（集团占比高的在前，本年）", "Concentration of distribution, largest group first, this year"),
            ("level", "code", *_COLUMNS),
            order=("-top_group_share", "-purchase_fen", "code"),
            levels=("jurisdiction", "all"),
            has_filter=True,
            note=_NOTE,
            chart=Chart(
                "lying",
                ("最大集团占比", "Share of the largest group"),
                ("top_group_share",),
                ("code",),
                20,
                without={"level": ("all",)},
            ),
        ),
    ),
)
