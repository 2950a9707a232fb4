"""How people are shown agreed-volume completion."""

from dataclasses import replace

from pipelines.indicators.agreed_volume.time_progress import TIME_PROGRESS
from schemas.section import Bars, Entry, Section, Tile
from schemas.shown import Breaks, Chart, Figure, Headline, Sheet, Shown
from schemas.table import as_quotient

_COMMITMENTS, _ROLLUP = "agreed_volume_completion", "agreed_volume_rollup"
_KEY = ["level", "code", "phase", "duty"]
_OUTSIDE = ("cancelled", "not_started")
_RUNNING, _MANDATORY = {"phase": "running"}, {"duty": "mandatory"}
_WHOSE = ("公立机构", "public institutions")


_NOTE = (
    "执行率为 Σ净采购/Σ约定，封顶完成率每条至多计 100%：一种药超量不掩盖另一种药不足。",
    "Executed is Σnet/Σagreed; capped counts each commitment to 100% at most, so that more of one product does not "
    "hide the lack of another.",
)
_RATES = ("phase", "duty", "execution_rate", "time_progress", "capped_rate", "completed", "commitments", "completed_share")

_EXECUTED = Entry("execution_rate", ("执行率", "executed"))
_CAPPED = Entry("capped_rate", ("封顶完成率", "executed, capped"))
_IN_TIME = Entry("time_progress", ("序时进度", "time progress"))
_PROGRESS = Section(
    "progress",
    _ROLLUP,
    ("执行率与序时进度（按统筹区）", "Executed against time progress, by division"),
    (
        _EXECUTED,
        _CAPPED,
        _IN_TIME,
        Entry("net_fen", ("净采购金额（元）", "bought, yuan")),
        Entry("capped_fen", ("封顶采购金额（元）", "bought, capped, yuan")),
        Entry("expected_fen", ("按序时应达金额（元）", "expected by now, yuan")),
        Entry("agreed_fen", ("约定金额（元）", "agreed, yuan")),
    ),
    where=_RUNNING | _MANDATORY,
    levels=("jurisdiction",),
    note=(
        "执行中协议、公立医疗机构。执行率 = Σ净采购金额 ÷ Σ约定金额；"
        "序时进度 = Σ（约定金额 × 该协议序时进度）÷ Σ约定金额，两者权重相同。",
        "Running agreements of public institutions. Executed = Σ bought ÷ Σ agreed; time progress = Σ (agreed × time progress "
        "of the agreement) ÷ Σ agreed: both have the same weights.",
    ),
    bars=Bars(
        "rates", {"execution_rate": "#2F5D9B", "capped_rate": "#9DB7D9", "time_progress": "#B3261E"}, marks=("time_progress",)
    ),
    tile=Tile(
        "execution_rate", ("执行率（执行中·公立）", "Executed (running, public)"), "capped_rate", ("封顶 {}", "{} capped")
    ),
)
_SECTIONS = (
    _PROGRESS,
    replace(
        _PROGRESS,
        code="progress_lot",
        titles=("执行率与序时进度（按采购批次）", "Executed against time progress, by lot"),
        levels=("lot",),
        tile=None,
    ),
    Section(
        "volume",
        _ROLLUP,
        ("约定采购量完成", "Agreed volumes"),
        (
            Entry("commitments", ("协议数", "")),
            Entry("completed", ("已完成", "")),
            Entry("completed_share", ("完成占比", "completed share")),
            Entry("agreed_fen", ("约定金额（元）", "")),
            Entry("net_fen"),
            Entry("capped_fen"),
            _EXECUTED,
            _IN_TIME,
            _CAPPED,
        ),
        apart=("phase", "duty"),
        note=(
            "执行率 = Σ净采购金额 ÷ Σ约定金额；序时进度同按约定金额加权；"
            "封顶完成率把每份协议的采购量封顶于约定量，某品种超额完成不掩盖另一品种的不足。",
            "Executed = Σ bought ÷ Σ agreed, time progress weighed alike; capped: no agreement counts for more than was agreed.",
        ),
    ),
    Section(
        "statuses",
        _COMMITMENTS,
        ("协议状态（条）", "Commitments by status"),
        (
            Entry(
                "strict",
                ("到期完成率（严格）", "completed of ended, strict"),
                as_quotient("completed", "completed + excused + failed"),
            ),
            Entry(
                "excusing",
                ("到期完成率（含正当理由）", "completed or excused of ended"),
                as_quotient("completed + excused", "completed + excused + failed"),
            ),
        ),
        levels=("jurisdiction",),
        spread="status",
        note=(
            "到期完成率（严格）= 已完成 ÷（已完成 + 有正当理由 + 未完成），含提前完成的；含正当理由者分子加上有正当理由的协议。",
            "Strict = completed ÷ (completed + excused + failed), early ones included; the other adds the excused ones above.",
        ),
    ),
)

_EACH = Sheet(
    "commitments",
    _COMMITMENTS,
    ("协议明细：执行率与序时进度", "Commitments: execution against time"),
    (
        "status",
        "lot_code",
        "item_code",
        "product_code",
        "strict_rate",
        "time_progress",
        "gap",
        "excused_rate",
        "agreed_quantity",
        "net_quantity",
        "excused_quantity",
        "needed_per_day",
        "period_start",
        "period_end",
        "commitment_id",
    ),
    order=("gap", "commitment_id"),
    levels=("institution",),
    has_filter=True,
    mark={"strict_rate": "time_progress"},
    note=(
        "条为完成率（满格 100%），竖线为序时进度。数量为最小单位（片、粒、支等）；协议明细编号用于 vbp explain。",
        "The bar is the execution rate (full at 100%), the line on it the time progress. Quantities are in minimum "
        "units; the commitment id is what vbp explain asks for.",
    ),
    chart=Chart(
        "points",
        ("执行率与序时进度", "Execution against time progress"),
        ("time_progress", "strict_rate"),
        ("product_code", "item_code", "commitment_id"),
        look="status",
        looks={
            "completed": ("#2f5d9b", "circle"),
            "on_track": ("#7fa3cf", "circle"),
            "behind": ("#d9a13b", "triangle-up"),
            "seriously_behind": ("#a8382a", "diamond"),
            "failed": ("#5b1a12", "cross"),
            "excused": ("#8a8f98", "square"),
            "cancelled": ("#c3c9d1", "circle"),
        },
        without={"status": ("not_started",)},
    ),
)

SHOWN = Shown(
    sections=_SECTIONS,
    titles=("约定采购量", "Agreed volume"),
    scope=(
        "约定采购量：公立与自愿分列，标题与列表中的执行率、封顶完成率、序时进度只计执行中的协议，统筹区的只计公立机构；"
        "序时进度与执行率同按约定金额加权。",
        "Agreed volume: public and voluntary apart; executed, capped and time progress above and in lists are of running "
        "agreement years, those of divisions of public institutions only; time progress is weighed "
        "by agreed amounts, as execution is.",
    ),
    headlines=(
        Headline(
            _ROLLUP,
            "约定采购量完成（金额口径）",
            ("范围", "协议数", "已完成", "完成占比", "执行率 Σ净/Σ约定", "序时进度", "封顶完成率"),
            (("", ("commitments", "completed", "completed_share", "execution_rate", "time_progress", "capped_rate")),),
            by=("phase", "duty"),
            counted=f"{_COMMITMENTS}.status",
        ),
    ),
    figures=(
        Figure(
            "executed",
            _ROLLUP,
            "execution_rate",
            ("执行率·执行中", "Executed, running"),
            _RUNNING,
            _MANDATORY,
            tile=("commitments", "completed", "time_progress"),
            whose=_WHOSE,
        ),
        Figure("time_progress", _ROLLUP, "time_progress", ("序时进度·执行中", "Time progress, running"), _RUNNING, _MANDATORY),
        Figure(
            "executed_capped",
            _ROLLUP,
            "capped_rate",
            ("封顶完成率·执行中", "Capped, running"),
            _RUNNING,
            _MANDATORY,
            tile=(),
            whose=_WHOSE,
        ),
        Figure("completed", _ROLLUP, "completed", ("完成条数", "Completed"), _RUNNING, _MANDATORY),
        Figure("commitments", _ROLLUP, "commitments", ("约定条数", "Commitments"), _RUNNING, _MANDATORY),
        Figure(
            "executed_ended", _ROLLUP, "execution_rate", ("执行率·已到期", "Executed, ended"), {"phase": "ended"}, _MANDATORY
        ),
    ),
    sheets=(
        Sheet(
            "volume",
            _ROLLUP,
            ("完成汇总（按约定金额）", "Completion, valued in yuan"),
            (
                "phase",
                "duty",
                "commitments",
                "completed",
                "completed_share",
                "agreed_fen",
                "net_fen",
                "capped_fen",
                "execution_rate",
                "time_progress",
                "capped_rate",
            ),
            order=("phase", "duty"),
            note=_NOTE,
        ),
        _EACH,
        _EACH.seen_from("product", "product_code"),
        Sheet(
            "lots",
            _ROLLUP,
            ("采购批次", "Procurement lots"),
            ("lot_code", *_RATES, "agreed_fen", "net_fen", "capped_fen"),
            order=("code", "phase", "duty"),
            levels=("all",),
            part="lot",
            code_parts=(f"{_COMMITMENTS}.lot_code",),
        ),
        Sheet(
            "items",
            _ROLLUP,
            ("品种", "Items"),
            ("lot_code", "item_code", *_RATES, "agreed_quantity", "net_quantity", "capped_quantity"),
            order=("code", "phase", "duty"),
            levels=("all",),
            part="item",
            code_parts=(f"{_COMMITMENTS}.lot_code", f"{_COMMITMENTS}.item_code"),
            has_filter=True,
            note=_NOTE,
            alone=("全部品种", "All items"),
        ),
    ),
    beside=TIME_PROGRESS,
    breaks=Breaks(
        _COMMITMENTS,
        "period_start",
        "period_end",
        "lot_code",
        (
            "竖线处执行中的批次有变，前后的执行率不是同一批协议，不宜直接比较",
            "At the vertical lines the running lots change: the rates before and after are of different agreements",
        ),
        without={"status": ("cancelled",)},
    ),
)
