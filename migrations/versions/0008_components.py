"""Components of the yearly score that have no columns of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    comment = "其他考核项: Further components by code: rates, weight and the sums they are made of."
    op.add_column("assessment_scores", sa.Column("components", sa.Text(), nullable=True, comment=comment))


def downgrade() -> None:
    op.drop_column("assessment_scores", "components")
