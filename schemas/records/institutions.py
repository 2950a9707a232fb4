"""Institutions: hospitals, clinics and pharmacies that buy."""

from schemas.records.examples import DIVISION, HOSPITAL_USCC
from schemas.records.model import Code, Flag, Record, Text, column
from schemas.spellings import LEVELS, OWNERSHIPS


class Institutions(Record):
    """Who buys, where, under whose responsibility."""

    class Config:
        """Chinese name."""

        title = "医疗机构"

    institution_code: Code = column(
        "code",
        "医疗机构编码|定点医疗机构代码|医院编码|采购单位编码",
        "medinsCode|fixmedins_code",
        key=True,
        required=True,
        warn=r"^[HP]\d{11}$",
        example="H33028200001",
        description="National code of the institution: H hospital or P pharmacy, 6-digit division, 5 digits.",
    )
    name: Text = column(
        "text",
        "医疗机构名称|医疗机构|医院名称|采购单位|名称",
        "medinsName|fixmedins_name",
        required=True,
        example="示例市第一人民医院",
        description="Name; it never joins anything.",
    )
    uscc: Code = column(
        "code",
        "统一社会信用代码",
        "uscc",
        warn="uscc",
        example=HOSPITAL_USCC,
        description="Unified social credit code; a hospital's invoices carry it as the buyer.",
    )
    jurisdiction_code: Code = column(
        "code",
        "统筹区编码|行政区划代码|医保区划",
        "admdvs",
        required=True,
        str_matches=r"^\d{6}$",
        example=DIVISION,
        description="GB/T 2260 division whose bureau answers for the institution.",
    )
    ownership: Text = column(
        "enum",
        "经营性质|机构性质|所有制",
        required=True,
        values=OWNERSHIPS,
        description="public is bound; private and retail take part voluntarily (慈政办发〔2020〕68号 二(一)1).",
    )
    level: Text = column("enum", "机构等级|医院等级", "hosp_lv", values=LEVELS, description="Level of care.")
    is_remote: Flag = column(
        "flag",
        "是否特别偏远|特别偏远",
        default=False,
        description="On the published list of especially remote townships and villages (two-invoice system).",
    )
    is_designated: Flag = column(
        "flag", "是否定点|是否定点医药机构", default=True, description="Designated by the health insurance (定点医药机构)."
    )
    parent_institution_code: Code = column(
        "code",
        "总院编码|上级机构编码",
        refers="institutions",
        example="",
        description="The head institution that may pay for this branch.",
    )
    responsible_person: Text = column(
        "text", "负责人|院长|法定代表人", example="张三", description="Who answers for the institution."
    )
