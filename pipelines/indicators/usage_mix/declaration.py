"""What the usage mix declares: its report tables, rule, measure, laws and parameters (obligations §16)."""

from schemas.law import Law
from schemas.measure import Measure
from schemas.policies import Parameter
from schemas.rule import Rule, Subject
from schemas.table import AS_OF, CIXI, INSTITUTION, JURISDICTION, RUN_ID, Column, ReportTable, fen, flag, quantity, rate, text

CLAUSE = f"全国：国办发〔2021〕2号 (十二)；{CIXI} (八)25"
ROUTES = {"injection": "注射", "other": "非注射"}
"""How a drug is given: by injection, or otherwise."""
_USES = ("selected", "non_selected", "substitute")
_WORDS = {"selected": "中选", "non_selected": "非中选", "substitute": "可替代品种"}
_MEANT = {
    "selected": "drugs selected on the day of acceptance where the institution is",
    "non_selected": "drugs not selected that day, while another of the generic and route is",
    "substitute": "drugs of other generics or routes that may stand in for what is selected that day",
}
_GENERIC = (
    INSTITUTION,
    text("generic_code", "通用名编码", "Generic: what is the same medicine, whoever makes it.", refers="generic"),
    text("route", "给药途径", "By injection, or otherwise.", values=ROUTES),
)


def _units(title: str = "{}数量", when: str = "", suffix: str = "") -> tuple[Column, ...]:
    return tuple(
        quantity(f"{use}_units{suffix}", title.format(_WORDS[use]), f"Minimum units of {_MEANT[use]}{when}.", CLAUSE)
        for use in _USES
    )


def _fen(when: str = "") -> tuple[Column, ...]:
    return tuple(fen(f"{use}_fen", f"{_WORDS[use]}金额", f"Value of {_MEANT[use]}{when}.", CLAUSE) for use in _USES)


def _share(of: str, title: str, description: str, suffix: str = "") -> Column:
    above, below = f"non_selected_{of}{suffix}", f"selected_{of}{suffix} + non_selected_{of}{suffix}"
    name = {"units": "units", "fen": "amount"}[of]
    return rate(f"non_selected_share_{name}{suffix}", title, description, CLAUSE, of=(above, below))


_OF_UNITS = "Non-selected units divided by selected and non-selected units"
_OF_FEN = "Non-selected value divided by selected and non-selected value"
_YEAR, _BEFORE = ", this year", ", in the same days of the year before"

MONTHS = ReportTable(
    name="usage_mix",
    title_zh="中选药品使用结构（按月）",
    description="What an institution bought of a generic and route in a month: selected, non-selected, and what may stand in.",
    key=("as_of", "institution_code", "generic_code", "route", "month"),
    figure=True,
    columns=(
        AS_OF,
        *_GENERIC,
        text("month", "验收月份", "Month of acceptance, YYYY-MM."),
        RUN_ID,
        JURISDICTION,
        *_units(),
        *_fen(),
        _share("units", "非中选占比（数量）", f"{_OF_UNITS}."),
        _share("fen", "非中选占比（金额）", f"{_OF_FEN}."),
    ),
)

YEAR = ReportTable(
    name="usage_mix_year",
    title_zh="中选药品使用结构（本年与上年）",
    description="What an institution bought of a generic and route from 1 January to as_of, and in the same days a year before.",
    key=("as_of", "institution_code", "generic_code", "route"),
    figure=True,
    columns=(
        AS_OF,
        *_GENERIC,
        RUN_ID,
        JURISDICTION,
        *_units("本年{}数量", _YEAR),
        *_fen(_YEAR),
        _share("units", "非中选占比（数量）", f"{_OF_UNITS}{_YEAR}."),
        _share("fen", "非中选占比（金额）", f"{_OF_FEN}{_YEAR}."),
        *_units("上年同期{}数量", _BEFORE, "_before"),
        _share("units", "上年同期非中选占比（数量）", f"{_OF_UNITS}{_BEFORE}.", "_before"),
        rate("non_selected_share_amount_before", "上年同期非中选占比（金额）", f"{_OF_FEN}{_BEFORE}.", CLAUSE),
        quantity("passed_units", "通过一致性评价数量", "Of selected and non-selected units, those that passed the evaluation."),
        quantity("originator_units", "原研药品数量", "Of selected and non-selected units, those of originators."),
        flag(
            "has_commitment",
            "有约定采购量",
            "Whether the institution or its head agreed this year to an item for which such a drug is selected.",
        ),
        text("policy_id", "政策条目", "Policy row that gave the limit of the share.", nullable=True),
    ),
)

TABLES = (MONTHS, YEAR)

HIGH = Rule(
    "non_selected_share_high",
    "非中选药品使用占比偏高",
    "Non-selected share high",
    "warning",
    Subject("institution_generic", "医疗机构与通用名", ("institution_code", "generic_code", "route")),
    YEAR.name,
    "clause_usage_mix_year",
)
RULES = (HIGH,)

MEASURES = (
    Measure(
        "non_selected_share",
        YEAR.name,
        "non_selected_share_amount",
        "非中选药品占比（金额，本年）",
        "Non-selected share, by amount",
    ),
)

_BOTH = "selected_units + non_selected_units"
LAWS = (
    Law(
        YEAR.name,
        "evaluated",
        "通过一致性评价数量与原研药品数量之和多于中选与非中选数量之和",
        f"passed_units + originator_units > ({_BOTH}) * (1 + 1e-9)",
        ("passed_units", "originator_units", "selected_units", "non_selected_units"),
    ),
    *(
        Law(
            table.name,
            f"{use}_fen",
            f"{_WORDS[use]}有金额而没有数量",
            f"{use}_units <= 0 AND {use}_fen <> 0",
            (f"{use}_units", f"{use}_fen"),
        )
        for table in TABLES
        for use in _USES
    ),
)

PARAMETERS = {
    "non_selected_share_limit": Parameter(
        "decimal",
        "ratio",
        "A share of non-selected units of a generic and route in the year above this is a warning.",
        minimum=0,
        maximum=1,
        title="非中选药品占比的上限（数量）",
        may_be_absent=True,
    ),
    "non_selected_floor": Parameter(
        "decimal",
        "yuan",
        "Value of non-selected drugs of a generic and route in the year below which no warning is raised.",
        minimum=0,
        title="非中选药品金额达到多少才提示",
    ),
    "clause_usage_mix_year": Parameter(
        "str", "text", "Clause cited on warnings of a high non-selected share.", title="非中选占比偏高引用的条款"
    ),
}
