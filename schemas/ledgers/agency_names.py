"""Names of agencies, as the last published run knew them."""

from schemas.table import ReportTable, text

TABLE = ReportTable(
    name="agency_names",
    title_zh="经办机构名录",
    description="Agencies by code; a name stays until a later published run brings another.",
    key=("agency_code",),
    columns=(text("agency_code", "经办机构编码", "Agency of the health insurance."), text("name", "经办机构名称", "Its name.")),
)
