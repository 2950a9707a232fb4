"""Names of procurement lots, as the last published run knew them."""

from schemas.table import ReportTable, text

TABLE = ReportTable(
    name="lot_names",
    title_zh="采购批次名录",
    description="Lots by code; a name stays until a later published run brings another.",
    key=("lot_code",),
    columns=(text("lot_code", "采购批次编码", "Procurement lot."), text("name", "采购批次名称", "Its name.")),
)
