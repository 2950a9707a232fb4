"""How people are shown credit grades: companies and their cases; purchases of several are never added up."""

from schemas.shown import Headline, Shown

_TABLE = "credit_grades"

SHOWN = Shown(
    titles=("企业信用评级", "Credit grades"),
    headlines=(
        Headline(
            _TABLE,
            "企业信用评级（件）",
            ("最重案件案由", "有效案件数", "严重失信案件数"),
            (("", ("cases", "severe_cases")),),
            by=("worst_kind",),
        ),
    ),
)
