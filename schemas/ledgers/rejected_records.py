"""Rejected rows and what became of them."""

from schemas.table import Column, ReportTable, date, text

STATES = {"open": "待改正", "resolved": "已解决", "superseded": "已被新版本取代", "waived": "已豁免", "discarded": "已作废"}

TABLE = ReportTable(
    name="rejected_records",
    title_zh="拒收记录",
    description="Rows that did not enter the lake, with their reasons and their fate.",
    key=("dataset", "record_id"),
    columns=(
        text("dataset", "数据集", "Dataset of the row.", refers="dataset"),
        text("record_id", "记录编号", "SHA-256 of the row's canonical text, stable from run to run."),
        text("natural_key", "业务主键", "Natural key as far as it could be read.", nullable=True),
        text("source_path", "来源文件", "File the row stands in.", nullable=True),
        text("sheet", "工作表", "Sheet of a workbook.", nullable=True),
        Column("line_no", "integer", "", "行号", "Line of the file or sheet, 1 is the first.", nullable=True),
        Column("raw_json", "json", "", "原始内容", "The row as it was read.", nullable=True),
        Column("reasons", "json", "", "拒收原因", "List of code, column, value and Chinese message."),
        text("first_seen_run", "首次运行", "Run that rejected the row first."),
        text("last_seen_run", "最近运行", "Run that rejected the row last."),
        text("state", "状态", "Whether it still waits, and else what became of it.", values=STATES),
        text("resolved_run", "解决运行", "Run in which the row was resolved or superseded.", nullable=True),
        text("decided_by", "决定人", "Who waived or discarded the row.", nullable=True),
        date("decided_until", "决定有效期", "Day until which a waiver holds.", nullable=True),
        text("note", "备注", "Why it was decided so.", nullable=True),
    ),
)
