"""Names of generics beside their codes."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "generic_names",
        sa.Column(
            "generic_code", sa.Text(), nullable=False, comment="通用名编码: Generic, or drug whatever its form and strength."
        ),
        sa.Column(
            "name",
            sa.Text(),
            nullable=False,
            comment="通用名: Generic name of its first product; 等 behind it where its products have several.",
        ),
        sa.PrimaryKeyConstraint("generic_code", name="pk_generic_names"),
        comment="通用名名录: Generics by code; a name stays until a later published run brings another.",
    )


def downgrade() -> None:
    op.drop_table("generic_names")
