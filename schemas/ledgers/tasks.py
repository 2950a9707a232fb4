"""The tasks of findings: who is to see to each, by when, and how it stands."""

from schemas.reports.findings import RULES
from schemas.table import LEDGER_CLAUSE, ReportTable, date, text

STATES = {"open": "待办", "closed": "已办结", "rejected": "已驳回", "cured": "已消除"}

TABLE = ReportTable(
    name="tasks",
    title_zh="任务台账",
    description="One row per finding and unbroken series of published dates that have it: its task as it stands now.",
    key=("finding_id", "first_seen"),
    columns=(
        text("finding_id", "问题编号", "Finding that opened the task."),
        date("first_seen", "首次发现日", "as_of that opened the unbroken series."),
        text("rule_code", "规则编码", "Rule that raised the finding.", words=RULES),
        text("department", "责任部门", "Last department assigned, else that of the rule by policy.", LEDGER_CLAUSE),
        text("assignee", "经办人", "Last person assigned.", nullable=True),
        date("due_on", "整改期限", "The last extension, else the day by policy.", LEDGER_CLAUSE, nullable=True),
        text("state", "任务状态", "cured once the finding is gone; closed or rejected while it does not grow.", values=STATES),
        text("note", "办理说明", "The last note of an act.", nullable=True),
    ),
)
