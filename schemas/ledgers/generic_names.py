"""Names of generics, as the last published run knew them."""

from schemas.table import ReportTable, text

TABLE = ReportTable(
    name="generic_names",
    title_zh="通用名名录",
    description="Generics by code; a name stays until a later published run brings another.",
    key=("generic_code",),
    columns=(
        text("generic_code", "通用名编码", "Generic, or drug whatever its form and strength."),
        text("name", "通用名", "Generic name of its first product; 等 behind it where its products have several."),
    ),
)
