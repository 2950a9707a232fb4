"""How people are shown budget protection: the verdict of each institution with the three conditions it rests on."""

from schemas.section import Section
from schemas.shown import Sheet, Shown

_TABLE = "budget_protection"
_ROW = ("verdict", "volume", "contract", "rational_use", "commitments_ended", "commitments_short", "overdue_fen")
_NOTE = (
    "有一项为否的不符合，三项都为是的不降低，其余未定（空白为不知道）。只计国家组织的批次；逾期不计有正当理由的。",
    "One no: not protected; three times yes: protected; else undecided (blank: not known). Only national lots count, and "
    "overdue money without an excuse.",
)

SHOWN = Shown(
    titles=("总额控制指标不降低", "Budget protection"),
    sections=(
        Section(
            _TABLE,
            _TABLE,
            ("总额控制指标不降低：结论（家）", "Budget protection: institutions by verdict"),
            (),
            levels=("jurisdiction",),
            spread="verdict",
            note=_NOTE,
        ),
    ),
    sheets=(
        Sheet(
            _TABLE, _TABLE, ("总额控制指标不降低的条件", "Whether the budget stays"), _ROW, levels=("institution",), note=_NOTE
        ),
        Sheet(
            "budget_protection_institutions",
            _TABLE,
            ("总额控制指标不降低（按机构）", "Whether the budgets of institutions stay"),
            ("institution_code", *_ROW),
            order=("verdict", "-overdue_fen", "institution_code"),
            levels=("jurisdiction", "all"),
            folded=("all",),
            has_filter=True,
            note=_NOTE,
        ),
    ),
)
