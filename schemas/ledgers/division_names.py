"""Names of divisions, from the code list in `seeds/codelists/divisions.csv`."""

from schemas.table import ReportTable, text

TABLE = ReportTable(
    name="division_names",
    title_zh="行政区划名录",
    description="Divisions by code, from the code list; a code that is not listed shows as itself.",
    key=("jurisdiction_code",),
    columns=(
        text("jurisdiction_code", "统筹区编码", "Six-digit division.", "GB/T 2260"),
        text("name", "统筹区名称", "Its name.", "GB/T 2260"),
    ),
)
