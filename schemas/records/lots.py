"""Lots: rounds of centralized procurement."""

from schemas.records.examples import DOCUMENT
from schemas.records.model import Code, Record, Text, column
from schemas.spellings import PROGRAMS

CATEGORIES = {"drug": "药品", "consumable": "耗材|医用耗材|高值医用耗材"}


class Lots(Record):
    """A procurement lot; each batch is its own lot (4+7 and 扩围 are never merged)."""

    class Config:
        """Chinese name."""

        title = "采购批次"

    lot_code: Code = column(
        "code", "批次编码|采购批次编码", key=True, required=True, example="GY-2", description="Code of the lot."
    )
    name: Text = column(
        "text", "批次名称", required=True, example="示例：第二批国家组织药品集中采购", description="Name of the lot."
    )
    program: Text = column("enum", "项目类型|采购类型", required=True, values=PROGRAMS, description="Who organised it.")
    category: Text = column("enum", "药品耗材类别", required=True, values=CATEGORIES, description="Drugs or consumables.")
    document_no: Text = column("text", "文号", required=True, example=DOCUMENT, description="The document that opened the lot.")
    jurisdiction_code: Code = column(
        "code",
        "统筹区编码|行政区划代码",
        default="",
        warn=r"^(\d{2,6})?$",
        description="First digits of the divisions that it holds for; empty = the nation.",
    )
