"""Prepayments of the insurance fund."""

from schemas.records.examples import AGENCY
from schemas.records.model import Code, Day, Fen, Record, column


class Prepayments(Record):
    """What an agency prepaid to an institution for a lot (慈政办发〔2020〕68号 二(一)2)."""

    class Config:
        """Chinese name."""

        title = "医保基金预付"

    agency_code: Code = column(
        "code", "经办机构编码", key=True, required=True, example=AGENCY, description="The agency that pays."
    )
    prepayment_id: Code = column("code", "预付单号", key=True, required=True, example="YF-2020-0001", description="Its number.")
    institution_code: Code = column(
        "code", "医疗机构编码", "medinsCode", required=True, refers="institutions", description="Who receives it."
    )
    lot_code: Code = column("code", "批次编码|采购批次编码", required=True, refers="lots", description="The lot.")
    period_start: Day = column("day", "采购周期开始", required=True, description="Start of the agreement year.")
    applied_on: Day = column("day", "申请日期", example="2020-04-05", description="Applied for.")
    paid_on: Day = column("day", "拨付日期|预付日期", example="2020-04-20", description="Paid.")
    amount_fen: Fen = column(
        "fen",
        "预付金额",
        canonical="amount",
        required=True,
        ne=0,
        example="50000.00",
        description="Prepaid; negative: taken back.",
    )
