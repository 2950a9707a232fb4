"""Cash that no payable took up."""

from schemas.reports.table import AS_OF, DISTRIBUTOR, INSTITUTION, RUN_ID, ReportTable, fen

TABLE = ReportTable(
    name="payment_unallocated",
    title_zh="未分配付款",
    description="Payments left over after all payables were served; a row only where cash is left.",
    key=("as_of", "institution_code", "distributor_code"),
    figure=True,
    columns=(
        AS_OF,
        INSTITUTION,
        DISTRIBUTOR,
        RUN_ID,
        fen(
            "unallocated_fen",
            "未分配金额",
            "Paid amount that matches no payable of the institution and payee.",
        ),
    ),
)
