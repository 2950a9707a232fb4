"""Returns of delivered goods."""

from schemas.records.model import Code, Day, Quantity, Record, Text, column

STATUSES = {
    "requested": "已申请|申请中|申请|待确认|待审核|审核中",
    "confirmed": "已确认|确认|已退货|退货成功|同意|审核通过|通过|已完成|完成",
    "refused": "已拒绝|拒绝|不同意|审核不通过|未通过|驳回|已驳回",
}


class Returns(Record):
    """A return; only a confirmed one lessens receipt and payable."""

    class Config:
        """Chinese name."""

        title = "退货明细"

    institution_code: Code = column(
        "code",
        "医疗机构编码|定点医疗机构代码",
        "medinsCode",
        key=True,
        required=True,
        refers="institutions",
        description="Who returns.",
    )
    return_id: Code = column(
        "code", "退货明细编号|退货单号", "retnId", key=True, required=True, example="TH-2020-0001", description="Its number."
    )
    delivery_id: Code = column(
        "code", "配送明细编号|收货明细编号", "shpId", required=True, refers="deliveries", description="The delivery line."
    )
    returned_quantity: Quantity = column(
        "quantity", "退货数量|实退数量", "rtnbCnt|retnCnt", required=True, gt=0, example="5", description="Packs returned."
    )
    returned_on: Day = column("day", "退货日期|退货时间", "delventpPassTime", required=True, description="Returned.")
    status: Text = column("enum", "退货状态", "retnChkStas", values=STATUSES, default="confirmed", description="State.")
