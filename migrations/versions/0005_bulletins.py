"""Bulletins, and the dates they froze."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bulletins",
        sa.Column("as_of", sa.Date(), nullable=False, comment="统计截止日: Business date at whose end the figures stand."),
        sa.Column("scope", sa.Text(), nullable=False, comment="范围: Division prefixes it is limited to; empty for all."),
        sa.Column("workbook_digest", sa.Text(), nullable=False, comment="工作簿摘要: SHA-256 of the workbook."),
        sa.Column("run_id", sa.Text(), nullable=False, comment="运行编号: Run whose figures it shows."),
        sa.Column("made_at", sa.Text(), nullable=False, comment="制作时间: When it was first made, Asia/Shanghai."),
        sa.Column("is_frozen", sa.Integer(), nullable=False, comment="是否冻结: 1 when its date is frozen."),
        sa.Column("previous_as_of", sa.Date(), nullable=True, comment="上次通报截止日: Frozen date before it."),
        sa.PrimaryKeyConstraint("as_of", "scope", "workbook_digest", name="pk_bulletins"),
        comment="通报: Bulletins made of a published date, one row for each different workbook; a frozen date keeps its figures.",
    )


def downgrade() -> None:
    op.drop_table("bulletins")
