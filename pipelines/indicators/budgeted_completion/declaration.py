"""What budgets, caps and bands declare: report table, rules, laws, parameters (obligations §13)."""

from dataclasses import replace

from schemas.component import Added
from schemas.law import Law, at_most
from schemas.policies import Parameter
from schemas.rule import Excused, ExcusedRows, Rule, Subject
from schemas.table import (
    AS_OF,
    EXCUSE_CLAUSE,
    INSTITUTION,
    JURISDICTION,
    RUN_ID,
    Column,
    ReportTable,
    date,
    fen,
    quantity,
    rate,
    text,
)

_CLAUSE = "慈溪 330282：慈政办发〔2020〕68号 二(一)1；其他地区：本系统默认"
TARGETS = {"quantity": "按数量", "amount": "按金额（带预算）"}
DIRECTIONS = {"floor": "下限（不低于）", "cap": "上限（不超过）", "band": "区间"}
STATUSES = {
    "cancelled": "已取消",
    "no_products": "无对应产品",
    "not_started": "未开始",
    "excused": "有正当理由",
    "exceeded": "超出上限",
    "kept": "未超上限",
    "ahead": "进度过快",
    "on_track": "正常",
    "completed": "已完成",
    "failed": "未完成",
    "behind": "滞后",
    "seriously_behind": "严重滞后",
}

_RATE = Column("rate", "double", "ratio", "执行率", "Net divided by agreed; may exceed 1.", nullable=True)

TABLE = ReportTable(
    name="budgeted_completion",
    title_zh="预算、上限与区间执行情况",
    description="Budgets (targets that are amounts), caps and bands at as_of, one row per commitment.",
    key=("as_of", "commitment_id"),
    figure=True,
    columns=(
        AS_OF,
        text("commitment_id", "协议明细编号", "Commitment: lot, item, institution and agreement year."),
        RUN_ID,
        JURISDICTION,
        INSTITUTION,
        text("lot_code", "采购批次编码", "Procurement lot; lots are never merged.", _CLAUSE, refers="lot"),
        text("item_code", "品种编码", "Item of the lot."),
        text(
            "product_code",
            "医保药品编码",
            "Product the commitment names, null when it names none.",
            nullable=True,
            refers="product",
        ),
        text("target", "约定方式", "What was agreed: a quantity, or an amount.", _CLAUSE, values=TARGETS),
        text("direction", "约束方向", "Whether it is to be reached, not exceeded, or both.", values=DIRECTIONS),
        date("period_start", "采购周期开始", "First day of the agreement year."),
        date("period_end", "采购周期结束", "Last day of the agreement year."),
        quantity("agreed_quantity", "约定数量", "Agreed quantity at as_of; null for amounts.", nullable=True),
        quantity("agreed_max_quantity", "约定数量上限", "Upper end of a band at as_of; null for amounts.", nullable=True),
        quantity("net_quantity", "净采购数量", "Received less returned; null for amounts.", nullable=True),
        quantity(
            "excused_quantity",
            "有正当理由数量",
            "Approved excuses, at most what is short or in excess; null for amounts.",
            EXCUSE_CLAUSE,
            nullable=True,
        ),
        fen("agreed_fen", "约定金额", "Agreed amount at as_of; null for quantities.", nullable=True),
        fen("agreed_max_fen", "约定金额上限", "Upper end of a band at as_of; null for quantities.", nullable=True),
        fen("net_fen", "净采购金额", "Receipts less returns, each to the fen; null for quantities.", nullable=True),
        fen(
            "excused_fen",
            "有正当理由金额",
            "Approved excuses, at most what is short or in excess; null for quantities.",
            EXCUSE_CLAUSE,
            nullable=True,
        ),
        _RATE,
        replace(
            _RATE,
            name="excused_rate",
            title_zh="剔除正当理由执行率",
            description="Net divided by agreed less what is excused; above a limit, by the limit and what is excused.",
        ),
        rate("time_progress", "序时进度", "Days gone divided by days of the agreement year, both ends included."),
        replace(_RATE, name="gap", title_zh="进度差", description="Rate less time progress."),
        text("status", "状态", "State of the commitment at as_of, the first rule that applies.", values=STATUSES),
        text("policy_id", "政策条目", "Policy row whose ratio decided the status."),
    ),
)
TABLES = (TABLE,)

_OVERSIGHT = "pipelines.indicators.budgeted_completion.oversight"
EXCEEDED = Rule(
    "budget_exceeded",
    "预算或约定上限被超出",
    "Budget or cap exceeded",
    "violation",
    Subject("budget", "预算、上限或区间协议", ("commitment_id",)),
    "budgeted_completion",
    "clause_budgeted_completion",
    binds_public=True,
    fades=True,
    figures=f"{_OVERSIGHT}:figures",
    excused=Excused("budget_exceeded_excused", "预算或约定上限被超出（有正当理由）", f"{_OVERSIGHT}:excused"),
)
FAILED = replace(
    EXCEEDED,
    code="budget_failed",
    title_zh="预算或区间下限未达到",
    title_en="Budget or band not reached",
    excused=Excused("budget_failed_excused", "预算或区间下限未达到（有正当理由）", f"{_OVERSIGHT}:excused"),
)
SERIOUSLY_BEHIND = replace(
    FAILED,
    code="budget_seriously_behind",
    title_zh="预算或区间采购进度严重滞后",
    title_en="Seriously behind budget or band",
    severity="warning",
    excused=None,
)
RULES = (EXCEEDED, FAILED, SERIOUSLY_BEHIND)

EXCUSED = (
    ExcusedRows(
        TABLE.name,
        "协议为该行剔除的全部数量或金额",
        "volume",
        ("commitment_id",),
        "(t.excused_quantity > 0 OR t.excused_fen > 0)",
        quantity="t.excused_quantity",
        fen="t.excused_fen",
    ),
)

ADDED = (Added("completion", f"{_OVERSIGHT}:sums"),)

_OF = {"quantity": "quantity", "amount": "fen"}
_LIMIT = {unit: f"COALESCE(agreed_max_{unit}, agreed_{unit})" for unit in _OF.values()}


def _either(condition: str) -> str:
    """A condition on `{unit}` columns, of quantities or of fen as the target says."""
    parts = (f"(target = '{target}' AND ({condition.format(unit=u, limit=_LIMIT[u])}))" for target, u in _OF.items())
    return " OR ".join(parts)


LAWS = (
    at_most(TABLE.name, "period", "period_start", "period_end", "采购周期的结束早于开始"),
    Law(
        TABLE.name,
        "target",
        "按数量的协议有金额，或按金额的协议有数量",
        "CASE target WHEN 'amount' THEN agreed_fen IS NULL OR agreed_quantity IS NOT NULL OR net_quantity IS NOT NULL"
        " ELSE agreed_quantity IS NULL OR agreed_fen IS NOT NULL OR net_fen IS NOT NULL END",
        ("target", "agreed_quantity", "agreed_fen"),
    ),
    Law(
        TABLE.name,
        "exceeded",
        "状态为超出上限，净采购却不大于上限；或净采购大于上限，状态却不是超出、有正当理由、已取消或无对应产品",
        f"(status = 'exceeded' AND NOT ({_either('net_{unit} > {limit}')})) OR (direction <> 'floor' AND"
        " status NOT IN ('exceeded', 'excused', 'cancelled', 'no_products', 'not_started')"
        f" AND ({_either('net_{unit} > {limit}')}))",
        ("status", "direction", "net_quantity", "net_fen"),
    ),
    Law(
        TABLE.name,
        "rate",
        "执行率不是净采购除以约定",
        "CASE WHEN status = 'cancelled' THEN rate IS NOT NULL"
        f" ELSE {_either('ABS(rate * agreed_{unit} - net_{unit}) > 1e-9 * ABS(net_{unit})')} END",
        ("rate", "net_quantity", "net_fen"),
    ),
)

PARAMETERS = {
    "cap_ahead_ratio": Parameter(
        "decimal",
        "ratio",
        "A running cap used up by more than this multiple of its time progress is ahead.",
        minimum=0,
        maximum=100,
        title="上限进度过快的界限（序时进度的倍数）",
    ),
    "clause_budgeted_completion": Parameter(
        "str", "text", "Clause cited on findings of budgets, caps and bands.", title="预算、上限与区间问题引用的条款"
    ),
}
