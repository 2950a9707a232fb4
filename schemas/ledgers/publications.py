"""Which run's figures stand for a date."""

from schemas.table import AS_OF, ReportTable, text

TABLE = ReportTable(
    name="publications",
    title_zh="现行发布",
    description="Published dates, each with the run whose figures stand for it; of a frozen date the run that was frozen.",
    key=("as_of",),
    columns=(AS_OF, text("run_id", "运行编号", "Run whose figures stand for the date.")),
)
