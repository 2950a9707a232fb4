"""The register of excuses, and which division rows of ledgers belong to."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "excuse_register",
        *(sa.Column(name, kind, nullable=nullable, comment=comment) for name, kind, nullable, comment in _EXCUSES),
        sa.PrimaryKeyConstraint("excuse_id", name="pk_excuse_register"),
        comment="正当理由备案: Approved excuses: who is excused from what, why, by whom, from when to when.",
    )
    op.create_table(
        "row_divisions",
        sa.Column("table_name", sa.Text(), nullable=False, comment="表名: Ledger: rejected_records or source_files."),
        sa.Column("row_key", sa.Text(), nullable=False, comment="行标识: Key of its row, joined by |."),
        sa.Column("jurisdiction_code", sa.Text(), nullable=False, comment="统筹区编码: Six-digit division (GB/T 2260)."),
        sa.PrimaryKeyConstraint("table_name", "row_key", name="pk_row_divisions"),
        comment="台账行的统筹区: Rejected rows and files by the division of those whom they name; others are not in it.",
    )


def downgrade() -> None:
    for name in ("row_divisions", "excuse_register"):
        op.drop_table(name)


_TEXT, _DAY = sa.Text(), sa.Date()
_EXCUSES = (
    ("excuse_id", _TEXT, False, "备案编号: Its number; findings and lists name it."),
    ("kind", _TEXT, False, "备案类型: What it excuses from."),
    ("institution_code", _TEXT, False, "医疗机构编码: Whom it excuses."),
    ("commitment_id", _TEXT, True, "协议明细编号: Volume: the commitment."),
    ("quantity", sa.Double(), True, "备案数量: Volume: how much of it."),
    ("delivery_id", _TEXT, True, "配送明细编号: Payment: the delivery line."),
    ("invoice_code", _TEXT, True, "发票代码: With the invoice number."),
    ("invoice_no", _TEXT, True, "发票号码: Payment or two-invoice: the invoice."),
    ("lot_code", _TEXT, True, "采购批次编码: Prepayment: the lot, null for all of them."),
    ("reason_code", _TEXT, False, "正当理由: Why."),
    ("approved_by", _TEXT, False, "审批人: Who approved it."),
    ("approved_on", _DAY, True, "审批日期: When."),
    ("document_no", _TEXT, False, "文号: The document that approves it."),
    ("valid_from", _DAY, False, "生效日期: It counts from this day on."),
    ("valid_to", _DAY, True, "失效日期: Limits it to what ended, was accepted or was issued by that day."),
    ("state", _TEXT, False, "备案状态: Whether it still stands in the register."),
)
