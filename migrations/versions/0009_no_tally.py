"""The audit asks Great Expectations of the staged rows themselves: no table of its own counts."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_table("staging_tally")


def downgrade() -> None:
    op.create_table(
        "staging_tally",
        sa.Column("check_id", sa.Text(), nullable=False, comment="检查编号: Check."),
        sa.Column("failing", sa.BigInteger(), comment="不符条数: Failing items, null when not counted."),
        comment="暂存 / failing items per check of the audit",
    )
