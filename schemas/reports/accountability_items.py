"""The items of accountability lists: what fell short, with the figures strict beside excused, the objection and its decision."""

from collections.abc import Mapping
from dataclasses import replace

from schemas import declared
from schemas.declared import Gathered
from schemas.reports.findings import RULES, SUBJECTS
from schemas.spellings import OWNERSHIPS, first_spellings
from schemas.table import (
    JURISDICTION,
    OWNER_CLAUSE,
    PAYMENT_CLAUSE,
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

PARTS = {"named": "拟通报", "excused": "有正当理由", "voluntary": "自愿参加", "not_named": "仅列示"}
DECISIONS = {"upheld": "异议成立", "rejected": "异议不成立"}
LISTED_RULES: Mapping[str, str] = Gathered(
    lambda: {**RULES, **{rule.excused.code: rule.excused.title_zh for rule in declared.RULES.values() if rule.excused}}
)

TABLE = ReportTable(
    name="accountability_items",
    title_zh="通报名单条目",
    description="One row per item of a list. On the final list stand the named items whose objection was not upheld.",
    key=("list_id", "item_id"),
    columns=(
        text("list_id", "名单编号", "List it stands on."),
        text("item_id", "条目编号", "Number of the finding; of excused things without a finding one made alike."),
        count("item_no", "", "序号", "Place on the list, from 1."),
        text(
            "part",
            "列示部分",
            "named: to be named; excused: an approved excuse covers it; voluntary: no duty; not_named: policy lists it only.",
            PAYMENT_CLAUSE,
            values=PARTS,
        ),
        text("rule_code", "规则编码", "Rule of the finding.", words=LISTED_RULES),
        replace(JURISDICTION, nullable=True),
        text("institution_code", "医疗机构编码", "Institution the item is about."),
        text("institution_name", "医疗机构名称", "Its name as the run knew it.", nullable=True),
        text("ownership", "机构性质", "Whose it is, as the run knew it.", nullable=True, values=first_spellings(OWNERSHIPS)),
        text("responsible", "责任人", "Who answers for the institution.", OWNER_CLAUSE, nullable=True),
        text("counterparty_code", "相对方编码", "Supplier or seller.", nullable=True),
        text("counterparty_name", "相对方名称", "Its name as the run knew it.", nullable=True),
        text("subject_type", "对象类型", "What kind of thing the item is about.", words=SUBJECTS),
        text("subject_key", "对象标识", "Key of that thing."),
        text("message_zh", "说明", "Neutral Chinese wording with the calculation."),
        text("clause", "条款", "Clause in force there on the day of the event."),
        text("document_no", "文号", "Document of the clause.", nullable=True),
        rate(
            "strict_rate",
            "完成率或及时率",
            "Completion of the commitment, or on-time rate by amount; excuses ignored.",
            maximum=None,
        ),
        rate("excused_rate", "剔除正当理由后", "The same with excuses taken off.", maximum=None),
        quantity("agreed_quantity", "约定采购量", "Agreed quantity.", VOLUME_CLAUSE, nullable=True),
        quantity("net_quantity", "净采购量", "Received less returned.", nullable=True),
        quantity("shortfall_quantity", "缺口", "Agreed less net quantity; excuses ignored.", nullable=True),
        quantity("excused_quantity", "有正当理由数量", "Part of it that approved excuses cover.", nullable=True),
        quantity("returned_quantity", "退货数量", "Confirmed returns, part of the shortfall.", nullable=True),
        quantity("ordered_quantity", "已订数量", "Ordered in the period towards the commitment.", nullable=True),
        quantity(
            "outstanding_quantity",
            "已订未到数量",
            "Ordered in the period and not accepted by its end, or by as_of.",
            nullable=True,
        ),
        quantity(
            "supplier_quantity",
            "缺口中已订未到",
            "The part of the shortfall on the supplier's side: at most outstanding.",
            nullable=True,
        ),
        quantity(
            "hospital_quantity", "缺口中未订", "The rest, on the hospital's side: not ordered, or returned.", nullable=True
        ),
        text("outstanding_suppliers", "已订未到的配送企业", "Code and outstanding quantity of each.", nullable=True),
        fen("amount_fen", "涉及金额", "Overdue amount, or amount of the lines; excuses ignored.", nullable=True),
        fen("excused_fen", "其中有正当理由金额", "Part of it that approved excuses cover.", nullable=True),
        text("excuse_id", "备案编号", "Approved excuses that touch it, joined by a comma.", nullable=True),
        text("excuse_document_no", "备案文号", "Their documents, joined by a comma.", nullable=True),
        date("first_seen", "首次发现日", "as_of that first saw the finding.", nullable=True),
        date("due_on", "整改期限", "Day by which it was to be remedied.", nullable=True),
        count("objection_days", "day", "异议天数", "Days of the objection period, by policy.", nullable=True),
        date("objections_until", "异议截止日", "Last day to object; null where nothing is named.", nullable=True),
        date("objected_on", "异议提出日", "Day on which the objection was received.", nullable=True),
        text("objected_by", "异议人", "Who objects.", nullable=True),
        text("objection_note", "异议内容", "What is objected.", nullable=True),
        Column("objection_recorded_at", "timestamp", "ISO 8601", "异议记录时间", "When it was entered.", nullable=True),
        text(
            "decision",
            "复核结果",
            "upheld: the item leaves the final list; rejected: it stays.",
            nullable=True,
            values=DECISIONS,
        ),
        text("decided_by", "复核人", "Who decided.", nullable=True),
        text("decision_note", "复核意见", "Why.", nullable=True),
        text("decision_document_no", "复核文号", "Document of the decision.", nullable=True),
        Column("decided_at", "timestamp", "ISO 8601", "复核时间", "When the decision was entered.", nullable=True),
    ),
)
