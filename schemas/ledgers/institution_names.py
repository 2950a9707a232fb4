"""Names of institutions, as the last published run knew them."""

from schemas.spellings import LEVELS, OWNERSHIPS, first_spellings
from schemas.table import ReportTable, text

TABLE = ReportTable(
    name="institution_names",
    title_zh="医疗机构名录",
    description="Institutions by code; a name stays until a later published run brings another.",
    key=("institution_code",),
    columns=(
        text("institution_code", "医疗机构编码", "Institution."),
        text("name", "医疗机构名称", "Its name."),
        text("jurisdiction_code", "统筹区编码", "Six-digit division (GB/T 2260).", refers="jurisdiction"),
        text("ownership", "机构性质", "Who owns it.", values=first_spellings(OWNERSHIPS)),
        text("level", "机构等级", "Level of care.", nullable=True, values=first_spellings(LEVELS)),
        text("responsible_person", "负责人", "Who answers for it.", nullable=True),
    ),
)
