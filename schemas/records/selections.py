"""Selections: which products won, at what price, from when."""

from schemas.records.examples import ITEM
from schemas.records.model import MOST_FACTOR, Code, Day, Price, Quantity, Record, column


class Selections(Record):
    """A product selected (中选) for an item of a lot."""

    class Config:
        """Chinese name."""

        title = "中选结果"

    lot_code: Code = column("code", "批次编码|采购批次编码", key=True, required=True, refers="lots", description="The lot.")
    item_code: Code = column(
        "code", "品种编码|目录编码", key=True, required=True, example=ITEM, description="The item of the lot."
    )
    product_code: Code = column(
        "code",
        "医保药品编码|医保编码|国家医保编码",
        "prodCode",
        key=True,
        required=True,
        refers="products",
        description="The selected product.",
    )
    selected_price: Price = column(
        "price", "中选价|中选价格|中标价", required=True, gt=0, example="6.60", description="Selected price of a pack."
    )
    conversion_factor: Quantity = column(
        "quantity",
        "折算系数",
        default=1,
        gt=0,
        most=MOST_FACTOR,
        unit="factor",
        description="Weighs the product's minimum units against the item's.",
    )
    valid_from: Day = column("day", "执行开始日期|生效日期", key=True, required=True, description="First day of execution.")
    valid_to: Day = column("day", "执行结束日期|失效日期", description="Last day, included; empty = open.")
