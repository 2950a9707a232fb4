"""Names of agencies beside their codes."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "agency_names",
        sa.Column("agency_code", sa.Text(), nullable=False, comment="经办机构编码: Agency of the health insurance."),
        sa.Column("name", sa.Text(), nullable=False, comment="经办机构名称: Its name."),
        sa.PrimaryKeyConstraint("agency_code", name="pk_agency_names"),
        comment="经办机构名录: Agencies by code; a name stays until a later published run brings another.",
    )


def downgrade() -> None:
    op.drop_table("agency_names")
