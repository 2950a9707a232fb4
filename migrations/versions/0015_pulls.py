"""What was pulled from sources outside."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pulls",
        *(sa.Column(name, kind, nullable=nullable, comment=comment) for name, kind, nullable, comment in _PULLS),
        sa.PrimaryKeyConstraint("source", "pull_id", name="pk_pulls"),
        comment="来源拉取: Every pull from a source outside; seen = new + known + waiting + failed.",
    )
    op.create_table(
        "pulled_objects",
        *(sa.Column(name, kind, nullable=nullable, comment=comment) for name, kind, nullable, comment in _OBJECTS),
        sa.PrimaryKeyConstraint("source", "object_name", "pull_id", name="pk_pulled_objects"),
        comment="拉取对象: Every object that a pull read or could not read; what looked unchanged is only counted in pulls.",
    )


def downgrade() -> None:
    for name in ("pulled_objects", "pulls"):
        op.drop_table(name)


_TEXT, _COUNT = sa.Text(), sa.BigInteger()
_PULLS = (
    ("source", _TEXT, False, "来源: Dataset and name of the source."),
    ("pull_id", _TEXT, False, "拉取编号: Folder of the landing zone that holds what this pull took; later pulls sort behind."),
    ("kind", _TEXT, False, "来源种类: How it is reached."),
    ("started_at", _TEXT, False, "开始时间: When it began, Asia/Shanghai."),
    ("finished_at", _TEXT, True, "结束时间: When it ended, Asia/Shanghai."),
    ("taken_by", _TEXT, False, "拉取人: Who pulled: account and host, or the scheduler."),
    ("status", _TEXT, False, "拉取状态: What became of it; broken off where it never ended."),
    ("objects_seen", _COUNT, False, "看到对象数: Objects that the source offered."),
    ("objects_new", _COUNT, False, "新取对象数: Objects put into the landing zone."),
    ("objects_known", _COUNT, False, "已有对象数: Objects whose content was taken before."),
    ("objects_waiting", _COUNT, False, "暂缓对象数: Objects still being written, left for the next pull."),
    ("objects_failed", _COUNT, False, "失败对象数: Objects that could not be taken."),
    ("bytes", _COUNT, False, "新取字节数: Bytes put into the landing zone."),
    ("error", _TEXT, True, "拉取错误: Why it failed, or the first object that did."),
)
_OBJECTS = (
    ("source", _TEXT, False, "来源: Dataset and name of the source."),
    ("object_name", _TEXT, False, "对象名称: Name of the object at its source, odd characters as escapes."),
    ("pull_id", _TEXT, False, "拉取编号: Pull that read it."),
    ("path", _TEXT, True, "文件路径: Path of the file below the landing zone."),
    ("sha256", _TEXT, True, "文件摘要: SHA-256 of the content."),
    ("bytes", _COUNT, True, "文件大小: Size of the content."),
    ("mark", _TEXT, True, "来源标记: Size, time and tag that the source gave; a hint only."),
    ("watermark", _TEXT, True, "水位: Highest watermark of a query's rows up to this file."),
    ("read_at", _TEXT, False, "读取时间: When it was read, Asia/Shanghai."),
    ("status", _TEXT, False, "对象状态: What became of the object."),
    ("error", _TEXT, True, "对象错误: Why it was not taken, and the remedy."),
)
