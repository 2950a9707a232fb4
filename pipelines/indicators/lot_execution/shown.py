"""How people are shown execution by lot: as the official form 国采医疗机构带量执行报表 has it."""

from dataclasses import replace

from schemas.section import Bars, Entry, Section
from schemas.shown import Sheet, Shown

_TABLE = "lot_execution"
_STATES = (
    "zero_products",
    "zero_share",
    "below_products",
    "below_share",
    "over_products",
    "over_share",
    "normal_products",
    "normal_share",
)
_BESIDE = ("non_selected_over_quantity", "non_selected_over_amount", "below_and_over")
_PRODUCTS = ("non_selected_products", "non_selected_bought", "substitutable_products", "substitutable_bought")
_NOTE = (
    "一份协议即一个签约产品；零采购、超量、低于序时进度、正常依次判断，占比均除以签约产品总数。非中选指同通用名、同给药途径而当日未中选的药品。",
    "A commitment is an agreed product; not bought, over, below time progress, normal: the first that applies, shares of all "
    "agreed products. Non-selected drugs are of the same generic and route, and not selected on the day.",
)

_EXECUTION = Section(
    "lot_execution",
    _TABLE,
    ("带量采购执行（签约产品）", "Agreed products by how they are executed"),
    tuple(map(Entry, ("agreed_products", *_STATES, *_BESIDE))),
    note=(
        f"{_NOTE[0]}已到期与执行中的批次一并计入。",
        f"{_NOTE[1]} Lots that have ended and those that run are counted together.",
    ),
    bars=Bars(
        "shares", {"zero_share": "#5B1A12", "below_share": "#D9A13B", "normal_share": "#9DB7D9", "over_share": "#2F5D9B"}
    ),
)

SHOWN = Shown(
    titles=("带量执行", "Execution by lot"),
    sections=(
        _EXECUTION,
        replace(
            _EXECUTION,
            code="lot_execution_lot",
            titles=("带量采购执行（按采购批次）", "Agreed products by how they are executed, by lot"),
            levels=("lot",),
        ),
    ),
    sheets=(
        Sheet(
            "lot_execution",
            _TABLE,
            ("带量采购分批次执行", "Execution by lot"),
            ("lot_code", "period_start", "period_end", "time_progress", "agreed_products", *_STATES, *_BESIDE, *_PRODUCTS),
            order=("-period_start", "lot_code"),
            levels=("institution",),
            note=_NOTE,
        ),
        Sheet(
            "lot_execution_lots",
            _TABLE,
            ("带量采购执行（按批次）", "Execution by lot"),
            ("lot_code", "period_start", "agreed_products", *_STATES, *_BESIDE),
            by=("lot_code", "period_start"),
            order=("-period_start", "lot_code"),
            levels=("jurisdiction", "all"),
            note=_NOTE,
        ),
        Sheet(
            "lot_execution_institutions",
            _TABLE,
            ("带量采购执行（按机构，零采购多的在前）", "Execution by institution, most of nothing bought first"),
            (
                "institution_code",
                "lot_code",
                "period_start",
                "period_end",
                "time_progress",
                "agreed_products",
                *_STATES,
                *_BESIDE,
            ),
            order=("-zero_share", "-below_share", "institution_code", "lot_code", "period_start"),
            levels=("jurisdiction",),
            has_filter=True,
        ),
    ),
)
