"""The frame of each random audit sample, and which of it was drawn."""

from schemas.reports.findings import SEVERITIES
from schemas.table import JURISDICTION, Column, ReportTable, text

GRAVEST = {**SEVERITIES, "no_finding": "无问题"}

TABLE = ReportTable(
    name="audit_sample_members",
    title_zh="随机抽查总体与样本",
    description="Every institution of the frame of a sample, with its place; those with a draw_no were drawn.",
    key=("sample_id", "institution_code"),
    columns=(
        text("sample_id", "抽查编号", "Sample."),
        text("institution_code", "医疗机构编码", "Institution of the frame."),
        text("institution_name", "医疗机构名称", "Its name as the run knew it.", nullable=True),
        JURISDICTION,
        text("stratum", "层", "Part of the frame it belongs to, empty where there are none.", words=GRAVEST),
        text("order_hash", "排序值", "SHA-256 of seed|code: the smallest of a stratum are drawn."),
        Column("draw_no", "integer", "", "抽中序号", "Place in the sample, null where not drawn.", nullable=True, minimum=1),
        text("inspectors", "检查人员", "Staff numbers of the inspectors drawn for it, joined by a comma.", nullable=True),
    ),
)
