"""The mark of the home that the database belongs to; `publications` described like the other report tables."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "home_mark",
        sa.Column("only", sa.Integer(), nullable=False, comment="唯一行: Always 1: there is one row."),
        sa.Column("mark", sa.Text(), nullable=False, comment="标记: Last mark, which its home knows."),
        sa.Column("place", sa.Text(), nullable=False, comment="位置: Host and home that left it."),
        sa.Column("left_at", sa.Text(), nullable=False, comment="时间: When, Asia/Shanghai."),
        sa.PrimaryKeyConstraint("only", name="pk_home_mark"),
        comment="数据目录标记 / the home that the database belongs to",
    )
    if op.get_bind().dialect.name == "postgresql":
        op.create_table_comment(
            "publications",
            "现行发布: Published dates, each with the run whose figures stand for it;"
            " of a frozen date the run that was frozen.",
        )
        for column, comment in (
            ("as_of", "统计截止日: Business date at whose end the figures stand."),
            ("run_id", "运行编号: Run whose figures stand for the date."),
        ):
            op.alter_column("publications", column, comment=comment)


def downgrade() -> None:
    op.drop_table("home_mark")
