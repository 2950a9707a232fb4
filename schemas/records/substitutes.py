"""Substitutes: products that may stand in for a selected one."""

from schemas.records.examples import ITEM
from schemas.records.model import Code, Record, column


class Substitutes(Record):
    """可替代品种 of an item (慈政办发〔2020〕68号 二(八)25)."""

    class Config:
        """Chinese name."""

        title = "可替代品种"

    lot_code: Code = column("code", "批次编码|采购批次编码", key=True, required=True, refers="lots", description="The lot.")
    item_code: Code = column("code", "品种编码|目录编码", key=True, required=True, example=ITEM, description="The item.")
    product_code: Code = column(
        "code", "医保药品编码|医保编码", "prodCode", key=True, required=True, refers="products", description="The substitute."
    )
