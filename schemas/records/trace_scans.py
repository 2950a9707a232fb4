"""Trace scans: codes on packs, scanned when they come, go, and come back."""

from schemas.records.examples import BATCH
from schemas.records.model import Code, Day, Quantity, Record, Text, column

EVENTS = {
    "received": "入库|收货|入库/收货|采购入库|验收入库",
    "dispensed": "出库|发药|销售|出库/发药/销售|销售出库|使用出库",
    "taken_back": "退药|追回|退药/追回|退药入库|销售退回",
}


class TraceScans(Record):
    """A trace code (追溯码) that an institution scanned (慈政办发〔2020〕68号 (八)28). Codes are compared exactly."""

    class Config:
        """Chinese name."""

        title = "追溯码采集"

    institution_code: Code = column(
        "code",
        "医疗机构编码|定点医疗机构代码",
        "medinsCode|fixmedins_code",
        key=True,
        required=True,
        refers="institutions",
        description="Who scanned.",
    )
    scan_id: Code = column(
        "code", "扫码流水号|采集流水号", key=True, required=True, example="SM-2020-0001", description="Its number."
    )
    trace_code: Code = column(
        "code",
        "追溯码|药品追溯码",
        required=True,
        example="81234567890123456789",
        description="The code; of no certain form or length.",
    )
    event: Text = column(
        "enum", "扫码类型|采集类型", required=True, values=EVENTS, description="Received, dispensed, or taken back."
    )
    scanned_on: Day = column("day", "扫码日期|采集日期", required=True, description="When it happened.")
    product_code: Code = column(
        "code",
        "医保药品编码|医保编码|国家医保编码",
        "prodCode|med_list_codg",
        required=True,
        refers="products",
        description="What the code is on.",
    )
    batch_no: Text = column(
        "text", "生产批号|批号", "manuLotnum|manu_lotnum", is_verbatim=True, example=BATCH, description="Batch, as text."
    )
    delivery_id: Code = column(
        "code",
        "配送明细编号|收货明细编号",
        "shpId",
        example="PS-2020-0001",
        description="The delivery it came with; it refers to nothing.",
    )
    packs_per_code: Quantity = column(
        "quantity",
        "包装级转换数|每码包装数",
        default=1,
        gt=0,
        description="Packs under the code: of a case code more than one.",
    )
