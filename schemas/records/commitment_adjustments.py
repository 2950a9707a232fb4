"""Adjustments of commitments: changed volumes, replacement products, another end."""

from schemas.records.examples import DOCUMENT
from schemas.records.model import MOST_UNITS, Code, Day, Quantity, Record, Text, column


class CommitmentAdjustments(Record):
    """A change of a commitment from a day on."""

    class Config:
        """Chinese name."""

        title = "约定采购量调整"

    adjustment_id: Code = column("code", "调整单号", key=True, required=True, example="TZ-2020-0001", description="Its number.")
    commitment_id: Code = column(
        "code", "协议明细编号|合同明细编号", required=True, refers="commitments", description="The commitment."
    )
    effective_on: Day = column("day", "生效日期", required=True, description="First day of the change.")
    delta_quantity: Quantity = column(
        "quantity",
        "调整数量|调整量",
        default=0,
        most=MOST_UNITS,
        unit="minimum units, signed",
        example="-500",
        description="Added to the agreed volume.",
    )
    replacement_product_code: Code = column(
        "code",
        "替补产品编码",
        refers="products",
        example="",
        description="A product that counts as well from the effective date.",
    )
    new_period_end: Day = column(
        "day", "调整后采购周期结束|采购周期延长至|延期至", description="The last day of the period from the effective date on."
    )
    reason: Text = column("text", "调整原因", required=True, example="中选企业停产断供", description="Why.")
    document_no: Text = column("text", "文号", required=True, example=DOCUMENT, description="The document.")
