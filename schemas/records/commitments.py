"""Commitments: what an institution promised to buy."""

import polars as pl

from schemas.records.examples import AGENCY, ITEM, PERIOD_END
from schemas.records.model import MOST_UNITS, Code, Day, Quantity, Record, Text, column, rule

TARGETS = {"quantity": "数量|采购量|按量", "amount": "金额|采购金额|带预算|按金额"}
DIRECTIONS = {"floor": "下限|不低于|至少", "cap": "上限|不高于|不超过", "band": "区间|上下限"}
UNITS = {"min_unit": "最小单位|最小制剂单位|片|粒|支", "pack": "盒|包装|最小包装|瓶"}


class Commitments(Record):
    """One agreed volume: lot × item × institution × agreement year (慈政办发〔2020〕68号 二(一)1)."""

    class Config:
        """Chinese name."""

        title = "约定采购量"

    commitment_id: Code = column(
        "code",
        "协议明细编号|合同明细编号",
        "ordContractDetlId",
        key=True,
        required=True,
        example="XY-2020-0001",
        description="Its number.",
    )
    lot_code: Code = column("code", "批次编码|采购批次编码", required=True, refers="lots", description="The lot.")
    item_code: Code = column("code", "品种编码|目录编码", required=True, example=ITEM, description="The item of the lot.")
    institution_code: Code = column(
        "code", "医疗机构编码|定点医疗机构代码", "medinsCode", required=True, refers="institutions", description="Who promised."
    )
    product_code: Code = column(
        "code",
        "医保药品编码|医保编码|国家医保编码",
        "prodCode",
        refers="products",
        description="The one product meant; empty = any product selected for lot and item.",
    )
    target: Text = column(
        "enum", "约定方式|考核方式", values=TARGETS, default="quantity", description="A quantity, or an amount (带预算)."
    )
    direction: Text = column(
        "enum", "约束方向", values=DIRECTIONS, default="floor", description="At least, at most, or between."
    )
    agreed_quantity: Quantity = column(
        "quantity",
        "约定采购量|协议量|签约量|合同量|任务量",
        required=True,
        most=MOST_UNITS,
        unit="as `unit` says; yuan where target = amount",
        example="10000",
        description="The agreed volume.",
    )
    agreed_quantity_max: Quantity = column(
        "quantity", "约定采购量上限", most=MOST_UNITS, unit="as agreed_quantity", description="Upper end of a band."
    )
    unit: Text = column(
        "enum", "约定量单位", values=UNITS, default="min_unit", description="Minimum units, or packs of the product."
    )
    period_start: Day = column("day", "采购周期开始|协议开始日期", "startAt", required=True, description="First day.")
    period_end: Day = column(
        "day", "采购周期结束|协议结束日期", "endAt", required=True, example=PERIOD_END, description="Last day, included."
    )
    signed_on: Day = column("day", "签约日期|协议签订日期", example="2020-04-01", description="When the contract was signed.")
    agency_code: Code = column("code", "经办机构编码", example=AGENCY, description="The agency (经办机构) that prepays.")

    @rule("约定量单位为“包装”时必须填写医保药品编码")
    def pack_needs_product(cls) -> pl.Expr:
        """A volume in packs has no meaning without the pack."""
        return (pl.col("unit") != "pack") | pl.col("product_code").is_not_null()

    @rule("约束方向为“区间”时必须填写约定采购量上限，且不得小于约定采购量", "agreed_quantity_max")
    def band_has_both_ends(cls) -> pl.Expr:
        """A band ends where it begins or above."""
        return (pl.col("direction") != "band") | (pl.col("agreed_quantity_max") >= pl.col("agreed_quantity")).fill_null(False)

    @rule("采购周期结束早于采购周期开始")
    def period_runs_forward(cls) -> pl.Expr:
        """The period has at least one day."""
        return pl.col("period_start") <= pl.col("period_end")
