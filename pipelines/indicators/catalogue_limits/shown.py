"""How people are shown forms and strengths: the drugs of an institution, those in most forms and strengths first."""

from schemas.shown import Sheet, Shown

_TABLE = "catalogue_limits"
_COUNTS = ("forms", "strengths", "injection_products", "oral_products")

SHOWN = Shown(
    titles=("剂型与规格", "Forms and strengths"),
    sheets=(
        Sheet(
            _TABLE,
            _TABLE,
            ("同一药品的剂型、规格与品种数（本年）", "Forms, strengths and products of each drug, this year"),
            ("drug_code", *_COUNTS, "products", "unknown_products"),
            order=(*(f"-{name}" for name in _COUNTS), "drug_code"),
            levels=("institution",),
            has_filter=True,
            note=(
                "剂型、规格依聊政发〔2018〕44号 三(四)3，只在该文有效的地区和期间有上限；"
                "注射、口服品种依处方管理办法第十六条，因特殊诊疗需要的除外。",
                "Forms and strengths have a limit only where and while 聊政发〔2018〕44号 holds; products that are "
                "injected or taken by mouth have that of 处方管理办法 16, special need aside.",
            ),
        ),
    ),
)
