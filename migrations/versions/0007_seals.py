"""Seals: what was written by each act, chained by hashes."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "seals",
        sa.Column("seal_no", sa.Integer(), nullable=False, comment="封存序号: Place in the chain, from 1."),
        sa.Column("sealed_at", sa.Text(), nullable=False, comment="封存时间: Asia/Shanghai."),
        sa.Column("act", sa.Text(), nullable=False, comment="事项: What was done."),
        sa.Column("subject", sa.Text(), nullable=False, comment="对象: Run, list, sample … it was done to."),
        sa.Column("content", sa.Text(), nullable=False, comment="内容: Rows written, and digests of what is many rows."),
        sa.Column("previous_hash", sa.Text(), nullable=True, comment="前一封存哈希: seal_hash of the seal before."),
        sa.Column("seal_hash", sa.Text(), nullable=False, comment="封存哈希: SHA-256 of the other columns."),
        sa.PrimaryKeyConstraint("seal_no", name="pk_seals"),
        comment="封存 / what each act wrote, chained by hashes",
    )


def downgrade() -> None:
    op.drop_table("seals")
