"""Pulls: what was fetched from a source outside, when, by whom, and what became of it."""

from schemas.table import Column, ReportTable, count, text

KINDS = {"s3": "S3 对象存储", "sftp": "SFTP 文件夹", "sql": "数据库查询", "http": "HTTP 下载"}
STATUSES = {"running": "进行中", "done": "完成", "failed": "失败", "broken": "中断"}

TABLE = ReportTable(
    name="pulls",
    title_zh="来源拉取",
    description="Every pull from a source outside; seen = new + known + waiting + failed.",
    key=("source", "pull_id"),
    columns=(
        text("source", "来源", "Dataset and name of the source."),
        text("pull_id", "拉取编号", "Folder of the landing zone that holds what this pull took; later pulls sort behind."),
        text("kind", "来源种类", "How it is reached.", words=KINDS),
        Column("started_at", "timestamp", "ISO 8601", "开始时间", "When it began, Asia/Shanghai."),
        Column("finished_at", "timestamp", "ISO 8601", "结束时间", "When it ended, Asia/Shanghai.", nullable=True),
        text("taken_by", "拉取人", "Who pulled: account and host, or the scheduler."),
        text("status", "拉取状态", "What became of it; broken off where it never ended.", words=STATUSES),
        count("objects_seen", "objects", "看到对象数", "Objects that the source offered."),
        count("objects_new", "objects", "新取对象数", "Objects put into the landing zone."),
        count("objects_known", "objects", "已有对象数", "Objects whose content was taken before."),
        count("objects_waiting", "objects", "暂缓对象数", "Objects still being written, left for the next pull."),
        count("objects_failed", "objects", "失败对象数", "Objects that could not be taken."),
        count("bytes", "bytes", "新取字节数", "Bytes put into the landing zone."),
        text("error", "拉取错误", "Why it failed, or the first object that did.", nullable=True),
    ),
)
