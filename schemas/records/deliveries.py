"""Deliveries: order lines as they were shipped, received and accepted."""

import polars as pl

from schemas.records.examples import BATCH, COMPANY, INVOICE_CODE, INVOICE_NO
from schemas.records.model import MOST_YUAN, Code, Count, Day, Flag, Price, Quantity, Record, Text, column, rule
from schemas.records.one_invoice import ONE_INVOICE, names_one_invoice

CHANNELS = {
    "platform": "平台|线上|网上|网采|平台采购|线上采购|网上采购|省平台|平台内",
    "offline": "线下|网下|线下采购|网下采购|自行采购|平台外",
}


class Deliveries(Record):
    """One delivery line. An empty acceptance date means: not accepted yet."""

    class Config:
        """Chinese name."""

        title = "配送收货明细"

    institution_code: Code = column(
        "code",
        "医疗机构编码|定点医疗机构代码|采购单位编码",
        "medinsCode|fixmedins_code",
        key=True,
        required=True,
        refers="institutions",
        description="Who receives.",
    )
    delivery_id: Code = column(
        "code",
        "配送明细编号|配送单明细编号|收货明细编号",
        "shpId",
        key=True,
        required=True,
        example="PS-2020-0001",
        description="Its number.",
    )
    order_line_id: Code = column(
        "code",
        "订单明细编号|平台订单行号",
        "ordDetlId|prov_plaf_purc_ord_det_id",
        required=True,
        example="DD-2020-0001-1",
        description="The order line.",
    )
    distributor_code: Code = column(
        "code",
        "配送企业编码|供应商编码|经营企业编码",
        "delventpCode|delventp_code",
        required=True,
        example=COMPANY,
        description="Who delivers.",
    )
    product_code: Code = column(
        "code",
        "医保药品编码|医保编码|国家医保编码|药品编码",
        "prodCode|drug_code|med_list_codg",
        required=True,
        refers="products",
        description="What.",
    )
    batch_no: Text = column(
        "text", "生产批号|批号", "manuLotnum|manu_lotnum", is_verbatim=True, example=BATCH, description="Batch, as text."
    )
    ordered_quantity: Quantity = column(
        "quantity", "采购数量|订购数量", "purcCnt", required=True, ge=0, example="100", description="Packs ordered."
    )
    shipped_quantity: Quantity = column(
        "quantity", "配送数量|发货数量", "shpCnt", ge=0, example="100", description="Packs shipped."
    )
    received_quantity: Quantity = column(
        "quantity",
        "收货数量|入库数量|验收数量",
        "shppCnt|stoin_cnt",
        ge=0,
        example="100",
        description="Packs received and accepted.",
    )
    unit_price: Price = column(
        "price",
        "采购单价|采购价|单价",
        "purcpric|shpPric|purc_pric",
        required=True,
        ge=0,
        example="6.60",
        description="Price of a pack.",
    )
    ordered_on: Day = column("day", "下单日期|订单日期|下单时间", "sendTime", required=True, description="Ordered.")
    shipped_on: Day = column("day", "配送日期|发货日期|配送时间", "shpTime", example="2020-04-07", description="Shipped.")
    accepted_on: Day = column(
        "day",
        "验收合格日期|验收日期|入库日期|入库时间|收货日期",
        "shppTime|stoin_time",
        example="2020-04-08",
        description="Accepted (验收合格): volume counts and the payment clock starts.",
    )
    invoice_code: Code = column(
        "code",
        "发票代码",
        "invoiceCode|purc_invo_codg",
        default="",
        example=INVOICE_CODE,
        description="10 or 12 digits, or empty.",
    )
    invoice_no: Code = column(
        "code",
        "发票号码|数电发票号码|发票号",
        "invoiceId|purc_invo_no",
        warn=r"^(\d{8}|\d{20})$",
        example=INVOICE_NO,
        description="8 or 20 digits.",
    )
    channel: Text = column(
        "enum",
        "采购渠道",
        values=CHANNELS,
        default="platform",
        description="Bought on the platform or off it (聊政发〔2018〕44号 三(四)3).",
    )
    is_gift: Flag = column("flag", "是否赠品", "prod_geay_flag", default=False, description="Gifts count nowhere.")
    is_emergency: Flag = column("flag", "是否应急采购", "er_flag", default=False, description="Emergency purchase.")
    trace_codes_count: Count = column(
        "count", "追溯码数量|追溯码采集数量", ge=0, example="100", description="Trace codes scanned."
    )
    charge_price: Price = column(
        "price", "零售价|收费价格|销售单价", ge=0, example="6.60", description="Price charged to patients, a pack."
    )

    @rule(
        "数量 × 单价超过一百亿元，不可能是真实金额，多为列错位（如发票代码、号码填到了数量或单价列）；请核对整行后重新报送",
        "ordered_quantity",
        "shipped_quantity",
        "received_quantity",
        "unit_price",
    )
    def is_an_amount(cls) -> pl.Expr:
        """A row whose cells stand in the wrong columns is worth more than any amount can be."""
        packs = pl.max_horizontal("ordered_quantity", "shipped_quantity", "received_quantity")
        return packs.cast(pl.Float64) * pl.col("unit_price").cast(pl.Float64) <= MOST_YUAN

    @rule("已验收的明细必须填写收货数量")
    def received_with_acceptance(cls) -> pl.Expr:
        """What was accepted has a quantity."""
        return pl.col("accepted_on").is_null() | pl.col("received_quantity").is_not_null()

    @rule(ONE_INVOICE, "invoice_code", "invoice_no")
    def one_invoice_a_row(cls) -> pl.Expr:
        """What it says of an invoice can be of one only."""
        return names_one_invoice()
