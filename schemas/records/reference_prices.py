"""Reference prices: what a product is listed at, and what the insurance fund pays for it at most."""

import polars as pl

from schemas.records.examples import DOCUMENT
from schemas.records.forward import ENDS_BEFORE_IT_BEGINS, runs_forward
from schemas.records.model import Code, Day, Price, Record, Text, column, rule

KINDS = {"listing": "挂网价|挂网价格|平台挂网价|阳光采购价", "payment_standard": "医保支付标准|支付标准|医保支付价"}


class ReferencePrices(Record):
    """A price that holds where and while it is valid (中共中央、国务院 2020-02-25 深化医疗保障制度改革的意见 (十八), (十九))."""

    class Config:
        """Chinese name."""

        title = "参考价格"

    kind: Text = column("enum", "价格类型", key=True, required=True, values=KINDS, description="Listing, or payment standard.")
    product_code: Code = column(
        "code",
        "医保药品编码|医保编码|国家医保编码",
        "prodCode",
        key=True,
        required=True,
        refers="products",
        description="What it is the price of.",
    )
    jurisdiction_code: Code = column(
        "code",
        "统筹区编码|行政区划代码",
        key=True,
        default="",
        warn=r"^(\d{2,6})?$",
        description="First digits of the divisions that it holds for; empty = the nation.",
    )
    valid_from: Day = column("day", "生效日期", key=True, required=True, description="First day of the price.")
    valid_to: Day = column("day", "失效日期", description="Last day, included; empty = open.")
    price: Price = column("price", "价格|参考价格", required=True, gt=0, example="6.60", description="The price.")
    document_no: Text = column("text", "文号", example=DOCUMENT, description="The document.")

    @rule(ENDS_BEFORE_IT_BEGINS, "valid_from", "valid_to")
    def holds_forward(cls) -> pl.Expr:
        """A price has at least one day."""
        return runs_forward()
