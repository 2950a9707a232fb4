"""The run ledger: one row per run, chained by hashes."""

from schemas.table import AS_OF, Column, ReportTable, count, text

STATUSES = {"running": "运行中", "published": "已发布", "held": "被扣留", "failed": "失败"}

TABLE = ReportTable(
    name="runs",
    title_zh="运行台账",
    description="One row per run; finished rows form a hash chain in the order of finished_at.",
    key=("run_id",),
    columns=(
        text("run_id", "运行编号", "Identifier of the run."),
        AS_OF,
        Column("started_at", "timestamp", "ISO 8601", "开始时间", "When the run began, Asia/Shanghai."),
        Column("finished_at", "timestamp", "ISO 8601", "结束时间", "When the run ended, null while it runs.", nullable=True),
        text("status", "状态", "How far the run came.", values=STATUSES),
        text("code_version", "程序版本", "Version of the code.", nullable=True),
        text("policy_digest", "政策摘要", "SHA-256 over the policy rows used.", nullable=True),
        Column("policy_rows", "json", "", "政策条目", "Policy rows the run used.", nullable=True),
        Column("lake_versions", "json", "", "数据湖版本", "Version of each lake table the run read.", nullable=True),
        text("input_digest", "输入摘要", "SHA-256 over the files taken in so far.", nullable=True),
        text("result_digest", "结果摘要", "SHA-256 over the sorted rows of the figure tables.", nullable=True),
        text("previous_hash", "前一行哈希", "row_hash of the run finished before this one.", nullable=True),
        text("row_hash", "行哈希", "SHA-256 of the canonical JSON of the row's other columns.", nullable=True),
        count("rows_read", "rows", "读取行数", "Rows read by the run.", nullable=True),
        count("rows_accepted", "rows", "接收行数", "Rows accepted by the run.", nullable=True),
        count("rows_rejected", "rows", "拒收行数", "Rows rejected by the run.", nullable=True),
        text("released_by", "放行人", "Who published a run that a gate held.", nullable=True),
        text("note", "备注", "Why it failed, was held or was released.", nullable=True),
    ),
)
