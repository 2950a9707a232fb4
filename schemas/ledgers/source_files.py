"""The files a run took in."""

from schemas.table import RUN_ID, Column, ReportTable, count, text

STATUSES = {"accepted": "已接收", "skipped": "已收过", "failed": "整份拒收", "waiting": "留待下次"}

TABLE = ReportTable(
    name="source_files",
    title_zh="来源文件",
    description="Every file of a run; rows read = accepted + rejected + duplicate.",
    key=("run_id", "path"),
    columns=(
        RUN_ID,
        text("path", "文件路径", "Path of the file below the landing zone."),
        text("dataset", "数据集", "Dataset the file belongs to.", refers="dataset"),
        text("sha256", "文件摘要", "SHA-256 of the file."),
        count("bytes", "bytes", "文件大小", "Size of the file."),
        text("encoding", "编码", "Text encoding, null for binary formats.", nullable=True),
        count("rows_read", "rows", "读取行数", "Data rows in the file."),
        count("rows_accepted", "rows", "接收行数", "Rows accepted."),
        count("rows_rejected", "rows", "拒收行数", "Rows rejected."),
        count("rows_duplicate", "rows", "重复行数", "Identical repeats of a row within the file."),
        Column("unknown_columns", "json", "", "未识别列", "Headers that match no column.", nullable=True),
        text("status", "状态", "What became of the file.", words=STATUSES),
    ),
)
