"""Deemed manufacturers (视同生产企业) of the two-invoice system."""

from schemas.records.examples import COMPANY
from schemas.records.model import Code, Day, Record, Text, column

BASES = {
    "group_sales_company": "集团销售公司|全资或控股商业公司|集团内商业公司|全资控股销售公司",
    "sole_import_agent": "进口总代理|国内总代理|进口药品国内总代理|境外总代理",
}


class DeemedManufacturers(Record):
    """A company that counts as the manufacturer while the entry is valid (国医改办发〔2016〕4号)."""

    class Config:
        """Chinese name."""

        title = "视同生产企业"

    enterprise_code: Code = column(
        "code",
        "视同生产企业编码|企业统一社会信用代码|企业编码",
        key=True,
        required=True,
        example="91330200MA0000002X",
        description="The company that is deemed the manufacturer.",
    )
    manufacturer_code: Code = column(
        "code",
        "被代表生产企业编码|生产企业编码",
        key=True,
        required=True,
        example=COMPANY,
        description="The manufacturer or marketing authorisation holder it stands for.",
    )
    basis: Text = column(
        "enum",
        "视同依据|视同类型",
        required=True,
        values=BASES,
        description="Sales company of the group, or sole national agent of an imported drug.",
    )
    product_code: Code = column(
        "code",
        "医保药品编码|医保编码",
        "prodCode",
        key=True,
        default="",
        refers="products",
        description="The one product it is deemed for; empty = all of the manufacturer's.",
    )
    valid_from: Day = column("day", "生效日期", key=True, required=True, description="First day.")
    valid_to: Day = column("day", "失效日期", description="Last day, included; empty = open.")
