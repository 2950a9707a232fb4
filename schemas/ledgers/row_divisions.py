"""Which division a row of a ledger belongs to, where that is known."""

from schemas.table import ReportTable, text

TABLE = ReportTable(
    name="row_divisions",
    title_zh="台账行的统筹区",
    description="Rejected rows and files by the division of those whom they name; others are not in it.",
    key=("table_name", "row_key"),
    columns=(
        text("table_name", "表名", "Ledger: rejected_records or source_files.", refers="table"),
        text("row_key", "行标识", "Key of its row, joined by |."),
        text("jurisdiction_code", "统筹区编码", "Six-digit division (GB/T 2260).", refers="jurisdiction"),
    ),
)
