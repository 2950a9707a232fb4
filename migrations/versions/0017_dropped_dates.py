"""Published dates whose figures were dropped."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "dropped_dates",
        *(sa.Column(name, kind, nullable=False, comment=comment) for name, kind, comment in _COLUMNS),
        sa.PrimaryKeyConstraint("as_of", name="pk_dropped_dates"),
        comment=_COMMENT,
    )


def downgrade() -> None:
    op.drop_table("dropped_dates")


_COLUMNS = (
    ("as_of", sa.Date(), "统计截止日: Business date at whose end the figures stand."),
    ("run_id", sa.Text(), "运行编号: Run whose figures stood for the date."),
    ("dropped_at", sa.Text(), "清理时间: When its figures were dropped, Asia/Shanghai."),
    ("keep_nights", sa.Integer(), "保留天数: Days up to the last published date whose figures were kept then."),
    ("rule", sa.Text(), "清理规则: What was kept then, in words."),
    ("result_digest", sa.Text(), "结果摘要: Digest of the figures that were dropped, as the run ledger has it."),
    ("row_count", sa.BigInteger(), "不再显示的行数: Rows of figure tables that the date showed, findings left out."),
    ("file_count", sa.BigInteger(), "清理的文件数: Working files of its runs that were removed."),
    ("files_digest", sa.Text(), "文件摘要: SHA-256 of the list of these files with the SHA-256 of each."),
)
_COMMENT = (
    "已清理的发布日: Published dates whose nightly figures were dropped by the rule of retention; their findings, tasks and"
    " restatements stay."
)
