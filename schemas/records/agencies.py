"""Agencies: who prepays the insurance fund."""

from schemas.records.examples import AGENCY, DIVISION
from schemas.records.model import Code, Record, Text, column


class Agencies(Record):
    """An agency of the health insurance, and who answers for it (慈政办发〔2020〕68号 二(一)2)."""

    class Config:
        """Chinese name."""

        title = "经办机构"

    agency_code: Code = column(
        "code", "经办机构编码", key=True, required=True, example=AGENCY, description="Code of the agency."
    )
    name: Text = column(
        "text",
        "经办机构名称|经办机构|名称",
        required=True,
        example="示例市医疗保障中心",
        description="Name; it never joins anything.",
    )
    jurisdiction_code: Code = column(
        "code",
        "统筹区编码|行政区划代码|医保区划",
        required=True,
        str_matches=r"^\d{6}$",
        example=DIVISION,
        description="GB/T 2260 division whose fund it pays.",
    )
    responsible_person: Text = column(
        "text", "负责人|经办机构负责人", example="李四", description="Who answers for the agency."
    )
