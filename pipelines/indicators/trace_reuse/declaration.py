"""What codes at several institutions declare: report table, rules, laws, parameter (obligations §18)."""

from dataclasses import replace

from schemas.law import Law, at_most
from schemas.policies import Parameter
from schemas.rule import Rule, Subject
from schemas.table import AS_OF, RUN_ID, ReportTable, count, date, text

_NAME = "trace_reuse"
_CLAUSE = "慈溪 330282：慈政办发〔2020〕68号 (八)28；其他地区：本系统默认"

TABLE = ReportTable(
    name=_NAME,
    title_zh="追溯码重复使用情况",
    description="Trace codes that are out at institutions of two or more families, or were received by two or more.",
    key=("as_of", "trace_code"),
    figure=True,
    columns=(
        AS_OF,
        text("trace_code", "追溯码", "The code, compared exactly.", _CLAUSE),
        RUN_ID,
        text("product_code", "医保药品编码", "Lowest product code of all scans of the code.", refers="product"),
        count("institutions", "institutions", "发出未退回的机构数", "Where it was dispensed more often than taken back."),
        count("families", "institutions", "发出未退回的机构数（总分院合一）", "Families of these institutions."),
        count("dispensed", "scans", "发出次数", "Dispensed scans at these institutions."),
        count("taken_back", "scans", "退回次数", "Taken-back scans at these institutions."),
        date("first_on", "最早发出日期", "Day of the first dispensed scan there; null where it is out nowhere.", nullable=True),
        date("last_on", "最近发出日期", "Day of the last dispensed scan there; null where it is out nowhere.", nullable=True),
        count(
            "received_families",
            "institutions",
            "收货的机构数（总分院合一）",
            "Families that received it, scans of deliveries with a confirmed return left out.",
        ),
        date("received_last_on", "最近收货日期", "Day of the last of these received scans; null without one.", nullable=True),
    ),
)
TABLES = (TABLE,)

_SUBJECT = Subject("trace_code", "追溯码", ("trace_code",))
REUSED = Rule(
    "trace_code_reused",
    "追溯码在多家机构发出",
    "Trace code dispensed at several institutions",
    "signal",
    _SUBJECT,
    _NAME,
    f"clause_{_NAME}",
    may_be_named=False,
    fades=True,
)
RECEIVED_TWICE = replace(
    REUSED,
    code="trace_code_received_twice",
    title_zh="追溯码被多家机构收货",
    title_en="Trace code received by several institutions",
)
RULES = (REUSED, RECEIVED_TWICE)

LAWS = (
    at_most(_NAME, "families", "families", "institutions", "合并计的机构多于机构"),
    at_most(_NAME, "days", "first_on", "last_on", "最早发出晚于最近发出"),
    Law(
        _NAME,
        "several",
        "发出、收货的机构（总分院合一）都不到两家",
        "families < 2 AND received_families < 2",
        ("families", "received_families"),
    ),
    Law(
        _NAME,
        "out",
        "发出未退回的机构，发出次数减退回次数少于机构数，或有机构而无发出日期",
        "dispensed - taken_back < institutions OR (institutions > 0 AND last_on IS NULL)",
        ("institutions", "dispensed", "taken_back", "last_on"),
    ),
    Law(
        _NAME,
        "received",
        "有收货的机构却没有收货日期，或相反",
        "(received_families > 0 AND received_last_on IS NULL) OR (received_families = 0 AND received_last_on IS NOT NULL)",
        ("received_families", "received_last_on"),
    ),
)

PARAMETERS = {
    f"clause_{_NAME}": Parameter(
        "str", "text", "Clause cited on signals of reused trace codes.", title="追溯码重复使用线索引用的条款"
    )
}
