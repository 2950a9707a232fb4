"""Misconduct: cases in which a company was graded for what it did in purchase and sale."""

from schemas.records.examples import DOCUMENT
from schemas.records.model import Code, Day, Fen, Record, Text, column
from schemas.spellings import MISCONDUCT


class Misconduct(Record):
    """A company's part in a case, graded on the day it was decided (医保发〔2020〕34号)."""

    class Config:
        """Chinese name."""

        title = "失信行为"

    case_no: Code = column(
        "code", "案件编号|案号", key=True, required=True, example="SX-2020-0001", description="Number of the case."
    )
    enterprise_code: Code = column(
        "code",
        "企业统一社会信用代码|企业编码",
        "entpCode",
        key=True,
        required=True,
        example="91330200MA0000003X",
        description="The company.",
    )
    kind: Text = column("enum", "案由|失信行为类型", required=True, values=MISCONDUCT, description="What it did.")
    amount_fen: Fen = column(
        "fen", "案值|涉案金额", canonical="amount", gt=0, example="80000.00", description="Sum of the case."
    )
    single_amount_fen: Fen = column(
        "fen",
        "单笔金额|单笔最大金额",
        canonical="single_amount",
        gt=0,
        example="30000.00",
        description="Its largest single sum.",
    )
    decided_on: Day = column("day", "评级日期|认定日期", required=True, description="The day the grade was given.")
    decided_by: Text = column(
        "text", "认定机关|评级机构", required=True, example="示例省药械采购中心", description="Who gave it."
    )
    repaired_on: Day = column("day", "修复日期|信用修复日期", description="First day on which its credit is repaired.")
    document_no: Text = column("text", "文号", required=True, example=DOCUMENT, description="The document.")
