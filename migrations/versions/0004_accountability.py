"""Accountability lists, assessment scores, random audit samples."""

# ruff: noqa: E501
# fmt: off

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = (
    "accountability_lists",
    "accountability_items",
    "assessment_scores",
    "audit_samples",
    "audit_sample_members",
)


def _create_accountability_lists() -> None:
    op.create_table(
        "accountability_lists",
        sa.Column("list_id", sa.Text(), nullable=False, comment="名单编号: Date, and the first characters of content_digest."),
        sa.Column("as_of", sa.Date(), nullable=False, comment="统计截止日: Business date at whose end the figures stand."),
        sa.Column("run_id", sa.Text(), nullable=False, comment="运行编号: Run whose figures it was drafted from."),
        sa.Column("jurisdiction_code", sa.Text(), nullable=False, comment="区划前缀: Prefix of the divisions it covers, empty for all."),
        sa.Column("content_digest", sa.Text(), nullable=False, comment="内容摘要: SHA-256 of its items as drafted, clocks and objections left out."),
        sa.Column("state", sa.Text(), nullable=False, comment="状态: A draft may be objected to; a newer draft of the same date and divisions supersedes it."),
        sa.Column("items", sa.BigInteger(), nullable=False, comment="条目数: Items, those listed apart included."),
        sa.Column("named_items", sa.BigInteger(), nullable=False, comment="拟通报条目数: Items that are to be named, as drafted."),
        sa.Column("drafted_at", sa.Text(), nullable=False, comment="起草时间: When it was drafted, Asia/Shanghai."),
        sa.Column("drafted_by", sa.Text(), nullable=False, comment="起草人: Who drafted it."),
        sa.Column("objections_until", sa.Date(), nullable=False, comment="异议截止日: Last day of the longest objection period among its items."),
        sa.Column("finalized_at", sa.Text(), nullable=True, comment="定稿时间: When it became final, null before."),
        sa.Column("finalized_by", sa.Text(), nullable=True, comment="定稿人: Who made it final."),
        sa.Column("note", sa.Text(), nullable=True, comment="定稿说明: Why, or what was said on it."),
        sa.Column("final_digest", sa.Text(), nullable=True, comment="定稿摘要: SHA-256 of its items with objections and decisions when it became final."),
        sa.PrimaryKeyConstraint("list_id", name="pk_accountability_lists"),
        comment="通报名单: A list drafted from the published figures of a date; a final one never changes.",
    )


def _create_accountability_items() -> None:
    op.create_table(
        "accountability_items",
        sa.Column("list_id", sa.Text(), nullable=False, comment="名单编号: List it stands on."),
        sa.Column("item_id", sa.Text(), nullable=False, comment="条目编号: Number of the finding; of excused things without a finding one made alike."),
        sa.Column("item_no", sa.BigInteger(), nullable=False, comment="序号: Place on the list, from 1."),
        sa.Column("part", sa.Text(), nullable=False, comment="列示部分: named: to be named; excused: an approved excuse covers it; voluntary: no duty; not_named: policy lists it only."),
        sa.Column("rule_code", sa.Text(), nullable=False, comment="规则编码: Rule of the finding."),
        sa.Column("jurisdiction_code", sa.Text(), nullable=True, comment="统筹区编码: Six-digit division (GB/T 2260) of the institution."),
        sa.Column("institution_code", sa.Text(), nullable=False, comment="医疗机构编码: Institution the item is about."),
        sa.Column("institution_name", sa.Text(), nullable=True, comment="医疗机构名称: Its name as the run knew it."),
        sa.Column("ownership", sa.Text(), nullable=True, comment="机构性质: Whose it is, as the run knew it."),
        sa.Column("responsible", sa.Text(), nullable=True, comment="责任人: Who answers for the institution."),
        sa.Column("counterparty_code", sa.Text(), nullable=True, comment="相对方编码: Supplier or seller."),
        sa.Column("counterparty_name", sa.Text(), nullable=True, comment="相对方名称: Its name as the run knew it."),
        sa.Column("subject_type", sa.Text(), nullable=False, comment="对象类型: What kind of thing the item is about."),
        sa.Column("subject_key", sa.Text(), nullable=False, comment="对象标识: Key of that thing."),
        sa.Column("message_zh", sa.Text(), nullable=False, comment="说明: Neutral Chinese wording with the calculation."),
        sa.Column("clause", sa.Text(), nullable=False, comment="条款: Clause in force there on the day of the event."),
        sa.Column("document_no", sa.Text(), nullable=True, comment="文号: Document of the clause."),
        sa.Column("strict_rate", sa.Double(53), nullable=True, comment="完成率或及时率: Completion of the commitment, or on-time rate by amount; excuses ignored."),
        sa.Column("excused_rate", sa.Double(53), nullable=True, comment="剔除正当理由后: The same with excuses taken off."),
        sa.Column("agreed_quantity", sa.Double(53), nullable=True, comment="约定采购量: Agreed quantity."),
        sa.Column("net_quantity", sa.Double(53), nullable=True, comment="净采购量: Received less returned."),
        sa.Column("shortfall_quantity", sa.Double(53), nullable=True, comment="缺口: Agreed less net quantity; excuses ignored."),
        sa.Column("excused_quantity", sa.Double(53), nullable=True, comment="有正当理由数量: Part of it that approved excuses cover."),
        sa.Column("returned_quantity", sa.Double(53), nullable=True, comment="退货数量: Confirmed returns, part of the shortfall."),
        sa.Column("ordered_quantity", sa.Double(53), nullable=True, comment="已订数量: Ordered in the period towards the commitment."),
        sa.Column("outstanding_quantity", sa.Double(53), nullable=True, comment="已订未到数量: Ordered in the period and not accepted by its end, or by as_of."),
        sa.Column("supplier_quantity", sa.Double(53), nullable=True, comment="缺口中已订未到: The part of the shortfall on the supplier's side: at most outstanding."),
        sa.Column("hospital_quantity", sa.Double(53), nullable=True, comment="缺口中未订: The rest, on the hospital's side: not ordered, or returned."),
        sa.Column("outstanding_suppliers", sa.Text(), nullable=True, comment="已订未到的配送企业: Code and outstanding quantity of each."),
        sa.Column("amount_fen", sa.BigInteger(), nullable=True, comment="涉及金额: Overdue amount, or amount of the lines; excuses ignored."),
        sa.Column("excused_fen", sa.BigInteger(), nullable=True, comment="其中有正当理由金额: Part of it that approved excuses cover."),
        sa.Column("excuse_id", sa.Text(), nullable=True, comment="备案编号: Approved excuses that touch it, joined by a comma."),
        sa.Column("excuse_document_no", sa.Text(), nullable=True, comment="备案文号: Their documents, joined by a comma."),
        sa.Column("first_seen", sa.Date(), nullable=True, comment="首次发现日: as_of that first saw the finding."),
        sa.Column("due_on", sa.Date(), nullable=True, comment="整改期限: Day by which it was to be remedied."),
        sa.Column("objection_days", sa.BigInteger(), nullable=True, comment="异议天数: Days of the objection period, by policy."),
        sa.Column("objections_until", sa.Date(), nullable=True, comment="异议截止日: Last day to object; null where nothing is named."),
        sa.Column("objected_on", sa.Date(), nullable=True, comment="异议提出日: Day on which the objection was received."),
        sa.Column("objected_by", sa.Text(), nullable=True, comment="异议人: Who objects."),
        sa.Column("objection_note", sa.Text(), nullable=True, comment="异议内容: What is objected."),
        sa.Column("objection_recorded_at", sa.Text(), nullable=True, comment="异议记录时间: When it was entered."),
        sa.Column("decision", sa.Text(), nullable=True, comment="复核结果: upheld: the item leaves the final list; rejected: it stays."),
        sa.Column("decided_by", sa.Text(), nullable=True, comment="复核人: Who decided."),
        sa.Column("decision_note", sa.Text(), nullable=True, comment="复核意见: Why."),
        sa.Column("decision_document_no", sa.Text(), nullable=True, comment="复核文号: Document of the decision."),
        sa.Column("decided_at", sa.Text(), nullable=True, comment="复核时间: When the decision was entered."),
        sa.PrimaryKeyConstraint("list_id", "item_id", name="pk_accountability_items"),
        comment="通报名单条目: One row per item of a list. On the final list stand the named items whose objection was not upheld.",
    )


def _create_assessment_scores() -> None:
    op.create_table(
        "assessment_scores",
        sa.Column("assessment_id", sa.Text(), nullable=False, comment="考核编号: Year, and the first characters of the SHA-256 of its rows."),
        sa.Column("year", sa.Integer(), nullable=False, comment="年度: Year that is assessed."),
        sa.Column("as_of", sa.Date(), nullable=False, comment="统计截止日: Business date at whose end the figures stand."),
        sa.Column("run_id", sa.Text(), nullable=False, comment="运行编号: Run that wrote the row."),
        sa.Column("jurisdiction_code", sa.Text(), nullable=False, comment="统筹区编码: Six-digit division (GB/T 2260) of the institution."),
        sa.Column("institution_code", sa.Text(), nullable=False, comment="医疗机构编码: Institution that is assessed."),
        sa.Column("institution_name", sa.Text(), nullable=True, comment="医疗机构名称: Its name as the run knew it."),
        sa.Column("duty", sa.Text(), nullable=False, comment="义务: mandatory (public) institutions get a score; voluntary ones are shown without."),
        sa.Column("commitments", sa.BigInteger(), nullable=False, comment="到期协议数: Commitments that ended since the last assessment."),
        sa.Column("completed", sa.BigInteger(), nullable=False, comment="其中已完成: Those completed."),
        sa.Column("excused", sa.BigInteger(), nullable=False, comment="其中有正当理由: Those not completed whose shortfall is excused."),
        sa.Column("agreed_fen", sa.BigInteger(), nullable=False, comment="约定采购金额: Agreed quantities in fen."),
        sa.Column("capped_fen", sa.BigInteger(), nullable=False, comment="封顶采购金额: Net quantities in fen, each at most the agreed one."),
        sa.Column("excused_agreed_fen", sa.BigInteger(), nullable=False, comment="约定采购金额中有正当理由: Excused quantities in fen, at most what is lacking."),
        sa.Column("unvalued", sa.BigInteger(), nullable=False, comment="无中选价格协议数: Commitments without a selected price: in the counts, not in fen."),
        sa.Column("completion_rate", sa.Double(53), nullable=True, comment="封顶完成率: Σ capped ÷ Σ agreed."),
        sa.Column("completion_rate_excused", sa.Double(53), nullable=True, comment="封顶完成率（剔除正当理由）: Σ capped ÷ Σ (agreed − excused)."),
        sa.Column("matured_fen", sa.BigInteger(), nullable=False, comment="到期应付金额: Payables due in the year under the rule that applies."),
        sa.Column("on_time_fen", sa.BigInteger(), nullable=False, comment="按时支付金额: Part of them paid on time."),
        sa.Column("excused_payment_fen", sa.BigInteger(), nullable=False, comment="未按时支付中有正当理由: What excused payables lack of on-time payment."),
        sa.Column("matured_count", sa.BigInteger(), nullable=False, comment="到期应付笔数: Number of these payables."),
        sa.Column("on_time_count", sa.BigInteger(), nullable=False, comment="按时付清笔数: Those paid on time in full."),
        sa.Column("overdue_fen", sa.BigInteger(), nullable=False, comment="逾期未付金额: Overdue at as_of of all due months."),
        sa.Column("payment_rate", sa.Double(53), nullable=True, comment="支付及时率: Σ on time ÷ Σ matured."),
        sa.Column("payment_rate_excused", sa.Double(53), nullable=True, comment="支付及时率（剔除正当理由）: Σ on time ÷ Σ (matured − excused)."),
        sa.Column("compliant_fen", sa.BigInteger(), nullable=False, comment="两票制合规金额: Lines issued in the year that comply."),
        sa.Column("violation_fen", sa.BigInteger(), nullable=False, comment="两票制违规金额: Lines with too many invoices."),
        sa.Column("unverifiable_fen", sa.BigInteger(), nullable=False, comment="两票制无法核实金额: Lines whose chain cannot be verified: not in the rate."),
        sa.Column("exempt_fen", sa.BigInteger(), nullable=False, comment="两票制豁免金额: Lines outside the rule, those of excused invoices among them: not in the rate."),
        sa.Column("compliant_count", sa.BigInteger(), nullable=False, comment="两票制合规行数: Number of compliant lines."),
        sa.Column("violation_count", sa.BigInteger(), nullable=False, comment="两票制违规行数: Number of violating lines."),
        sa.Column("two_invoice_rate", sa.Double(53), nullable=True, comment="两票制合规率: Σ compliant ÷ Σ (compliant + violation)."),
        sa.Column("completion_weight", sa.BigInteger(), nullable=False, comment="完成权重: Weight of the component, by policy."),
        sa.Column("payment_weight", sa.BigInteger(), nullable=False, comment="支付权重: Weight of the component, by policy."),
        sa.Column("two_invoice_weight", sa.BigInteger(), nullable=False, comment="两票制权重: Weight of the component, by policy."),
        sa.Column("policy_id", sa.Text(), nullable=False, comment="权重政策条目: Policy row of the weights."),
        sa.Column("score", sa.Double(53), nullable=True, comment="得分: Σ weight × rate ÷ Σ weight of the components that have a rate, × 100; unrounded."),
        sa.Column("score_excused", sa.Double(53), nullable=True, comment="得分（剔除正当理由）: The same from the rates with excuses taken off."),
        sa.Column("left_out", sa.Text(), nullable=True, comment="未计入部分: Components without a rate, and why; the others share their weight."),
        sa.Column("contract_performed", sa.Text(), nullable=False, comment="合同履行: yes where nothing is overdue at as_of but what an approved excuse covers."),
        sa.Column("volume_completed", sa.Text(), nullable=False, comment="用量完成: yes where every commitment that ended is completed or excused."),
        sa.Column("rational_use", sa.Text(), nullable=False, comment="合理用药: Not assessed by this system."),
        sa.Column("budget_protection", sa.Text(), nullable=False, comment="总额控制指标不降低: no, or still to be decided: never yes, for rational use is not assessed."),
        sa.Column("recorded_at", sa.Text(), nullable=False, comment="记录时间: When it was first computed, Asia/Shanghai."),
        sa.PrimaryKeyConstraint("assessment_id", "institution_code", name="pk_assessment_scores"),
        comment="年度考核得分: Score of an institution for a year, made of published figures; a changed one comes as a new assessment.",
    )


def _create_audit_samples() -> None:
    op.create_table(
        "audit_samples",
        sa.Column("sample_id", sa.Text(), nullable=False, comment="抽查编号: Date, and the first characters of the SHA-256 of the draw."),
        sa.Column("as_of", sa.Date(), nullable=False, comment="统计截止日: Business date at whose end the figures stand."),
        sa.Column("run_id", sa.Text(), nullable=False, comment="运行编号: Run that wrote the row."),
        sa.Column("jurisdiction_code", sa.Text(), nullable=False, comment="区划前缀: Prefix of the divisions it covers, empty for all."),
        sa.Column("stratum_by", sa.Text(), nullable=False, comment="分层: How the frame was divided."),
        sa.Column("seed", sa.Text(), nullable=False, comment="随机种子: Text that, with the code of an institution, decides its place."),
        sa.Column("seed_source", sa.Text(), nullable=False, comment="种子来源: Given by whoever drew it, or drawn by the machine."),
        sa.Column("method", sa.Text(), nullable=False, comment="方法: How places are decided, in words that can be followed by hand."),
        sa.Column("population", sa.BigInteger(), nullable=False, comment="总体数: Institutions in the frame."),
        sa.Column("size", sa.BigInteger(), nullable=False, comment="样本数: Institutions drawn."),
        sa.Column("frame_digest", sa.Text(), nullable=False, comment="总体摘要: SHA-256 of the frame: sorted lines of code|stratum, each with a line feed."),
        sa.Column("inspectors_digest", sa.Text(), nullable=True, comment="人员名单摘要: SHA-256 of the inspectors: sorted lines."),
        sa.Column("inspectors_each", sa.BigInteger(), nullable=True, comment="每家检查人数: Inspectors for each institution."),
        sa.Column("drawn_at", sa.Text(), nullable=False, comment="抽取时间: When it was first drawn, Asia/Shanghai."),
        sa.Column("drawn_by", sa.Text(), nullable=False, comment="抽取人: Who drew it."),
        sa.PrimaryKeyConstraint("sample_id", name="pk_audit_samples"),
        comment="随机抽查: A sample of institutions drawn at random from the published figures of a date; never changed.",
    )


def _create_audit_sample_members() -> None:
    op.create_table(
        "audit_sample_members",
        sa.Column("sample_id", sa.Text(), nullable=False, comment="抽查编号: Sample."),
        sa.Column("institution_code", sa.Text(), nullable=False, comment="医疗机构编码: Institution of the frame."),
        sa.Column("institution_name", sa.Text(), nullable=True, comment="医疗机构名称: Its name as the run knew it."),
        sa.Column("jurisdiction_code", sa.Text(), nullable=False, comment="统筹区编码: Six-digit division (GB/T 2260) of the institution."),
        sa.Column("stratum", sa.Text(), nullable=False, comment="层: Part of the frame it belongs to, empty where there are none."),
        sa.Column("order_hash", sa.Text(), nullable=False, comment="排序值: SHA-256 of seed|code: the smallest of a stratum are drawn."),
        sa.Column("draw_no", sa.Integer(), nullable=True, comment="抽中序号: Place in the sample, null where not drawn."),
        sa.Column("inspectors", sa.Text(), nullable=True, comment="检查人员: Staff numbers of the inspectors drawn for it, joined by a comma."),
        sa.PrimaryKeyConstraint("sample_id", "institution_code", name="pk_audit_sample_members"),
        comment="随机抽查总体与样本: Every institution of the frame of a sample, with its place; those with a draw_no were drawn.",
    )


def upgrade() -> None:
    _create_accountability_lists()
    _create_accountability_items()
    _create_assessment_scores()
    _create_audit_samples()
    _create_audit_sample_members()


def downgrade() -> None:
    for name in reversed(TABLES):
        op.drop_table(name)
