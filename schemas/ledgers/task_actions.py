"""What people did about the tasks of findings: one row an act, chained by hashes, never changed."""

from schemas.table import AS_OF, LEDGER_CLAUSE, Column, ReportTable, date, fen, text

ACTIONS = {"assign": "指派", "note": "备注", "extend": "延期", "close": "办结", "reject": "驳回", "reopen": "重开"}

TABLE = ReportTable(
    name="task_actions",
    title_zh="任务办理记录",
    description="One row per act on a task, only ever added to; the rows form a hash chain in the order of action_id.",
    key=("action_id",),
    columns=(
        Column("action_id", "integer", "", "办理序号", "Place in the chain, from 1.", minimum=1),
        text("finding_id", "问题编号", "Finding whose task it is about."),
        text("action", "办理事项", "What was done.", LEDGER_CLAUSE, values=ACTIONS),
        Column("at", "timestamp", "ISO 8601", "办理时间", "When it was done, Asia/Shanghai; later than every act before it."),
        text("by", "办理人", "Who did it."),
        text("department", "责任部门", "Department it was assigned to.", nullable=True),
        text("assignee", "经办人", "Person it was assigned to.", nullable=True),
        date("new_due_on", "延期至", "Day by which it is to be remedied instead.", nullable=True),
        text("note", "办理说明", "Why, or what was said.", nullable=True),
        date(AS_OF.name, AS_OF.title_zh, "Last published date when it was done: it counts for this date and later ones."),
        fen("amount_fen", "涉及金额", "Amount of the finding on that date.", nullable=True),
        Column("quantity", "double", "min_unit", "涉及数量", "Quantity of the finding on that date.", nullable=True),
        text("previous_hash", "前一行哈希", "row_hash of the act before this one.", nullable=True),
        text("row_hash", "行哈希", "SHA-256 of the canonical JSON of the row's other columns."),
    ),
)
