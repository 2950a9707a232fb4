"""What pulls looked into: each object read, with its content hash and its place in the landing zone."""

from schemas.table import Column, ReportTable, count, text

STATUSES = {"landed": "已放入数据目录", "known": "内容已有", "reverted": "内容退回旧版", "waiting": "暂缓", "failed": "失败"}

TABLE = ReportTable(
    name="pulled_objects",
    title_zh="拉取对象",
    description="Every object that a pull read or could not read; what looked unchanged is only counted in pulls.",
    key=("source", "object_name", "pull_id"),
    columns=(
        text("source", "来源", "Dataset and name of the source."),
        text("object_name", "对象名称", "Name of the object at its source, odd characters as escapes."),
        text("pull_id", "拉取编号", "Pull that read it."),
        text("path", "文件路径", "Path of the file below the landing zone.", nullable=True),
        text("sha256", "文件摘要", "SHA-256 of the content.", nullable=True),
        count("bytes", "bytes", "文件大小", "Size of the content.", nullable=True),
        text("mark", "来源标记", "Size, time and tag that the source gave; a hint only.", nullable=True),
        text("watermark", "水位", "Highest watermark of a query's rows up to this file.", nullable=True),
        Column("read_at", "timestamp", "ISO 8601", "读取时间", "When it was read, Asia/Shanghai."),
        text("status", "对象状态", "What became of the object.", words=STATUSES),
        text("error", "对象错误", "Why it was not taken, and the remedy.", nullable=True),
    ),
)
