"""Published figures that a later run of the same date changed."""

from schemas.table import AS_OF, ReportTable, text

CAUSES = {"late_record": "迟到记录", "correction": "更正", "withdrawal": "撤回", "policy": "政策变化", "code": "程序变化"}

TABLE = ReportTable(
    name="restatements",
    title_zh="数据修订",
    description="Every cell that a later run of a published date changed, old and new value.",
    key=("as_of", "table_name", "row_key", "column_name", "run_id"),
    columns=(
        AS_OF,
        text("table_name", "表名", "Figure table.", refers="table"),
        text("row_key", "行标识", "Key of the row without as_of, joined by |."),
        text("column_name", "列名", "Column that changed.", refers="column"),
        text("run_id", "运行编号", "Run that brought the new value."),
        text("old_value", "原值", "Published value as text, null when there was none.", nullable=True, refers="cell"),
        text("new_value", "新值", "New value as text, null when there is none.", nullable=True, refers="cell"),
        text("cause", "原因", "Why the figure changed.", values=CAUSES),
        text("previous_run_id", "原运行编号", "Run whose figure was replaced."),
    ),
)
