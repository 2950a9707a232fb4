"""The blacklist of companies in purchase and sale."""

from schemas.records.examples import DOCUMENT
from schemas.records.model import Code, Day, Record, Text, column


class Blacklist(Record):
    """A company listed from a day on (聊政发〔2018〕44号 三(四)2: 建立黑名单制度)."""

    class Config:
        """Chinese name."""

        title = "失信名单"

    enterprise_code: Code = column(
        "code",
        "企业统一社会信用代码|企业编码",
        key=True,
        required=True,
        example="91330200MA0000003X",
        description="The company.",
    )
    listed_on: Day = column("day", "列入日期", key=True, required=True, description="First day on the list.")
    delisted_on: Day = column("day", "移出日期", description="First day off the list; empty = still on it.")
    grade: Text = column("text", "失信等级", example="严重失信", description="Grade.")
    reason: Text = column("text", "列入原因", example="给予回扣", description="Why.")
    document_no: Text = column("text", "文号", required=True, example=DOCUMENT, description="The document.")
    jurisdiction_code: Code = column(
        "code",
        "统筹区编码|行政区划代码",
        default="",
        warn=r"^(\d{2,6})?$",
        description="First digits of the divisions that it holds for; empty = the nation.",
    )
