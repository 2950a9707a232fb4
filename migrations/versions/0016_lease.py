"""The lease of the run at work."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lease",
        sa.Column("name", sa.Text(), nullable=False, comment="名称: What is leased; there is one row, night."),
        sa.Column("holder", sa.Text(), comment="持有者: Run that holds it, null when it was left."),
        sa.Column("token", sa.BigInteger(), nullable=False, comment="令牌: Grows by one with every other holder."),
        sa.Column("host", sa.Text(), nullable=False, comment="主机: Where it was taken."),
        sa.Column("boot", sa.Text(), nullable=False, comment="启动标识: Of the machine's kernel, since it was started."),
        sa.Column("home", sa.Text(), nullable=False, comment="数据目录: Home of the run."),
        sa.Column("process", sa.BigInteger(), comment="进程: The one process that does the run, null where tasks do."),
        sa.Column("dag_run", sa.Text(), comment="DAG 运行: Run of Airflow whose tasks do it."),
        sa.Column("taken_at", sa.Double(53), nullable=False, comment="占用时间: Clock of the database, Unix seconds."),
        sa.Column("renewed_at", sa.Double(53), nullable=False, comment="续期时间: As taken_at."),
        sa.Column("expires_at", sa.Double(53), nullable=False, comment="到期时间: As taken_at."),
        sa.PrimaryKeyConstraint("name", name="pk_lease"),
        comment="租约 / the run that works on home and database",
    )


def downgrade() -> None:
    op.drop_table("lease")
