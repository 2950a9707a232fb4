"""How people are shown execution by lot: as the official form 国采医疗机构带量执行报表 has it."""

from dataclasses import replace

from schemas.form import Form
from schemas.section import Bars, Entry, Section
from schemas.shown import Sheet, Shown
from schemas.table import as_quotient

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

_FORM = Form(
    _TABLE,
    _TABLE,
    ("国采医疗机构带量执行报表", "Execution of agreed volumes by institution, as the official form"),
    (
        Entry("period_start", ("协议开始日期", "")),
        Entry("period_end", ("协议结束日期", "")),
        Entry("time_progress"),
        Entry("agreed_products"),
        *map(Entry, _STATES),
        Entry("non_selected_products"),
        Entry("non_selected_bought"),
        Entry(
            "non_selected_bought",
            ("采购非中选产品占比", "Share of non-selected bought"),
            as_quotient("non_selected_bought", "non_selected_products"),
        ),
        Entry("non_selected_over_quantity"),
        Entry(
            "non_selected_over_quantity",
            ("非中选采购量大于中选占比", "Share of more by quantity"),
            as_quotient("non_selected_over_quantity", "agreed_products"),
        ),
        Entry("non_selected_over_amount"),
        Entry(
            "non_selected_over_amount",
            ("非中选采购金额大于中选占比", "Share of more by amount"),
            as_quotient("non_selected_over_amount", "agreed_products"),
        ),
        Entry("substitutable_products"),
        Entry("substitutable_bought"),
        Entry(
            "substitutable_bought",
            ("采购可替代产品占比", "Share of substitutes bought"),
            as_quotient("substitutable_bought", "substitutable_products"),
        ),
        Entry("below_and_over"),
        Entry("below_and_over", ("两者兼有占比", "Share of both"), as_quotient("below_and_over", "agreed_products")),
    ),
    note=_NOTE,
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
    forms=(_FORM,),
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
