"""How people are shown budgets, caps and bands."""

from dataclasses import replace

from schemas.section import Entry, Section
from schemas.shown import Chart, Headline, Sheet, Shown
from schemas.table import as_quotient

_TABLE = "budgeted_completion"
_AMOUNTS = {"target": "amount"}

_NOTE = (
    "条为执行率（满格 100%），竖线为序时进度。上限的执行率越低越有余地，下限和区间的越高越好。",
    "The bar is the rate (full at 100%), the line on it the time progress. Of a cap a low rate leaves room; floors "
    "and bands are to be reached.",
)
_IN_UNITS = (f"{_NOTE[0]}数量为最小单位（片、粒、支等）。", f"{_NOTE[1]} Quantities are minimum units.")
_MEASURED = ("agreed", "agreed_max", "net", "excused")


_DRAWN = {
    "amount": ("执行率与序时进度（按金额）", "Rate of amounts against time progress"),
    "quantity": ("执行率与序时进度（按数量）", "Rate of quantities against time progress"),
}


def _each(target: str, suffix: str, titles: tuple[str, str]) -> Sheet:
    """Agreements of one target, with the columns that rows of it have."""
    return replace(
        _EACH,
        code=f"budgets_{target}",
        titles=titles,
        columns=(*_EACH.columns, *(f"{name}_{suffix}" for name in _MEASURED), "period_start", "period_end", "commitment_id"),
        where={"target": (target,)},
        note=_NOTE if target == "amount" else _IN_UNITS,
        chart=_EACH.chart and replace(_EACH.chart, titles=_DRAWN[target]),
    )


_EACH = Sheet(
    "budgets",
    _TABLE,
    ("", ""),
    (*("status", "direction", "lot_code", "item_code", "product_code"), *("rate", "time_progress", "gap", "excused_rate")),
    order=("gap", "commitment_id"),
    levels=("institution",),
    has_filter=True,
    mark={"rate": "time_progress"},
    note=_NOTE,
    chart=Chart(
        "points",
        ("", ""),
        ("time_progress", "rate"),
        ("product_code", "item_code", "commitment_id"),
        look="direction",
        looks={"floor": ("#2f5d9b", "circle"), "cap": ("#a8382a", "triangle-down"), "band": ("#d9a13b", "square")},
        without={"status": ("not_started", "cancelled", "no_products")},
    ),
)

_SHEETS = (
    _each("amount", "fen", ("预算、上限与区间（按金额）：执行率与序时进度", "Budgets, caps and bands of amounts against time")),
    _each("quantity", "quantity", ("上限与区间（按数量）：执行率与序时进度", "Caps and bands of quantities against time")),
)

SHOWN = Shown(
    titles=("预算、上限与区间", "Budgets, caps and bands"),
    headlines=(
        Headline(
            _TABLE,
            "预算执行（按金额约定的协议）",
            ("范围", "约定金额（元）", "净采购金额（元）"),
            (("", ("agreed_fen", "net_fen")),),
            by=("direction",),
            where=_AMOUNTS,
            counted=f"{_TABLE}.status",
        ),
    ),
    sections=(
        Section(
            "budgets",
            _TABLE,
            ("预算、上限与区间：状态（条）", "Budgets, caps and bands by status"),
            (
                Entry(
                    "reached",
                    ("到期达到比例（严格）", "reached or kept of ended, strict"),
                    as_quotient("completed + kept", "completed + kept + excused + exceeded + failed"),
                ),
                Entry(
                    "excusing",
                    ("达到比例（含正当理由）", "the same with excused ones"),
                    as_quotient("completed + kept + excused", "completed + kept + excused + exceeded + failed"),
                ),
            ),
            spread="status",
            note=(
                "达到比例 =（已完成 + 未超上限）÷（已完成 + 未超上限 + 有正当理由 + 超出上限 + 未完成），含提前完成的；"
                "含正当理由者分子加上有正当理由的协议。",
                "Reached = (completed + kept) ÷ (completed + kept + excused + exceeded + failed), early ones included; "
                "the other adds the excused ones above.",
            ),
        ),
    ),
    sheets=(*_SHEETS, *(sheet.seen_from("product", "product_code") for sheet in _SHEETS)),
)
