"""Tasks of findings: what people did about them, how they stand, and the ledger of each published date."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create(
        "task_actions",
        ("action_id",),
        "任务办理记录: One row per act on a task, only ever added to; the rows form a hash chain in the order of action_id.",
        _ACTIONS,
    )
    _create(
        "tasks",
        ("finding_id", "first_seen"),
        "任务台账: One row per finding and unbroken series of published dates that have it: its task as it stands now.",
        _TASKS,
    )
    _create(
        "task_ledger",
        ("as_of", "department", "jurisdiction_code", "rule_code"),
        "任务台账汇总: Open findings whose task is open, by department, division and rule, and those cured since the quarter's"
        " end.",
        _LEDGER,
    )


def downgrade() -> None:
    for name in ("task_ledger", "tasks", "task_actions"):
        op.drop_table(name)


def _create(name, key, comment, columns):
    op.create_table(
        name,
        *(sa.Column(column, kind, nullable=nullable, comment=text) for column, kind, nullable, text in columns),
        sa.PrimaryKeyConstraint(*key, name=f"pk_{name}"),
        comment=comment,
    )


_TEXT, _DAY, _COUNT, _NUMBER = sa.Text(), sa.Date(), sa.BigInteger(), sa.Integer()
_ACTIONS = (
    ("action_id", _NUMBER, False, "办理序号: Place in the chain, from 1."),
    ("finding_id", _TEXT, False, "问题编号: Finding whose task it is about."),
    ("action", _TEXT, False, "办理事项: What was done."),
    ("at", _TEXT, False, "办理时间: When it was done, Asia/Shanghai; later than every act before it."),
    ("by", _TEXT, False, "办理人: Who did it."),
    ("department", _TEXT, True, "责任部门: Department it was assigned to."),
    ("assignee", _TEXT, True, "经办人: Person it was assigned to."),
    ("new_due_on", _DAY, True, "延期至: Day by which it is to be remedied instead."),
    ("note", _TEXT, True, "办理说明: Why, or what was said."),
    ("as_of", _DAY, False, "统计截止日: Last published date when it was done: it counts for this date and later ones."),
    ("amount_fen", _COUNT, True, "涉及金额: Amount of the finding on that date."),
    ("quantity", sa.Double(53), True, "涉及数量: Quantity of the finding on that date."),
    ("previous_hash", _TEXT, True, "前一行哈希: row_hash of the act before this one."),
    ("row_hash", _TEXT, False, "行哈希: SHA-256 of the canonical JSON of the row's other columns."),
)
_TASKS = (
    ("finding_id", _TEXT, False, "问题编号: Finding that opened the task."),
    ("first_seen", _DAY, False, "首次发现日: as_of that opened the unbroken series."),
    ("rule_code", _TEXT, False, "规则编码: Rule that raised the finding."),
    ("department", _TEXT, False, "责任部门: Last department assigned, else that of the rule by policy."),
    ("assignee", _TEXT, True, "经办人: Last person assigned."),
    ("due_on", _DAY, True, "整改期限: The last extension, else the day by policy."),
    ("state", _TEXT, False, "任务状态: cured once the finding is gone; closed or rejected while it does not grow."),
    ("note", _TEXT, True, "办理说明: The last note of an act."),
)
_LEDGER = (
    ("as_of", _DAY, False, "统计截止日: Business date at whose end the figures stand."),
    ("run_id", _TEXT, False, "运行编号: Run that wrote the row."),
    ("department", _TEXT, False, "责任部门: Department that is to see to it."),
    ("jurisdiction_code", _TEXT, False, "统筹区编码: Division of the findings, empty for none."),
    ("rule_code", _TEXT, False, "规则编码: Rule that raised the findings."),
    ("open", _COUNT, False, "待办任务: Open findings whose task is open."),
    ("new", _COUNT, False, "其中新增: Those first seen on as_of."),
    ("overdue", _COUNT, False, "其中逾期: Those due before as_of."),
    ("oldest_first_seen", _DAY, True, "最早发现日: First sight of the oldest of them."),
    ("amount_fen", _COUNT, False, "涉及金额: Their amounts, none as 0."),
    (
        "cured",
        _COUNT,
        True,
        "本季已消除: Findings cured after the last quarter's end; null where no date from it on was published before.",
    ),
)
