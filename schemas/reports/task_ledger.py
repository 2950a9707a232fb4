"""The task ledger (任务台账) of each published date: open tasks by department, division and rule, and what was cured."""

from schemas.reports.findings import RULES
from schemas.table import AS_OF, JURISDICTION, LEDGER_CLAUSE, RUN_ID, Column, ReportTable, count, date, fen, text

TABLE = ReportTable(
    name="task_ledger",
    title_zh="任务台账汇总",
    description="Open findings whose task is open, by department, division and rule, and those cured since the quarter's end.",
    key=("as_of", "department", "jurisdiction_code", "rule_code"),
    columns=(
        AS_OF,
        RUN_ID,
        text("department", "责任部门", "Department that is to see to it.", LEDGER_CLAUSE),
        text(JURISDICTION.name, JURISDICTION.title_zh, "Division of the findings, empty for none.", refers="jurisdiction"),
        text("rule_code", "规则编码", "Rule that raised the findings.", words=RULES),
        count("open", "items", "待办任务", "Open findings whose task is open.", LEDGER_CLAUSE),
        count("new", "items", "其中新增", "Those first seen on as_of."),
        count("overdue", "items", "其中逾期", "Those due before as_of."),
        date("oldest_first_seen", "最早发现日", "First sight of the oldest of them.", nullable=True),
        fen("amount_fen", "涉及金额", "Their amounts, none as 0."),
        Column(
            "cured",
            "count",
            "items",
            "本季已消除",
            "Findings cured after the last quarter's end; null where no date from it on was published before.",
            nullable=True,
            minimum=0,
        ),
    ),
)
