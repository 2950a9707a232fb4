"""The report tables and their staging twins."""

# ruff: noqa: E501
# fmt: off

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    "agreed_volume_completion",
    "agreed_volume_rollup",
    "check_results",
    "data_dictionary",
    "findings",
    "payment_timeliness",
    "payment_unallocated",
    "rejected_records",
    "restatements",
    "runs",
    "source_files",
    "two_invoice_compliance",
    "two_invoice_line",
    "staging_agreed_volume_completion",
    "staging_agreed_volume_rollup",
    "staging_check_results",
    "staging_findings",
    "staging_payment_timeliness",
    "staging_payment_unallocated",
    "staging_source_files",
    "staging_two_invoice_compliance",
    "staging_two_invoice_line",
)


def _create_agreed_volume_completion() -> None:
    op.create_table(
        "agreed_volume_completion",
        sa.Column("as_of", sa.Date(), nullable=False, comment="统计截止日: Business date at whose end the figures stand."),
        sa.Column("commitment_id", sa.Text(), nullable=False, comment="协议明细编号: Commitment: lot, item, institution and agreement year."),
        sa.Column("run_id", sa.Text(), nullable=False, comment="运行编号: Run that wrote the row."),
        sa.Column("jurisdiction_code", sa.Text(), nullable=False, comment="统筹区编码: Six-digit division (GB/T 2260) of the institution."),
        sa.Column("lot_code", sa.Text(), nullable=False, comment="采购批次编码: Procurement lot; lots are never merged."),
        sa.Column("item_code", sa.Text(), nullable=False, comment="品种编码: Item of the lot."),
        sa.Column("institution_code", sa.Text(), nullable=False, comment="医疗机构编码: Institution the row is about."),
        sa.Column("product_code", sa.Text(), nullable=True, comment="医保药品编码: Product the commitment names, null when it names none."),
        sa.Column("period_start", sa.Date(), nullable=False, comment="采购周期开始: First day of the agreement year."),
        sa.Column("period_end", sa.Date(), nullable=False, comment="采购周期结束: Last day of the agreement year."),
        sa.Column("agreed_quantity", sa.Double(53), nullable=False, comment="约定采购量: Agreed quantity valid at as_of, adjustments included."),
        sa.Column("received_quantity", sa.Double(53), nullable=False, comment="验收数量: Accepted receipts that count to the commitment, up to as_of."),
        sa.Column("returned_quantity", sa.Double(53), nullable=False, comment="退货数量: Confirmed returns of those receipts, up to as_of."),
        sa.Column("net_quantity", sa.Double(53), nullable=False, comment="净采购量: Received less returned."),
        sa.Column("excused_quantity", sa.Double(53), nullable=False, comment="有正当理由数量: Approved excuses, at most the shortfall."),
        sa.Column("strict_rate", sa.Double(53), nullable=True, comment="完成率: Net quantity divided by agreed quantity; may exceed 1."),
        sa.Column("capped_rate", sa.Double(53), nullable=True, comment="封顶完成率: Net quantity, at most the agreed one, divided by the agreed quantity."),
        sa.Column("excused_rate", sa.Double(53), nullable=True, comment="剔除正当理由完成率: Net quantity divided by agreed less excused quantity."),
        sa.Column("time_progress", sa.Double(53), nullable=True, comment="序时进度: Days gone divided by days of the agreement year, both ends included."),
        sa.Column("gap", sa.Double(53), nullable=True, comment="进度差: Completion rate less time progress."),
        sa.Column("needed_per_day", sa.Double(53), nullable=True, comment="日均需采购量: Shortfall divided by the days left, null outside the agreement year."),
        sa.Column("status", sa.Text(), nullable=False, comment="状态: State of the commitment at as_of, the first rule that applies."),
        sa.Column("policy_id", sa.Text(), nullable=True, comment="政策条目: Policy row whose thresholds decided the status."),
        sa.PrimaryKeyConstraint("as_of", "commitment_id", name="pk_agreed_volume_completion"),
        comment="约定采购量完成情况: Completion of the agreed volume at as_of, one row per commitment.",
    )


def _create_agreed_volume_rollup() -> None:
    op.create_table(
        "agreed_volume_rollup",
        sa.Column("as_of", sa.Date(), nullable=False, comment="统计截止日: Business date at whose end the figures stand."),
        sa.Column("level", sa.Text(), nullable=False, comment="汇总层级: What the row sums over."),
        sa.Column("code", sa.Text(), nullable=False, comment="汇总编码: Institution, jurisdiction or lot code, lot/item for items, all for the total."),
        sa.Column("phase", sa.Text(), nullable=False, comment="周期阶段: Whether the agreement years run or have ended at as_of."),
        sa.Column("duty", sa.Text(), nullable=False, comment="采购义务: Mandatory for public institutions, voluntary for the others."),
        sa.Column("run_id", sa.Text(), nullable=False, comment="运行编号: Run that wrote the row."),
        sa.Column("commitments", sa.BigInteger(), nullable=False, comment="约定条数: Number of commitments."),
        sa.Column("completed", sa.BigInteger(), nullable=False, comment="完成条数: Number of commitments completed."),
        sa.Column("agreed_quantity", sa.Double(53), nullable=True, comment="约定采购量: Sum of the agreed quantities, level item only."),
        sa.Column("net_quantity", sa.Double(53), nullable=True, comment="净采购量: Sum of the net quantities, level item only."),
        sa.Column("capped_quantity", sa.Double(53), nullable=True, comment="封顶采购量: Sum of min(net, agreed), level item only."),
        sa.Column("agreed_fen", sa.BigInteger(), nullable=True, comment="约定采购金额: Agreed quantities valued at the item's lowest selected price."),
        sa.Column("net_fen", sa.BigInteger(), nullable=True, comment="净采购金额: Net quantities valued at the same price."),
        sa.Column("capped_fen", sa.BigInteger(), nullable=True, comment="封顶采购金额: min(net, agreed) valued at the same price."),
        sa.Column("execution_rate", sa.Double(53), nullable=True, comment="执行率: Sum of net divided by sum of agreed; may exceed 1."),
        sa.Column("capped_rate", sa.Double(53), nullable=True, comment="封顶完成率: Sum of min(net, agreed) divided by sum of agreed."),
        sa.Column("completed_share", sa.Double(53), nullable=True, comment="完成条数占比: Completed commitments divided by commitments."),
        sa.PrimaryKeyConstraint("as_of", "level", "code", "phase", "duty", name="pk_agreed_volume_rollup"),
        comment="约定采购量完成汇总: Commitments summed per level; running and ended, mandatory and voluntary stand apart.",
    )


def _create_check_results() -> None:
    op.create_table(
        "check_results",
        sa.Column("run_id", sa.Text(), nullable=False, comment="运行编号: Run that wrote the row."),
        sa.Column("check_id", sa.Text(), nullable=False, comment="检查编号: Name of the check."),
        sa.Column("scope", sa.Text(), nullable=False, comment="检查范围: Table or dataset examined."),
        sa.Column("applied", sa.BigInteger(), nullable=False, comment="检查数: Rows, groups or institutions examined."),
        sa.Column("passed", sa.BigInteger(), nullable=False, comment="通过数: How many of them passed."),
        sa.Column("failed", sa.BigInteger(), nullable=False, comment="未通过数: How many of them failed."),
        sa.Column("not_applicable", sa.BigInteger(), nullable=False, comment="不适用数: How many the check could not apply to."),
        sa.Column("status", sa.Text(), nullable=False, comment="状态: Outcome."),
        sa.Column("details", sa.Text(), nullable=True, comment="说明: Chinese explanation and up to 20 examples."),
        sa.PrimaryKeyConstraint("run_id", "check_id", name="pk_check_results"),
        comment="检查结果: One row per check and run; applied = passed + failed.",
    )


def _create_data_dictionary() -> None:
    op.create_table(
        "data_dictionary",
        sa.Column("table_name", sa.Text(), nullable=False, comment="表名: Report table."),
        sa.Column("column_name", sa.Text(), nullable=False, comment="列名: Column of the table."),
        sa.Column("type", sa.Text(), nullable=False, comment="类型: Logical type."),
        sa.Column("unit", sa.Text(), nullable=False, comment="单位: Unit, empty for codes and words."),
        sa.Column("title_zh", sa.Text(), nullable=False, comment="中文名称: Chinese title."),
        sa.Column("description", sa.Text(), nullable=False, comment="说明: One sentence on what the column holds."),
        sa.Column("source", sa.Text(), nullable=False, comment="依据: Clause or document the column rests on, empty where there is none."),
        sa.PrimaryKeyConstraint("table_name", "column_name", name="pk_data_dictionary"),
        comment="数据字典: Every column of every report table.",
    )


def _create_findings() -> None:
    op.create_table(
        "findings",
        sa.Column("as_of", sa.Date(), nullable=False, comment="统计截止日: Business date at whose end the figures stand."),
        sa.Column("finding_id", sa.Text(), nullable=False, comment="问题编号: SHA-256 of the finding's canonical text, stable from run to run."),
        sa.Column("run_id", sa.Text(), nullable=False, comment="运行编号: Run that wrote the row."),
        sa.Column("rule_code", sa.Text(), nullable=False, comment="规则编码: Rule that raised the finding."),
        sa.Column("severity", sa.Text(), nullable=False, comment="级别: How grave it is."),
        sa.Column("jurisdiction_code", sa.Text(), nullable=True, comment="统筹区编码: Division of the institution."),
        sa.Column("institution_code", sa.Text(), nullable=True, comment="医疗机构编码: Institution concerned."),
        sa.Column("counterparty_code", sa.Text(), nullable=True, comment="相对方编码: Company on the other side."),
        sa.Column("subject_type", sa.Text(), nullable=False, comment="对象类型: What kind of thing the finding is about."),
        sa.Column("subject_key", sa.Text(), nullable=False, comment="对象标识: Key of that thing, for drill-down."),
        sa.Column("amount_fen", sa.BigInteger(), nullable=True, comment="涉及金额: Amount at stake."),
        sa.Column("quantity", sa.Double(53), nullable=True, comment="涉及数量: Quantity at stake."),
        sa.Column("message_zh", sa.Text(), nullable=False, comment="说明: Neutral Chinese wording with the calculation."),
        sa.Column("clause", sa.Text(), nullable=False, comment="条款: Clause in force for the institution's jurisdiction on the event date."),
        sa.Column("responsible", sa.Text(), nullable=True, comment="责任人: Who answers for it."),
        sa.Column("excuse_id", sa.Text(), nullable=True, comment="备案编号: Approved excuse that covers it."),
        sa.Column("first_seen", sa.Date(), nullable=False, comment="首次发现日: as_of that opened the unbroken series."),
        sa.Column("due_on", sa.Date(), nullable=True, comment="整改期限: Day by which it is to be remedied."),
        sa.Column("state", sa.Text(), nullable=False, comment="状态: open while it lasts, cured on its last row."),
        sa.PrimaryKeyConstraint("as_of", "finding_id", name="pk_findings"),
        comment="问题清单: Signals to be checked, one row per finding and date, cured on its last.",
    )


def _create_payment_timeliness() -> None:
    op.create_table(
        "payment_timeliness",
        sa.Column("as_of", sa.Date(), nullable=False, comment="统计截止日: Business date at whose end the figures stand."),
        sa.Column("due_rule", sa.Text(), nullable=False, comment="到期规则: Rule that sets the due date."),
        sa.Column("institution_code", sa.Text(), nullable=False, comment="医疗机构编码: Institution the row is about."),
        sa.Column("distributor_code", sa.Text(), nullable=False, comment="配送企业编码: Supplier that delivered and is to be paid."),
        sa.Column("due_month", sa.Text(), nullable=False, comment="到期月份: Month (YYYY-MM) of the due date before it rolls to a working day."),
        sa.Column("run_id", sa.Text(), nullable=False, comment="运行编号: Run that wrote the row."),
        sa.Column("jurisdiction_code", sa.Text(), nullable=False, comment="统筹区编码: Six-digit division (GB/T 2260) of the institution."),
        sa.Column("matured_fen", sa.BigInteger(), nullable=False, comment="已到期金额: Payables whose due date is at or before as_of."),
        sa.Column("on_time_fen", sa.BigInteger(), nullable=False, comment="按时支付金额: Part of the matured payables paid on or before the due date."),
        sa.Column("late_paid_fen", sa.BigInteger(), nullable=False, comment="逾期后支付金额: Part of the matured payables paid after the due date."),
        sa.Column("overdue_fen", sa.BigInteger(), nullable=False, comment="逾期未付金额: Unpaid part of the matured payables."),
        sa.Column("not_due_fen", sa.BigInteger(), nullable=False, comment="未到期金额: Whole amount of the payables not yet matured."),
        sa.Column("matured_count", sa.BigInteger(), nullable=False, comment="已到期笔数: Number of matured payables."),
        sa.Column("on_time_count", sa.BigInteger(), nullable=False, comment="按时付清笔数: Number of matured payables fully paid by the due date."),
        sa.Column("on_time_rate_amount", sa.Double(53), nullable=True, comment="按金额支付及时率: On-time amount divided by matured amount."),
        sa.Column("on_time_rate_count", sa.Double(53), nullable=True, comment="按笔数支付及时率: Payables paid on time divided by matured payables."),
        sa.Column("excused_fen", sa.BigInteger(), nullable=False, comment="有正当理由金额: What excused matured payables lack of on-time payment."),
        sa.Column("on_time_rate_amount_excused", sa.Double(53), nullable=True, comment="剔除正当理由支付及时率: On-time amount divided by matured less excused."),
        sa.Column("paid_fen", sa.BigInteger(), nullable=False, comment="已支付金额: All payments allocated to the payables of the row, matured or not."),
        sa.Column("paid_fen_days", sa.BigInteger(), nullable=False, comment="支付金额天数: Paid amount times days from acceptance, at least 0."),
        sa.Column("weighted_days", sa.Double(53), nullable=True, comment="加权回款天数: Fen-days divided by paid amount, null when nothing is paid."),
        sa.Column("paid_within_30_fen", sa.BigInteger(), nullable=False, comment="30天内支付金额: Paid within 30 days of acceptance."),
        sa.Column("paid_31_60_fen", sa.BigInteger(), nullable=False, comment="31至60天支付金额: Paid 31 to 60 days after acceptance."),
        sa.Column("paid_over_60_fen", sa.BigInteger(), nullable=False, comment="60天后支付金额: Paid more than 60 days after acceptance."),
        sa.Column("overdue_0_30_fen", sa.BigInteger(), nullable=False, comment="逾期0至30天金额: Overdue for at most 30 days since the rolled due date."),
        sa.Column("overdue_31_60_fen", sa.BigInteger(), nullable=False, comment="逾期31至60天金额: Overdue for 31 to 60 days."),
        sa.Column("overdue_61_90_fen", sa.BigInteger(), nullable=False, comment="逾期61至90天金额: Overdue for 61 to 90 days."),
        sa.Column("overdue_91_180_fen", sa.BigInteger(), nullable=False, comment="逾期91至180天金额: Overdue for 91 to 180 days."),
        sa.Column("overdue_over_180_fen", sa.BigInteger(), nullable=False, comment="逾期180天以上金额: Overdue for more than 180 days."),
        sa.PrimaryKeyConstraint("as_of", "due_rule", "institution_code", "distributor_code", "due_month", name="pk_payment_timeliness"),
        comment="货款支付及时情况: Payables by due rule, institution, supplier and due month: paid on time, late, not at all.",
    )


def _create_payment_unallocated() -> None:
    op.create_table(
        "payment_unallocated",
        sa.Column("as_of", sa.Date(), nullable=False, comment="统计截止日: Business date at whose end the figures stand."),
        sa.Column("institution_code", sa.Text(), nullable=False, comment="医疗机构编码: Institution the row is about."),
        sa.Column("distributor_code", sa.Text(), nullable=False, comment="配送企业编码: Supplier that delivered and is to be paid."),
        sa.Column("run_id", sa.Text(), nullable=False, comment="运行编号: Run that wrote the row."),
        sa.Column("unallocated_fen", sa.BigInteger(), nullable=False, comment="未分配金额: Paid amount that matches no payable of the institution and payee."),
        sa.PrimaryKeyConstraint("as_of", "institution_code", "distributor_code", name="pk_payment_unallocated"),
        comment="未分配付款: Payments left over after all payables were served; a row only where cash is left.",
    )


def _create_rejected_records() -> None:
    op.create_table(
        "rejected_records",
        sa.Column("dataset", sa.Text(), nullable=False, comment="数据集: Dataset of the row."),
        sa.Column("record_id", sa.Text(), nullable=False, comment="记录编号: SHA-256 of the row's canonical text, stable from run to run."),
        sa.Column("natural_key", sa.Text(), nullable=True, comment="业务主键: Natural key as far as it could be read."),
        sa.Column("source_path", sa.Text(), nullable=True, comment="来源文件: File the row stands in."),
        sa.Column("sheet", sa.Text(), nullable=True, comment="工作表: Sheet of a workbook."),
        sa.Column("line_no", sa.Integer(), nullable=True, comment="行号: Line of the file or sheet, 1 is the first."),
        sa.Column("raw_json", sa.Text(), nullable=True, comment="原始内容: The row as it was read."),
        sa.Column("reasons", sa.Text(), nullable=False, comment="拒收原因: List of code, column, value and Chinese message."),
        sa.Column("first_seen_run", sa.Text(), nullable=False, comment="首次运行: Run that rejected the row first."),
        sa.Column("last_seen_run", sa.Text(), nullable=False, comment="最近运行: Run that rejected the row last."),
        sa.Column("state", sa.Text(), nullable=False, comment="状态: Whether it still waits, and else what became of it."),
        sa.Column("resolved_run", sa.Text(), nullable=True, comment="解决运行: Run in which the row was resolved or superseded."),
        sa.Column("decided_by", sa.Text(), nullable=True, comment="决定人: Who waived or discarded the row."),
        sa.Column("decided_until", sa.Date(), nullable=True, comment="决定有效期: Day until which a waiver holds."),
        sa.Column("note", sa.Text(), nullable=True, comment="备注: Why it was decided so."),
        sa.PrimaryKeyConstraint("dataset", "record_id", name="pk_rejected_records"),
        comment="拒收记录: Rows that did not enter the lake, with their reasons and their fate.",
    )


def _create_restatements() -> None:
    op.create_table(
        "restatements",
        sa.Column("as_of", sa.Date(), nullable=False, comment="统计截止日: Business date at whose end the figures stand."),
        sa.Column("table_name", sa.Text(), nullable=False, comment="表名: Figure table."),
        sa.Column("row_key", sa.Text(), nullable=False, comment="行标识: Key of the row without as_of, joined by |."),
        sa.Column("column_name", sa.Text(), nullable=False, comment="列名: Column that changed."),
        sa.Column("run_id", sa.Text(), nullable=False, comment="运行编号: Run that brought the new value."),
        sa.Column("old_value", sa.Text(), nullable=True, comment="原值: Published value as text, null when there was none."),
        sa.Column("new_value", sa.Text(), nullable=True, comment="新值: New value as text, null when there is none."),
        sa.Column("cause", sa.Text(), nullable=False, comment="原因: Why the figure changed."),
        sa.Column("previous_run_id", sa.Text(), nullable=False, comment="原运行编号: Run whose figure was replaced."),
        sa.PrimaryKeyConstraint("as_of", "table_name", "row_key", "column_name", "run_id", name="pk_restatements"),
        comment="数据修订: Every cell that a later run of a published date changed, old and new value.",
    )


def _create_runs() -> None:
    op.create_table(
        "runs",
        sa.Column("run_id", sa.Text(), nullable=False, comment="运行编号: Identifier of the run."),
        sa.Column("as_of", sa.Date(), nullable=False, comment="统计截止日: Business date at whose end the figures stand."),
        sa.Column("started_at", sa.Text(), nullable=False, comment="开始时间: When the run began, Asia/Shanghai."),
        sa.Column("finished_at", sa.Text(), nullable=True, comment="结束时间: When the run ended, null while it runs."),
        sa.Column("status", sa.Text(), nullable=False, comment="状态: How far the run came."),
        sa.Column("code_version", sa.Text(), nullable=True, comment="程序版本: Version of the code."),
        sa.Column("policy_digest", sa.Text(), nullable=True, comment="政策摘要: SHA-256 over the policy rows used."),
        sa.Column("policy_rows", sa.Text(), nullable=True, comment="政策条目: Policy rows the run used."),
        sa.Column("lake_versions", sa.Text(), nullable=True, comment="数据湖版本: Version of each lake table the run read."),
        sa.Column("input_digest", sa.Text(), nullable=True, comment="输入摘要: SHA-256 over the files taken in so far."),
        sa.Column("result_digest", sa.Text(), nullable=True, comment="结果摘要: SHA-256 over the sorted rows of the figure tables."),
        sa.Column("previous_hash", sa.Text(), nullable=True, comment="前一行哈希: row_hash of the run finished before this one."),
        sa.Column("row_hash", sa.Text(), nullable=True, comment="行哈希: SHA-256 of the canonical JSON of the row's other columns."),
        sa.Column("rows_read", sa.BigInteger(), nullable=True, comment="读取行数: Rows read by the run."),
        sa.Column("rows_accepted", sa.BigInteger(), nullable=True, comment="接收行数: Rows accepted by the run."),
        sa.Column("rows_rejected", sa.BigInteger(), nullable=True, comment="拒收行数: Rows rejected by the run."),
        sa.Column("released_by", sa.Text(), nullable=True, comment="放行人: Who published a run that a gate held."),
        sa.Column("note", sa.Text(), nullable=True, comment="备注: Why it failed, was held or was released."),
        sa.PrimaryKeyConstraint("run_id", name="pk_runs"),
        comment="运行台账: One row per run; finished rows form a hash chain in the order of finished_at.",
    )


def _create_source_files() -> None:
    op.create_table(
        "source_files",
        sa.Column("run_id", sa.Text(), nullable=False, comment="运行编号: Run that wrote the row."),
        sa.Column("path", sa.Text(), nullable=False, comment="文件路径: Path of the file below the landing zone."),
        sa.Column("dataset", sa.Text(), nullable=False, comment="数据集: Dataset the file belongs to."),
        sa.Column("sha256", sa.Text(), nullable=False, comment="文件摘要: SHA-256 of the file."),
        sa.Column("bytes", sa.BigInteger(), nullable=False, comment="文件大小: Size of the file."),
        sa.Column("encoding", sa.Text(), nullable=True, comment="编码: Text encoding, null for binary formats."),
        sa.Column("rows_read", sa.BigInteger(), nullable=False, comment="读取行数: Data rows in the file."),
        sa.Column("rows_accepted", sa.BigInteger(), nullable=False, comment="接收行数: Rows accepted."),
        sa.Column("rows_rejected", sa.BigInteger(), nullable=False, comment="拒收行数: Rows rejected."),
        sa.Column("rows_duplicate", sa.BigInteger(), nullable=False, comment="重复行数: Identical repeats of a row within the file."),
        sa.Column("unknown_columns", sa.Text(), nullable=True, comment="未识别列: Headers that match no column."),
        sa.Column("status", sa.Text(), nullable=False, comment="状态: What became of the file."),
        sa.PrimaryKeyConstraint("run_id", "path", name="pk_source_files"),
        comment="来源文件: Every file of a run; rows read = accepted + rejected + duplicate.",
    )


def _create_two_invoice_compliance() -> None:
    op.create_table(
        "two_invoice_compliance",
        sa.Column("as_of", sa.Date(), nullable=False, comment="统计截止日: Business date at whose end the figures stand."),
        sa.Column("institution_code", sa.Text(), nullable=False, comment="医疗机构编码: Institution the row is about."),
        sa.Column("month", sa.Text(), nullable=False, comment="开票月份: Month (YYYY-MM) in which the hospital invoice was issued."),
        sa.Column("run_id", sa.Text(), nullable=False, comment="运行编号: Run that wrote the row."),
        sa.Column("jurisdiction_code", sa.Text(), nullable=False, comment="统筹区编码: Six-digit division (GB/T 2260) of the institution."),
        sa.Column("scope_fen", sa.BigInteger(), nullable=False, comment="纳入范围金额: Compliant, violating and unverifiable amounts together; exempt ones left out."),
        sa.Column("compliant_fen", sa.BigInteger(), nullable=False, comment="合规金额: Lines invoiced directly, by two invoices, in a group or remotely."),
        sa.Column("violation_fen", sa.BigInteger(), nullable=False, comment="违规金额: Lines with too many invoices."),
        sa.Column("unverifiable_fen", sa.BigInteger(), nullable=False, comment="无法核实金额: Lines whose chain cannot be verified; that is not compliance."),
        sa.Column("exempt_fen", sa.BigInteger(), nullable=False, comment="豁免金额: Lines outside the rule, counted apart."),
        sa.Column("scope_count", sa.BigInteger(), nullable=False, comment="纳入范围行数: Number of lines in scope."),
        sa.Column("compliant_count", sa.BigInteger(), nullable=False, comment="合规行数: Number of compliant lines."),
        sa.Column("violation_count", sa.BigInteger(), nullable=False, comment="违规行数: Number of violating lines."),
        sa.Column("unverifiable_count", sa.BigInteger(), nullable=False, comment="无法核实行数: Number of unverifiable lines."),
        sa.Column("exempt_count", sa.BigInteger(), nullable=False, comment="豁免行数: Number of exempt lines."),
        sa.Column("compliance_rate_amount", sa.Double(53), nullable=True, comment="按金额合规率: Compliant divided by compliant and violation."),
        sa.Column("compliance_rate_count", sa.Double(53), nullable=True, comment="按行数合规率: The same by number of lines."),
        sa.Column("verified_rate_amount", sa.Double(53), nullable=True, comment="按金额核实率: Compliant and violation divided by scope."),
        sa.Column("verified_rate_count", sa.Double(53), nullable=True, comment="按行数核实率: The same by number of lines."),
        sa.PrimaryKeyConstraint("as_of", "institution_code", "month", name="pk_two_invoice_compliance"),
        comment="两票制执行情况: Net hospital invoice lines summed by verdict, per institution and month of issue.",
    )


def _create_two_invoice_line() -> None:
    op.create_table(
        "two_invoice_line",
        sa.Column("as_of", sa.Date(), nullable=False, comment="统计截止日: Business date at whose end the figures stand."),
        sa.Column("invoice_code", sa.Text(), nullable=False, comment="发票代码: Invoice code, empty text for fully electronic invoices."),
        sa.Column("invoice_no", sa.Text(), nullable=False, comment="发票号码: Invoice number."),
        sa.Column("line_no", sa.Integer(), nullable=False, comment="行号: Line of the invoice."),
        sa.Column("run_id", sa.Text(), nullable=False, comment="运行编号: Run that wrote the row."),
        sa.Column("institution_code", sa.Text(), nullable=False, comment="医疗机构编码: Institution the row is about."),
        sa.Column("seller_code", sa.Text(), nullable=False, comment="销方识别号: Company that issued the invoice to the institution."),
        sa.Column("product_code", sa.Text(), nullable=False, comment="医保药品编码: Product sold."),
        sa.Column("batch_no", sa.Text(), nullable=True, comment="批号: Batch, as text."),
        sa.Column("issued_on", sa.Date(), nullable=False, comment="开票日期: Date of issue."),
        sa.Column("net_quantity", sa.Double(53), nullable=False, comment="净数量: Quantity in packs less red invoices."),
        sa.Column("net_fen", sa.BigInteger(), nullable=False, comment="净金额: Amount including tax, less red invoices."),
        sa.Column("verdict", sa.Text(), nullable=False, comment="判定: Verdict of the invoice chain, the first rule that applies."),
        sa.Column("hops", sa.Integer(), nullable=True, comment="上游票数: Invoices between manufacturer and seller."),
        sa.PrimaryKeyConstraint("as_of", "invoice_code", "invoice_no", "line_no", name="pk_two_invoice_line"),
        comment="两票制发票行: Net lines of public institutions buying drugs, exempt ones included, each with its verdict.",
    )


def _create_staging_agreed_volume_completion() -> None:
    op.create_table(
        "staging_agreed_volume_completion",
        sa.Column("as_of", sa.Date(), nullable=True, comment="统计截止日: Business date at whose end the figures stand."),
        sa.Column("commitment_id", sa.Text(), nullable=True, comment="协议明细编号: Commitment: lot, item, institution and agreement year."),
        sa.Column("run_id", sa.Text(), nullable=True, comment="运行编号: Run that wrote the row."),
        sa.Column("jurisdiction_code", sa.Text(), nullable=True, comment="统筹区编码: Six-digit division (GB/T 2260) of the institution."),
        sa.Column("lot_code", sa.Text(), nullable=True, comment="采购批次编码: Procurement lot; lots are never merged."),
        sa.Column("item_code", sa.Text(), nullable=True, comment="品种编码: Item of the lot."),
        sa.Column("institution_code", sa.Text(), nullable=True, comment="医疗机构编码: Institution the row is about."),
        sa.Column("product_code", sa.Text(), nullable=True, comment="医保药品编码: Product the commitment names, null when it names none."),
        sa.Column("period_start", sa.Date(), nullable=True, comment="采购周期开始: First day of the agreement year."),
        sa.Column("period_end", sa.Date(), nullable=True, comment="采购周期结束: Last day of the agreement year."),
        sa.Column("agreed_quantity", sa.Double(53), nullable=True, comment="约定采购量: Agreed quantity valid at as_of, adjustments included."),
        sa.Column("received_quantity", sa.Double(53), nullable=True, comment="验收数量: Accepted receipts that count to the commitment, up to as_of."),
        sa.Column("returned_quantity", sa.Double(53), nullable=True, comment="退货数量: Confirmed returns of those receipts, up to as_of."),
        sa.Column("net_quantity", sa.Double(53), nullable=True, comment="净采购量: Received less returned."),
        sa.Column("excused_quantity", sa.Double(53), nullable=True, comment="有正当理由数量: Approved excuses, at most the shortfall."),
        sa.Column("strict_rate", sa.Double(53), nullable=True, comment="完成率: Net quantity divided by agreed quantity; may exceed 1."),
        sa.Column("capped_rate", sa.Double(53), nullable=True, comment="封顶完成率: Net quantity, at most the agreed one, divided by the agreed quantity."),
        sa.Column("excused_rate", sa.Double(53), nullable=True, comment="剔除正当理由完成率: Net quantity divided by agreed less excused quantity."),
        sa.Column("time_progress", sa.Double(53), nullable=True, comment="序时进度: Days gone divided by days of the agreement year, both ends included."),
        sa.Column("gap", sa.Double(53), nullable=True, comment="进度差: Completion rate less time progress."),
        sa.Column("needed_per_day", sa.Double(53), nullable=True, comment="日均需采购量: Shortfall divided by the days left, null outside the agreement year."),
        sa.Column("status", sa.Text(), nullable=True, comment="状态: State of the commitment at as_of, the first rule that applies."),
        sa.Column("policy_id", sa.Text(), nullable=True, comment="政策条目: Policy row whose thresholds decided the status."),
        comment="暂存 / staging of 约定采购量完成情况: Completion of the agreed volume at as_of, one row per commitment.",
    )


def _create_staging_agreed_volume_rollup() -> None:
    op.create_table(
        "staging_agreed_volume_rollup",
        sa.Column("as_of", sa.Date(), nullable=True, comment="统计截止日: Business date at whose end the figures stand."),
        sa.Column("level", sa.Text(), nullable=True, comment="汇总层级: What the row sums over."),
        sa.Column("code", sa.Text(), nullable=True, comment="汇总编码: Institution, jurisdiction or lot code, lot/item for items, all for the total."),
        sa.Column("phase", sa.Text(), nullable=True, comment="周期阶段: Whether the agreement years run or have ended at as_of."),
        sa.Column("duty", sa.Text(), nullable=True, comment="采购义务: Mandatory for public institutions, voluntary for the others."),
        sa.Column("run_id", sa.Text(), nullable=True, comment="运行编号: Run that wrote the row."),
        sa.Column("commitments", sa.BigInteger(), nullable=True, comment="约定条数: Number of commitments."),
        sa.Column("completed", sa.BigInteger(), nullable=True, comment="完成条数: Number of commitments completed."),
        sa.Column("agreed_quantity", sa.Double(53), nullable=True, comment="约定采购量: Sum of the agreed quantities, level item only."),
        sa.Column("net_quantity", sa.Double(53), nullable=True, comment="净采购量: Sum of the net quantities, level item only."),
        sa.Column("capped_quantity", sa.Double(53), nullable=True, comment="封顶采购量: Sum of min(net, agreed), level item only."),
        sa.Column("agreed_fen", sa.BigInteger(), nullable=True, comment="约定采购金额: Agreed quantities valued at the item's lowest selected price."),
        sa.Column("net_fen", sa.BigInteger(), nullable=True, comment="净采购金额: Net quantities valued at the same price."),
        sa.Column("capped_fen", sa.BigInteger(), nullable=True, comment="封顶采购金额: min(net, agreed) valued at the same price."),
        sa.Column("execution_rate", sa.Double(53), nullable=True, comment="执行率: Sum of net divided by sum of agreed; may exceed 1."),
        sa.Column("capped_rate", sa.Double(53), nullable=True, comment="封顶完成率: Sum of min(net, agreed) divided by sum of agreed."),
        sa.Column("completed_share", sa.Double(53), nullable=True, comment="完成条数占比: Completed commitments divided by commitments."),
        comment="暂存 / staging of 约定采购量完成汇总: Commitments summed per level; running and ended, mandatory and voluntary stand apart.",
    )


def _create_staging_check_results() -> None:
    op.create_table(
        "staging_check_results",
        sa.Column("run_id", sa.Text(), nullable=True, comment="运行编号: Run that wrote the row."),
        sa.Column("check_id", sa.Text(), nullable=True, comment="检查编号: Name of the check."),
        sa.Column("scope", sa.Text(), nullable=True, comment="检查范围: Table or dataset examined."),
        sa.Column("applied", sa.BigInteger(), nullable=True, comment="检查数: Rows, groups or institutions examined."),
        sa.Column("passed", sa.BigInteger(), nullable=True, comment="通过数: How many of them passed."),
        sa.Column("failed", sa.BigInteger(), nullable=True, comment="未通过数: How many of them failed."),
        sa.Column("not_applicable", sa.BigInteger(), nullable=True, comment="不适用数: How many the check could not apply to."),
        sa.Column("status", sa.Text(), nullable=True, comment="状态: Outcome."),
        sa.Column("details", sa.Text(), nullable=True, comment="说明: Chinese explanation and up to 20 examples."),
        comment="暂存 / staging of 检查结果: One row per check and run; applied = passed + failed.",
    )


def _create_staging_findings() -> None:
    op.create_table(
        "staging_findings",
        sa.Column("as_of", sa.Date(), nullable=True, comment="统计截止日: Business date at whose end the figures stand."),
        sa.Column("finding_id", sa.Text(), nullable=True, comment="问题编号: SHA-256 of the finding's canonical text, stable from run to run."),
        sa.Column("run_id", sa.Text(), nullable=True, comment="运行编号: Run that wrote the row."),
        sa.Column("rule_code", sa.Text(), nullable=True, comment="规则编码: Rule that raised the finding."),
        sa.Column("severity", sa.Text(), nullable=True, comment="级别: How grave it is."),
        sa.Column("jurisdiction_code", sa.Text(), nullable=True, comment="统筹区编码: Division of the institution."),
        sa.Column("institution_code", sa.Text(), nullable=True, comment="医疗机构编码: Institution concerned."),
        sa.Column("counterparty_code", sa.Text(), nullable=True, comment="相对方编码: Company on the other side."),
        sa.Column("subject_type", sa.Text(), nullable=True, comment="对象类型: What kind of thing the finding is about."),
        sa.Column("subject_key", sa.Text(), nullable=True, comment="对象标识: Key of that thing, for drill-down."),
        sa.Column("amount_fen", sa.BigInteger(), nullable=True, comment="涉及金额: Amount at stake."),
        sa.Column("quantity", sa.Double(53), nullable=True, comment="涉及数量: Quantity at stake."),
        sa.Column("message_zh", sa.Text(), nullable=True, comment="说明: Neutral Chinese wording with the calculation."),
        sa.Column("clause", sa.Text(), nullable=True, comment="条款: Clause in force for the institution's jurisdiction on the event date."),
        sa.Column("responsible", sa.Text(), nullable=True, comment="责任人: Who answers for it."),
        sa.Column("excuse_id", sa.Text(), nullable=True, comment="备案编号: Approved excuse that covers it."),
        sa.Column("first_seen", sa.Date(), nullable=True, comment="首次发现日: as_of that opened the unbroken series."),
        sa.Column("due_on", sa.Date(), nullable=True, comment="整改期限: Day by which it is to be remedied."),
        sa.Column("state", sa.Text(), nullable=True, comment="状态: open while it lasts, cured on its last row."),
        comment="暂存 / staging of 问题清单: Signals to be checked, one row per finding and date, cured on its last.",
    )


def _create_staging_payment_timeliness() -> None:
    op.create_table(
        "staging_payment_timeliness",
        sa.Column("as_of", sa.Date(), nullable=True, comment="统计截止日: Business date at whose end the figures stand."),
        sa.Column("due_rule", sa.Text(), nullable=True, comment="到期规则: Rule that sets the due date."),
        sa.Column("institution_code", sa.Text(), nullable=True, comment="医疗机构编码: Institution the row is about."),
        sa.Column("distributor_code", sa.Text(), nullable=True, comment="配送企业编码: Supplier that delivered and is to be paid."),
        sa.Column("due_month", sa.Text(), nullable=True, comment="到期月份: Month (YYYY-MM) of the due date before it rolls to a working day."),
        sa.Column("run_id", sa.Text(), nullable=True, comment="运行编号: Run that wrote the row."),
        sa.Column("jurisdiction_code", sa.Text(), nullable=True, comment="统筹区编码: Six-digit division (GB/T 2260) of the institution."),
        sa.Column("matured_fen", sa.BigInteger(), nullable=True, comment="已到期金额: Payables whose due date is at or before as_of."),
        sa.Column("on_time_fen", sa.BigInteger(), nullable=True, comment="按时支付金额: Part of the matured payables paid on or before the due date."),
        sa.Column("late_paid_fen", sa.BigInteger(), nullable=True, comment="逾期后支付金额: Part of the matured payables paid after the due date."),
        sa.Column("overdue_fen", sa.BigInteger(), nullable=True, comment="逾期未付金额: Unpaid part of the matured payables."),
        sa.Column("not_due_fen", sa.BigInteger(), nullable=True, comment="未到期金额: Whole amount of the payables not yet matured."),
        sa.Column("matured_count", sa.BigInteger(), nullable=True, comment="已到期笔数: Number of matured payables."),
        sa.Column("on_time_count", sa.BigInteger(), nullable=True, comment="按时付清笔数: Number of matured payables fully paid by the due date."),
        sa.Column("on_time_rate_amount", sa.Double(53), nullable=True, comment="按金额支付及时率: On-time amount divided by matured amount."),
        sa.Column("on_time_rate_count", sa.Double(53), nullable=True, comment="按笔数支付及时率: Payables paid on time divided by matured payables."),
        sa.Column("excused_fen", sa.BigInteger(), nullable=True, comment="有正当理由金额: What excused matured payables lack of on-time payment."),
        sa.Column("on_time_rate_amount_excused", sa.Double(53), nullable=True, comment="剔除正当理由支付及时率: On-time amount divided by matured less excused."),
        sa.Column("paid_fen", sa.BigInteger(), nullable=True, comment="已支付金额: All payments allocated to the payables of the row, matured or not."),
        sa.Column("paid_fen_days", sa.BigInteger(), nullable=True, comment="支付金额天数: Paid amount times days from acceptance, at least 0."),
        sa.Column("weighted_days", sa.Double(53), nullable=True, comment="加权回款天数: Fen-days divided by paid amount, null when nothing is paid."),
        sa.Column("paid_within_30_fen", sa.BigInteger(), nullable=True, comment="30天内支付金额: Paid within 30 days of acceptance."),
        sa.Column("paid_31_60_fen", sa.BigInteger(), nullable=True, comment="31至60天支付金额: Paid 31 to 60 days after acceptance."),
        sa.Column("paid_over_60_fen", sa.BigInteger(), nullable=True, comment="60天后支付金额: Paid more than 60 days after acceptance."),
        sa.Column("overdue_0_30_fen", sa.BigInteger(), nullable=True, comment="逾期0至30天金额: Overdue for at most 30 days since the rolled due date."),
        sa.Column("overdue_31_60_fen", sa.BigInteger(), nullable=True, comment="逾期31至60天金额: Overdue for 31 to 60 days."),
        sa.Column("overdue_61_90_fen", sa.BigInteger(), nullable=True, comment="逾期61至90天金额: Overdue for 61 to 90 days."),
        sa.Column("overdue_91_180_fen", sa.BigInteger(), nullable=True, comment="逾期91至180天金额: Overdue for 91 to 180 days."),
        sa.Column("overdue_over_180_fen", sa.BigInteger(), nullable=True, comment="逾期180天以上金额: Overdue for more than 180 days."),
        comment="暂存 / staging of 货款支付及时情况: Payables by due rule, institution, supplier and due month: paid on time, late, not at all.",
    )


def _create_staging_payment_unallocated() -> None:
    op.create_table(
        "staging_payment_unallocated",
        sa.Column("as_of", sa.Date(), nullable=True, comment="统计截止日: Business date at whose end the figures stand."),
        sa.Column("institution_code", sa.Text(), nullable=True, comment="医疗机构编码: Institution the row is about."),
        sa.Column("distributor_code", sa.Text(), nullable=True, comment="配送企业编码: Supplier that delivered and is to be paid."),
        sa.Column("run_id", sa.Text(), nullable=True, comment="运行编号: Run that wrote the row."),
        sa.Column("unallocated_fen", sa.BigInteger(), nullable=True, comment="未分配金额: Paid amount that matches no payable of the institution and payee."),
        comment="暂存 / staging of 未分配付款: Payments left over after all payables were served; a row only where cash is left.",
    )


def _create_staging_source_files() -> None:
    op.create_table(
        "staging_source_files",
        sa.Column("run_id", sa.Text(), nullable=True, comment="运行编号: Run that wrote the row."),
        sa.Column("path", sa.Text(), nullable=True, comment="文件路径: Path of the file below the landing zone."),
        sa.Column("dataset", sa.Text(), nullable=True, comment="数据集: Dataset the file belongs to."),
        sa.Column("sha256", sa.Text(), nullable=True, comment="文件摘要: SHA-256 of the file."),
        sa.Column("bytes", sa.BigInteger(), nullable=True, comment="文件大小: Size of the file."),
        sa.Column("encoding", sa.Text(), nullable=True, comment="编码: Text encoding, null for binary formats."),
        sa.Column("rows_read", sa.BigInteger(), nullable=True, comment="读取行数: Data rows in the file."),
        sa.Column("rows_accepted", sa.BigInteger(), nullable=True, comment="接收行数: Rows accepted."),
        sa.Column("rows_rejected", sa.BigInteger(), nullable=True, comment="拒收行数: Rows rejected."),
        sa.Column("rows_duplicate", sa.BigInteger(), nullable=True, comment="重复行数: Identical repeats of a row within the file."),
        sa.Column("unknown_columns", sa.Text(), nullable=True, comment="未识别列: Headers that match no column."),
        sa.Column("status", sa.Text(), nullable=True, comment="状态: What became of the file."),
        comment="暂存 / staging of 来源文件: Every file of a run; rows read = accepted + rejected + duplicate.",
    )


def _create_staging_two_invoice_compliance() -> None:
    op.create_table(
        "staging_two_invoice_compliance",
        sa.Column("as_of", sa.Date(), nullable=True, comment="统计截止日: Business date at whose end the figures stand."),
        sa.Column("institution_code", sa.Text(), nullable=True, comment="医疗机构编码: Institution the row is about."),
        sa.Column("month", sa.Text(), nullable=True, comment="开票月份: Month (YYYY-MM) in which the hospital invoice was issued."),
        sa.Column("run_id", sa.Text(), nullable=True, comment="运行编号: Run that wrote the row."),
        sa.Column("jurisdiction_code", sa.Text(), nullable=True, comment="统筹区编码: Six-digit division (GB/T 2260) of the institution."),
        sa.Column("scope_fen", sa.BigInteger(), nullable=True, comment="纳入范围金额: Compliant, violating and unverifiable amounts together; exempt ones left out."),
        sa.Column("compliant_fen", sa.BigInteger(), nullable=True, comment="合规金额: Lines invoiced directly, by two invoices, in a group or remotely."),
        sa.Column("violation_fen", sa.BigInteger(), nullable=True, comment="违规金额: Lines with too many invoices."),
        sa.Column("unverifiable_fen", sa.BigInteger(), nullable=True, comment="无法核实金额: Lines whose chain cannot be verified; that is not compliance."),
        sa.Column("exempt_fen", sa.BigInteger(), nullable=True, comment="豁免金额: Lines outside the rule, counted apart."),
        sa.Column("scope_count", sa.BigInteger(), nullable=True, comment="纳入范围行数: Number of lines in scope."),
        sa.Column("compliant_count", sa.BigInteger(), nullable=True, comment="合规行数: Number of compliant lines."),
        sa.Column("violation_count", sa.BigInteger(), nullable=True, comment="违规行数: Number of violating lines."),
        sa.Column("unverifiable_count", sa.BigInteger(), nullable=True, comment="无法核实行数: Number of unverifiable lines."),
        sa.Column("exempt_count", sa.BigInteger(), nullable=True, comment="豁免行数: Number of exempt lines."),
        sa.Column("compliance_rate_amount", sa.Double(53), nullable=True, comment="按金额合规率: Compliant divided by compliant and violation."),
        sa.Column("compliance_rate_count", sa.Double(53), nullable=True, comment="按行数合规率: The same by number of lines."),
        sa.Column("verified_rate_amount", sa.Double(53), nullable=True, comment="按金额核实率: Compliant and violation divided by scope."),
        sa.Column("verified_rate_count", sa.Double(53), nullable=True, comment="按行数核实率: The same by number of lines."),
        comment="暂存 / staging of 两票制执行情况: Net hospital invoice lines summed by verdict, per institution and month of issue.",
    )


def _create_staging_two_invoice_line() -> None:
    op.create_table(
        "staging_two_invoice_line",
        sa.Column("as_of", sa.Date(), nullable=True, comment="统计截止日: Business date at whose end the figures stand."),
        sa.Column("invoice_code", sa.Text(), nullable=True, comment="发票代码: Invoice code, empty text for fully electronic invoices."),
        sa.Column("invoice_no", sa.Text(), nullable=True, comment="发票号码: Invoice number."),
        sa.Column("line_no", sa.Integer(), nullable=True, comment="行号: Line of the invoice."),
        sa.Column("run_id", sa.Text(), nullable=True, comment="运行编号: Run that wrote the row."),
        sa.Column("institution_code", sa.Text(), nullable=True, comment="医疗机构编码: Institution the row is about."),
        sa.Column("seller_code", sa.Text(), nullable=True, comment="销方识别号: Company that issued the invoice to the institution."),
        sa.Column("product_code", sa.Text(), nullable=True, comment="医保药品编码: Product sold."),
        sa.Column("batch_no", sa.Text(), nullable=True, comment="批号: Batch, as text."),
        sa.Column("issued_on", sa.Date(), nullable=True, comment="开票日期: Date of issue."),
        sa.Column("net_quantity", sa.Double(53), nullable=True, comment="净数量: Quantity in packs less red invoices."),
        sa.Column("net_fen", sa.BigInteger(), nullable=True, comment="净金额: Amount including tax, less red invoices."),
        sa.Column("verdict", sa.Text(), nullable=True, comment="判定: Verdict of the invoice chain, the first rule that applies."),
        sa.Column("hops", sa.Integer(), nullable=True, comment="上游票数: Invoices between manufacturer and seller."),
        comment="暂存 / staging of 两票制发票行: Net lines of public institutions buying drugs, exempt ones included, each with its verdict.",
    )


def upgrade() -> None:
    _create_agreed_volume_completion()
    _create_agreed_volume_rollup()
    _create_check_results()
    _create_data_dictionary()
    _create_findings()
    _create_payment_timeliness()
    _create_payment_unallocated()
    _create_rejected_records()
    _create_restatements()
    _create_runs()
    _create_source_files()
    _create_two_invoice_compliance()
    _create_two_invoice_line()
    _create_staging_agreed_volume_completion()
    _create_staging_agreed_volume_rollup()
    _create_staging_check_results()
    _create_staging_findings()
    _create_staging_payment_timeliness()
    _create_staging_payment_unallocated()
    _create_staging_source_files()
    _create_staging_two_invoice_compliance()
    _create_staging_two_invoice_line()


def downgrade() -> None:
    for name in TABLES:
        op.drop_table(name)
