"""Names of companies, as the last published run knew them."""

from schemas.table import ReportTable, text

TABLE = ReportTable(
    name="enterprise_names",
    title_zh="企业名录",
    description="Companies by code; a name stays until a later published run brings another.",
    key=("enterprise_code",),
    columns=(
        text("enterprise_code", "企业编码", "Company: unified social credit code, or another."),
        text("name", "企业名称", "Its name."),
    ),
)
