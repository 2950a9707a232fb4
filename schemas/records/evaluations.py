"""Evaluations: how an institution was judged for a year."""

from schemas.records.examples import DOCUMENT
from schemas.records.model import Code, Day, Quantity, Record, Text, column
from schemas.spellings import EVALUATION_RESULTS, EVALUATIONS


class Evaluations(Record):
    """The result of an institution's yearly evaluation: of rational use (慈政办发〔2020〕68号 二(二)4), or of what it may keep of
    a surplus (医保发〔2020〕26号).
    """

    class Config:
        """Chinese name."""

        title = "考核评价"

    institution_code: Code = column(
        "code",
        "医疗机构编码|定点医疗机构代码",
        "medinsCode|fixmedins_code",
        key=True,
        required=True,
        refers="institutions",
        description="Who was judged.",
    )
    kind: Text = column("enum", "考核类型", key=True, required=True, values=EVALUATIONS, description="By what.")
    year: Code = column(
        "code", "年度|考核年度", key=True, required=True, str_matches=r"^\d{4}$", example="2020", description="For which year."
    )
    result: Text = column("enum", "结果|考核结果", required=True, values=EVALUATION_RESULTS, description="Passed or failed.")
    score: Quantity = column(
        "quantity", "得分|考核得分", ge=0, most=100, unit="points of 100, 4 decimals", example="92", description="Its points."
    )
    decided_on: Day = column("day", "评定日期|考核日期", required=True, description="When it was decided.")
    document_no: Text = column("text", "文号", required=True, example=DOCUMENT, description="The document.")
