"""Usages: what institutions dispensed, took back, and had at first."""

from schemas.records.model import MOST_UNITS, Code, Day, Fen, Quantity, Record, Text, column

KINDS = {
    "dispensed": "发药|使用|销售|发药/使用|住院发药|门诊发药|出库",
    "returned": "退药|退货|退费",
    "opening": "期初|期初库存|期初结存|盘点",
}
SETTLEMENTS = {"fund": "医保|统筹|医保统筹|医保/统筹|医保基金|医保结算", "self": "自费|全自费|个人|自费结算"}


class Usages(Record):
    """Minimum units of a product that were dispensed to or taken back from patients, or an opening: what the whole family of
    institutions had at the end of that day (慈政办发〔2020〕68号 (八)28, 四(四)).
    """

    class Config:
        """Chinese name."""

        title = "使用记录"

    institution_code: Code = column(
        "code",
        "医疗机构编码|定点医疗机构代码",
        "medinsCode|fixmedins_code",
        key=True,
        required=True,
        refers="institutions",
        description="Who dispensed.",
    )
    usage_id: Code = column(
        "code", "使用流水号|发药流水号", key=True, required=True, example="SY-2020-0001", description="Its number."
    )
    product_code: Code = column(
        "code",
        "医保药品编码|医保编码|国家医保编码",
        "prodCode|med_list_codg",
        required=True,
        refers="products",
        description="What.",
    )
    kind: Text = column(
        "enum", "使用类型|发药类型", values=KINDS, default="dispensed", description="Dispensed, returned, or an opening."
    )
    used_on: Day = column("day", "使用日期|发药日期", required=True, description="When it happened.")
    quantity: Quantity = column(
        "quantity",
        "数量|使用数量|发药数量",
        required=True,
        gt=0,
        most=MOST_UNITS,
        unit="minimum units, 4 decimals",
        example="14",
        description="Minimum units.",
    )
    amount_fen: Fen = column(
        "fen", "金额|使用金额", canonical="amount", required=True, ge=0, example="13.20", description="What was charged for it."
    )
    settlement: Text = column(
        "enum", "结算方式", values=SETTLEMENTS, default="self", description="Settled by the insurance fund, or by the patient."
    )
    settlement_code: Code = column(
        "code", "医保结算编码|结算编码", description="The code under which it was settled; it refers to nothing."
    )
