"""Names of products, as the last published run knew them."""

from schemas.table import ReportTable, text

TABLE = ReportTable(
    name="product_names",
    title_zh="产品名录",
    description="Products by national code; a name stays until a later published run brings another.",
    key=("product_code",),
    columns=(
        text("product_code", "医保药品编码", "Product."),
        text("generic_name", "产品名称", "Generic name."),
        text("strength", "规格", "Strength.", nullable=True),
        text("dosage_form", "剂型", "Dosage form.", nullable=True),
        text("min_unit", "最小单位", "Minimum unit its quantities are counted in (片, 粒, 支)."),
    ),
)
