"""Findings: what somebody has to look into, with its clause, owner and deadline."""

from collections.abc import Mapping

from schemas import declared
from schemas.declared import Gathered
from schemas.table import AS_OF, LEDGER_CLAUSE, OWNER_CLAUSE, RUN_ID, Column, ReportTable, date, fen, text

RULES: Mapping[str, str] = Gathered(lambda: {rule.code: rule.title_zh for rule in declared.RULES.values()})
"""The Chinese word of every rule that an indicator declares."""
SEVERITIES = {"violation": "违规", "warning": "预警", "signal": "线索"}
SUBJECTS: Mapping[str, str] = Gathered(lambda: {rule.subject.code: rule.subject.title_zh for rule in declared.RULES.values()})
STATES = {"open": "待处理", "cured": "已消除"}

TABLE = ReportTable(
    name="findings",
    title_zh="问题清单",
    description="Signals to be checked, one row per finding and date, cured on its last.",
    key=("as_of", "finding_id"),
    figure=True,
    columns=(
        AS_OF,
        text("finding_id", "问题编号", "SHA-256 of the finding's canonical text, stable from run to run."),
        RUN_ID,
        text("rule_code", "规则编码", "Rule that raised the finding.", words=RULES),
        text("severity", "级别", "How grave it is.", values=SEVERITIES),
        text("jurisdiction_code", "统筹区编码", "Division of the institution.", nullable=True, refers="jurisdiction"),
        text("institution_code", "医疗机构编码", "Institution concerned.", nullable=True, refers="institution"),
        text("counterparty_code", "相对方编码", "Company on the other side.", nullable=True, refers="enterprise"),
        text("subject_type", "对象类型", "What kind of thing the finding is about.", words=SUBJECTS),
        text("subject_key", "对象标识", "Key of that thing, for drill-down."),
        fen("amount_fen", "涉及金额", "Amount at stake.", nullable=True),
        Column("quantity", "double", "min_unit", "涉及数量", "Quantity at stake.", nullable=True),
        text("message_zh", "说明", "Neutral Chinese wording with the calculation."),
        text("clause", "条款", "Clause in force for the institution's jurisdiction on the event date.", LEDGER_CLAUSE),
        text("responsible", "责任人", "Who answers for it.", OWNER_CLAUSE, nullable=True),
        text("excuse_id", "备案编号", "Approved excuse that covers it.", nullable=True),
        date("first_seen", "首次发现日", "as_of that opened the unbroken series."),
        date("due_on", "整改期限", "Day by which it is to be remedied.", LEDGER_CLAUSE, nullable=True),
        text("state", "状态", "open while it lasts, cured on its last row.", values=STATES),
    ),
)
