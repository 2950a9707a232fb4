"""Enterprises: manufacturers, holders and distributors."""

from schemas.records.examples import COMPANY
from schemas.records.model import Code, Record, Text, column


class Enterprises(Record):
    """A company by its code, and the group it belongs to."""

    class Config:
        """Chinese name."""

        title = "企业"

    enterprise_code: Code = column(
        "code",
        "企业统一社会信用代码|企业编码|统一社会信用代码",
        "entpCode",
        key=True,
        required=True,
        warn="uscc",
        example=COMPANY,
        description="Unified social credit code, or another code for a foreign company.",
    )
    name: Text = column(
        "text", "企业名称", "entpName", required=True, example="示例医药有限公司", description="Name; it never joins anything."
    )
    group_code: Code = column(
        "code",
        "集团编码|所属集团",
        example="",
        description="Distribution group; one transfer inside it is left out of the count.",
    )
