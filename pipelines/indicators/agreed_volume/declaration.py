"""What agreed-volume completion declares: its report tables, rules, measures, laws and parameters (rulebook §4)."""

from dataclasses import replace

from schemas.component import Component
from schemas.law import Law, at_most
from schemas.measure import IN_TABLES, Measure
from schemas.policies import Parameter
from schemas.rule import Excused, ExcusedRows, Rule, Subject
from schemas.spellings import DUTIES
from schemas.table import (
    AS_OF,
    EXCUSE_CLAUSE,
    INSTITUTION,
    JURISDICTION,
    RUN_ID,
    VOLUME_CLAUSE,
    Column,
    ReportTable,
    count,
    date,
    fen,
    quantity,
    rate,
    text,
)

STATUSES = {
    "cancelled": "已取消",
    "not_started": "未开始",
    "completed": "已完成",
    "excused": "有正当理由",
    "failed": "未完成",
    "on_track": "正常",
    "behind": "滞后",
    "seriously_behind": "严重滞后",
}

COMPLETION = ReportTable(
    name="agreed_volume_completion",
    title_zh="约定采购量完成情况",
    description="Completion of the agreed volume at as_of, one row per commitment.",
    key=("as_of", "commitment_id"),
    figure=True,
    stays=True,
    columns=(
        AS_OF,
        text("commitment_id", "协议明细编号", "Commitment: lot, item, institution and agreement year."),
        RUN_ID,
        JURISDICTION,
        text("lot_code", "采购批次编码", "Procurement lot; lots are never merged.", VOLUME_CLAUSE, refers="lot"),
        text("item_code", "品种编码", "Item of the lot."),
        INSTITUTION,
        text(
            "product_code",
            "医保药品编码",
            "Product the commitment names, null when it names none.",
            nullable=True,
            refers="product",
        ),
        date("period_start", "采购周期开始", "First day of the agreement year."),
        date("period_end", "采购周期结束", "Last day of the agreement year."),
        quantity("agreed_quantity", "约定采购量", "Agreed quantity valid at as_of, adjustments included.", VOLUME_CLAUSE),
        quantity("received_quantity", "验收数量", "Accepted receipts that count to the commitment, up to as_of."),
        quantity("returned_quantity", "退货数量", "Confirmed returns of those receipts, up to as_of."),
        quantity("net_quantity", "净采购量", "Received less returned."),
        quantity("excused_quantity", "有正当理由数量", "Approved excuses, at most the shortfall.", EXCUSE_CLAUSE),
        rate(
            "strict_rate",
            "完成率",
            "Net quantity divided by agreed quantity; may exceed 1.",
            VOLUME_CLAUSE,
            maximum=None,
            of=("net_quantity", "agreed_quantity"),
        ),
        rate("capped_rate", "封顶完成率", "Net quantity, at most the agreed one, divided by the agreed quantity."),
        rate(
            "excused_rate",
            "剔除正当理由完成率",
            "Net quantity divided by agreed less excused quantity.",
            maximum=None,
            of=("net_quantity", "agreed_quantity - excused_quantity"),
        ),
        rate("time_progress", "序时进度", "Days gone divided by days of the agreement year, both ends included."),
        Column("gap", "double", "ratio", "进度差", "Completion rate less time progress.", nullable=True),
        Column(
            "needed_per_day",
            "double",
            "min_unit/day",
            "日均需采购量",
            "Shortfall divided by the days left, null outside the agreement year.",
            nullable=True,
            minimum=0.0,
        ),
        text("status", "状态", "State of the commitment at as_of, the first rule that applies.", values=STATUSES),
        text("policy_id", "政策条目", "Policy row whose thresholds decided the status.", nullable=True),
    ),
)

LEVELS = {"institution": "医疗机构", "jurisdiction": "统筹区", "lot": "采购批次", "item": "品种", "all": "合计"}
PHASES = {"running": "执行中", "ended": "已到期"}
_IN_FEN = "level <> 'item'"  # one item's rates are those of its quantities

ROLLUP = ReportTable(
    name="agreed_volume_rollup",
    title_zh="约定采购量完成汇总",
    description="Commitments summed per level; running and ended, mandatory and voluntary stand apart.",
    key=("as_of", "level", "code", "phase", "duty"),
    figure=True,
    rolled_up=("level", "code"),
    stays=True,
    columns=(
        AS_OF,
        text("level", "汇总层级", "What the row sums over.", values=LEVELS),
        text(
            "code", "汇总编码", "Institution, jurisdiction or lot code, lot/item for items, all for the total.", refers="level"
        ),
        text("phase", "周期阶段", "Whether the agreement years run or have ended at as_of.", values=PHASES),
        text("duty", "采购义务", "Mandatory for public institutions, voluntary for the others.", VOLUME_CLAUSE, values=DUTIES),
        RUN_ID,
        count("commitments", "commitments", "约定条数", "Number of commitments."),
        count("completed", "commitments", "完成条数", "Number of commitments completed."),
        quantity("agreed_quantity", "约定采购量", "Sum of the agreed quantities, level item only.", nullable=True),
        quantity("net_quantity", "净采购量", "Sum of the net quantities, level item only.", nullable=True),
        quantity("capped_quantity", "封顶采购量", "Sum of min(net, agreed), level item only.", nullable=True),
        fen("agreed_fen", "约定采购金额", "Agreed quantities valued at the item's lowest selected price.", nullable=True),
        fen("net_fen", "净采购金额", "Net quantities valued at the same price.", nullable=True),
        fen("capped_fen", "封顶采购金额", "min(net, agreed) valued at the same price.", nullable=True),
        rate(
            "execution_rate",
            "执行率",
            "Sum of net divided by sum of agreed; may exceed 1.",
            maximum=None,
            of=("net_fen", "agreed_fen"),
            where=_IN_FEN,
        ),
        rate(
            "capped_rate",
            "封顶完成率",
            "Sum of min(net, agreed) divided by sum of agreed.",
            of=("capped_fen", "agreed_fen"),
            where=_IN_FEN,
        ),
        rate(
            "completed_share", "完成条数占比", "Completed commitments divided by commitments.", of=("completed", "commitments")
        ),
    ),
)

TABLES = (COMPLETION, ROLLUP)

_OVERSIGHT = "pipelines.indicators.agreed_volume.oversight"
COMMITMENT = Subject("commitment", "协议明细", ("commitment_id",))

FAILED = Rule(
    "agreed_volume_failed",
    "约定采购量未完成",
    "Agreed volume not completed",
    "violation",
    COMMITMENT,
    "agreed_volume_completion",
    "clause_agreed_volume",
    figures=f"{_OVERSIGHT}:figures",
    sides=f"{_OVERSIGHT}:SIDES",
    excused=Excused("agreed_volume_excused", "约定采购量未完成（有正当理由）", f"{_OVERSIGHT}:excused"),
)
SERIOUSLY_BEHIND = replace(
    FAILED,
    code="agreed_volume_seriously_behind",
    title_zh="采购进度严重滞后",
    title_en="Seriously behind the agreed volume",
    severity="warning",
    excused=None,
)
RULES = (FAILED, SERIOUSLY_BEHIND)

EXCUSED = (
    ExcusedRows(
        COMPLETION.name,
        "协议为该行剔除的全部数量或金额",
        "volume",
        ("commitment_id",),
        "t.excused_quantity > 0",
        quantity="t.excused_quantity",
    ),
)

_EXECUTED = Measure(
    "executed",
    "agreed_volume_rollup",
    "execution_rate",
    "约定采购量执行率",
    "Agreed volume executed",
    apart=("phase", "duty"),
    first={"phase": "running", "duty": "mandatory"},
    own=("duty",),
)
MEASURES = (
    _EXECUTED,
    replace(
        _EXECUTED,
        code="executed_capped",
        column="capped_rate",
        title_zh="约定采购量封顶完成率",
        title_en="Agreed volume, capped",
        shown=IN_TABLES,
    ),
    replace(
        _EXECUTED,
        code="completed_share",
        column="completed_share",
        title_zh="协议完成条数占比",
        title_en="Commitments completed",
        shown=IN_TABLES,
    ),
)

COMPONENTS = (
    Component(
        "completion",
        "约定采购量完成",
        "executed_capped",
        "{since}（含）至 {as_of}（不含）到期的协议，按中选最低单价折成金额，约定金额下限的按金额，逐项封顶后相加",
        "没有到期协议",
        {"unvalued": "到期协议都没有中选价格"},
        excused="excused_agreed_fen",
        beside=("commitments", "completed", "excused", "unvalued"),
        told_zh="{completed}/{commitments} 项完成，{excused} 项有正当理由",
        sums=f"{_OVERSIGHT}:sums",
    ),
)

LAWS = (
    Law(
        "agreed_volume_completion",
        "net",
        "净采购量不等于验收数量减退货数量",
        # Doubles: equal to one part in a thousand million of what was added.
        "ABS(net_quantity - (received_quantity - returned_quantity))"
        " > 1e-9 * (ABS(net_quantity) + ABS(received_quantity) + ABS(returned_quantity))",
        ("net_quantity", "received_quantity", "returned_quantity"),
    ),
    at_most("agreed_volume_completion", "period", "period_start", "period_end", "采购周期的结束早于开始"),
    at_most("agreed_volume_rollup", "completed_count", "completed", "commitments", "完成条数多于约定条数"),
)

PARAMETERS = {
    "seriously_behind_ratio": Parameter(
        "decimal",
        "ratio",
        "A running commitment below this share of its time progress is seriously behind.",
        minimum=0,
        maximum=1,
        title="严重滞后的界限（序时进度的倍数）",
    ),
    "clause_agreed_volume": Parameter(
        "str", "text", "Clause cited on agreed-volume findings.", title="约定采购量问题引用的条款"
    ),
}
