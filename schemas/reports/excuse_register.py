"""The register of approved excuses, as the last published run knew it."""

from schemas.spellings import EXCUSES, first_spellings
from schemas.table import EXCUSE_CLAUSE, Column, ReportTable, date, text

STATES = {"standing": "在册", "withdrawn": "已撤回"}

TABLE = ReportTable(
    name="excuse_register",
    title_zh="正当理由备案",
    description="Approved excuses: who is excused from what, why, by whom, from when to when.",
    key=("excuse_id",),
    columns=(
        text("excuse_id", "备案编号", "Its number; findings and lists name it.", EXCUSE_CLAUSE),
        text("kind", "备案类型", "What it excuses from.", values=first_spellings(EXCUSES)),
        text("institution_code", "医疗机构编码", "Whom it excuses.", refers="institution"),
        text("commitment_id", "协议明细编号", "Volume: the commitment.", nullable=True),
        Column("quantity", "double", "min_unit", "备案数量", "Volume: how much of it.", nullable=True),
        text("delivery_id", "配送明细编号", "Payment: the delivery line.", nullable=True),
        text("invoice_code", "发票代码", "With the invoice number.", nullable=True),
        text("invoice_no", "发票号码", "Payment or two-invoice: the invoice.", nullable=True),
        text("lot_code", "采购批次编码", "Prepayment: the lot, null for all of them.", nullable=True, refers="lot"),
        text("reason_code", "正当理由", "Why."),
        text("approved_by", "审批人", "Who approved it."),
        date("approved_on", "审批日期", "When.", nullable=True),
        text("document_no", "文号", "The document that approves it."),
        date("valid_from", "生效日期", "It counts from this day on."),
        date("valid_to", "失效日期", "Limits it to what ended, was accepted or was issued by that day.", nullable=True),
        text("state", "备案状态", "Whether it still stands in the register.", values=STATES),
    ),
)
