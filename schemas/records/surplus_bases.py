"""Surplus bases: what the insurance fund was expected to pay for an item before it was selected."""

import polars as pl

from schemas.records.examples import ITEM, PERIOD_END
from schemas.records.forward import runs_forward
from schemas.records.model import MOST_UNITS, MOST_YUAN, Code, Day, Price, Quantity, Record, column, rule


class SurplusBases(Record):
    """The base of an institution's surplus of a lot, item and agreement year (国家医保局、财政部 医保发〔2020〕26号)."""

    class Config:
        """Chinese name."""

        title = "结余测算"

    institution_code: Code = column(
        "code",
        "医疗机构编码|定点医疗机构代码",
        "medinsCode",
        key=True,
        required=True,
        refers="institutions",
        description="Whose surplus it is.",
    )
    lot_code: Code = column("code", "批次编码|采购批次编码", key=True, required=True, refers="lots", description="The lot.")
    item_code: Code = column(
        "code", "品种编码|目录编码", key=True, required=True, example=ITEM, description="The item of the lot."
    )
    period_start: Day = column(
        "day", "采购周期开始|协议开始日期", key=True, required=True, description="First day of the agreement year."
    )
    period_end: Day = column(
        "day", "采购周期结束|协议结束日期", required=True, example=PERIOD_END, description="Its last day, included."
    )
    base_quantity: Quantity = column(
        "quantity",
        "测算基期用量|基期用量",
        required=True,
        ge=0,
        most=MOST_UNITS,
        unit="minimum units, 4 decimals",
        example="120000",
        description="What was used in the year that is measured against.",
    )
    price_before: Price = column(
        "price",
        "集采前价格|集采前加权平均价",
        required=True,
        ge=0,
        unit="yuan per minimum unit, 4 decimals",
        example="2.50",
        description="What a unit cost before the item was selected.",
    )
    fund_pay_ratio: Quantity = column(
        "quantity",
        "统筹基金支付比例|统筹基金实际平均支付比例",
        required=True,
        ge=0,
        most=1,
        unit="share, 4 decimals",
        example="0.7",
        description="The share of what the insured use that the fund pays.",
    )
    fund_pay_ratio_before: Quantity = column(
        "quantity",
        "基期统筹基金支付比例|上年统筹基金支付比例",
        default=lambda: pl.col("fund_pay_ratio"),
        ge=0,
        most=1,
        unit="share, 4 decimals",
        description="The same before the item was selected; empty = as fund_pay_ratio.",
    )
    insured_share: Quantity = column(
        "quantity",
        "参保人用量占比|参保患者使用占比",
        required=True,
        ge=0,
        most=1,
        unit="share, 4 decimals",
        example="0.9",
        description="The share of what is used that the insured use.",
    )

    @rule("采购周期结束早于开始", "period_start", "period_end")
    def period_runs_forward(cls) -> pl.Expr:
        """An agreement year has at least one day."""
        return runs_forward("period_start", "period_end")

    @rule("用量 × 价格超过一百亿元，不可能是真实金额，多为单位弄错；请核对后重新报送", "base_quantity", "price_before")
    def is_an_amount(cls) -> pl.Expr:
        """What a base is worth can be held."""
        return pl.col("base_quantity").cast(pl.Float64) * pl.col("price_before").cast(pl.Float64) <= MOST_YUAN
