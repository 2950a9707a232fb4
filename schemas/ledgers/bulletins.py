"""Bulletins that were made, and the dates they froze."""

from schemas.table import AS_OF, LEDGER_CLAUSE, Column, ReportTable, date, text

TABLE = ReportTable(
    name="bulletins",
    title_zh="通报",
    description="Bulletins made of a published date, one row for each different workbook; a frozen date keeps its figures.",
    key=("as_of", "scope", "workbook_digest"),
    columns=(
        AS_OF,
        text("scope", "范围", "Division prefixes it is limited to; empty for all."),
        text("workbook_digest", "工作簿摘要", "SHA-256 of the workbook."),
        text("run_id", "运行编号", "Run whose figures it shows."),
        Column("made_at", "timestamp", "ISO 8601", "制作时间", "When it was first made, Asia/Shanghai."),
        Column("is_frozen", "integer", "0/1", "是否冻结", "1 when its date is frozen.", LEDGER_CLAUSE, minimum=0, maximum=1),
        date("previous_as_of", "上次通报截止日", "Frozen date before it.", nullable=True),
    ),
)
