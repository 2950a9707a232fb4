"""Published dates whose figures were dropped by retention."""

from schemas.table import AS_OF, Column, ReportTable, count, text

TABLE = ReportTable(
    name="dropped_dates",
    title_zh="已清理的发布日",
    description="Published dates whose nightly figures were dropped by the rule of retention; their findings, tasks and"
    " restatements stay.",
    key=("as_of",),
    columns=(
        AS_OF,
        text("run_id", "运行编号", "Run whose figures stood for the date."),
        Column("dropped_at", "timestamp", "ISO 8601", "清理时间", "When its figures were dropped, Asia/Shanghai."),
        Column(
            "keep_nights", "integer", "days", "保留天数", "Days up to the last published date whose figures were kept then."
        ),
        text("rule", "清理规则", "What was kept then, in words."),
        text("result_digest", "结果摘要", "Digest of the figures that were dropped, as the run ledger has it."),
        count("row_count", "row", "不再显示的行数", "Rows of figure tables that the date showed, findings left out."),
        count("file_count", "file", "清理的文件数", "Working files of its runs that were removed."),
        text("files_digest", "文件摘要", "SHA-256 of the list of these files with the SHA-256 of each."),
    ),
)
