"""What the checks of a run found."""

from schemas.table import RUN_ID, Column, ReportTable, count, text

STATUSES = {"passed": "通过", "failed": "未通过", "not_applicable": "不适用", "warning": "提示"}

TABLE = ReportTable(
    name="check_results",
    title_zh="检查结果",
    description="One row per check and run; applied = passed + failed.",
    key=("run_id", "check_id"),
    columns=(
        RUN_ID,
        text("check_id", "检查编号", "Name of the check."),
        text("scope", "检查范围", "Table or dataset examined."),
        count("applied", "items", "检查数", "Rows, groups or institutions examined."),
        count("passed", "items", "通过数", "How many of them passed."),
        count("failed", "items", "未通过数", "How many of them failed."),
        count("not_applicable", "items", "不适用数", "How many the check could not apply to."),
        text("status", "状态", "Outcome.", values=STATUSES),
        Column("details", "json", "", "说明", "Chinese explanation and up to 20 examples.", nullable=True),
    ),
)
