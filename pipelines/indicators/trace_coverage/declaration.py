"""What coverage by trace codes declares: report table, rule, measure, laws, parameters (obligations §18)."""

from schemas.law import at_most
from schemas.measure import IN_TABLES, Measure
from schemas.policies import Parameter
from schemas.rule import INSTITUTION_MONTH, Rule
from schemas.table import AS_OF, INSTITUTION, JURISDICTION, RUN_ID, Column, ReportTable, count, rate, text

_NAME = "trace_coverage"
_CLAUSE = "慈溪 330282：慈政办发〔2020〕68号 (八)28；其他地区：国办发〔2021〕2号 (十)"
KINDS = {"vaccine": "疫苗", "selected": "中选药品", "drug": "药品", "consumable": "医用耗材"}

COVERAGE = ReportTable(
    name=_NAME,
    title_zh="追溯码采集情况",
    description="Packs received of what is to be traced, and those with a trace code, per institution and month.",
    key=("as_of", "institution_code", "month"),
    figure=True,
    columns=(
        AS_OF,
        INSTITUTION,
        text("month", "验收月份", "Month (YYYY-MM) in which the lines were accepted."),
        RUN_ID,
        JURISDICTION,
        count("lines", "lines", "应采集行数", "Lines of a kind that is to be traced, not exempt.", _CLAUSE),
        Column("packs", "double", "packs", "应采集数量", "Packs of these lines, less confirmed returns.", minimum=0.0),
        Column(
            "traced_packs",
            "double",
            "packs",
            "有追溯码的数量",
            "Packs under the distinct codes received of each line, at most its packs.",
            minimum=0.0,
        ),
        count("untraced_lines", "lines", "缺码行数", "Lines with fewer packs under codes than packs."),
        rate("coverage", "追溯码采集率", "Packs with a code divided by packs.", _CLAUSE, of=("traced_packs", "packs")),
        text("policy_id", "政策条目", "Policy row of the least coverage; null where none is set.", nullable=True),
    ),
)
TABLES = (COVERAGE,)

MISSING = Rule(
    "trace_missing",
    "追溯码采集不全",
    "Trace codes missing",
    "warning",
    INSTITUTION_MONTH,
    _NAME,
    f"clause_{_NAME}",
    binds_public=True,
    fades=True,
)
RULES = (MISSING,)

MEASURES = (Measure(_NAME, _NAME, "coverage", "追溯码采集率", "Trace code coverage", shown=IN_TABLES),)

LAWS = (
    at_most(_NAME, "traced", "traced_packs", "packs", "有追溯码的数量多于应采集数量"),
    at_most(_NAME, "untraced", "untraced_lines", "lines", "缺码行数多于应采集行数"),
)

PARAMETERS = {
    "trace_scope": Parameter(
        "list",
        "code",
        "Kinds of products of which every pack received is to have a trace code.",
        tuple(KINDS),
        title="应采集追溯码的品种",
        words=KINDS,
    ),
    "trace_coverage_min": Parameter(
        "decimal",
        "ratio",
        "Of what is to be traced a smaller share with codes is a finding.",
        minimum=0,
        maximum=1,
        title="追溯码采集率下限",
        may_be_absent=True,
    ),
    f"clause_{_NAME}": Parameter(
        "str", "text", "Clause cited on warnings of missing trace codes.", title="追溯码采集问题引用的条款"
    ),
}
