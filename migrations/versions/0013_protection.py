"""The yearly assessment prints what budget protection says: comments of its columns."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_NOW = {
    "contract_performed": "合同履行: Whether nothing is overdue at as_of but what an approved excuse covers, "
    "as budget_protection says.",
    "volume_completed": "用量完成: Whether every commitment of national lots that ended is completed or excused, "
    "as budget_protection says.",
    "rational_use": "合理用药: Whether its evaluation of rational use is a pass, as budget_protection says.",
    "budget_protection": "总额控制指标不降低: The verdict of budget_protection on the assessed date; "
    "not applicable to those without a row there.",
}
_BEFORE = {
    "contract_performed": "合同履行: yes where nothing is overdue at as_of but what an approved excuse covers.",
    "volume_completed": "用量完成: yes where every commitment that ended is completed or excused.",
    "rational_use": "合理用药: Not assessed by this system.",
    "budget_protection": "总额控制指标不降低: no, or still to be decided: never yes, for rational use is not assessed.",
}


def upgrade() -> None:
    _comment(_NOW)


def downgrade() -> None:
    _comment(_BEFORE)


def _comment(comments: dict[str, str]) -> None:
    """SQLite keeps no comments."""
    if op.get_bind().dialect.name == "postgresql":
        for column, comment in comments.items():
            op.execute(f"COMMENT ON COLUMN assessment_scores.{column} IS '{comment}'")
