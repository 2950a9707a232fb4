"""What a policy row is: one dated, cited value of one registered parameter (rulebook §1 and §2)."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from schemas.declared import COMPONENTS, RULES, Gathered, declared
from schemas.parameter import DECIMAL_PLACES, Kind, Parameter

__all__ = ["DECIMAL_PLACES", "PARAMETERS", "Kind", "Parameter", "PolicyRow"]

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


_OWN: dict[str, Parameter] = {
    "gate_reject_rate": Parameter(
        "decimal",
        "ratio",
        "A dataset with a greater share of rejected rows holds the run back.",
        minimum=0,
        maximum=1,
        title="拒收率上限",
    ),
    "gate_reject_min_rows": Parameter(
        "int", "row", "Rows a dataset must have before its reject rate is looked at.", minimum=1, title="核对拒收率的最少行数"
    ),
    "gate_reject_all_min_rows": Parameter(
        "int",
        "row",
        "Rows a dataset must have before it is held that none was accepted.",
        minimum=1,
        title="核对全部拒收的最少行数",
    ),
    "gate_rule_reject_rate": Parameter(
        "decimal",
        "ratio",
        "A rule that rejects a greater share of a dataset's rows holds the run back.",
        minimum=0,
        maximum=1,
        title="单项规则拒收率上限",
    ),
    "gate_history_runs": Parameter(
        "int",
        "run",
        "Published runs, each of another date, that a comparison with the past needs.",
        minimum=1,
        title="与往次比较所需的已发布运行数",
    ),
    "gate_arrival_days": Parameter(
        "int",
        "day",
        "A source silent for more days of as_of than these holds the run back.",
        minimum=0,
        maximum=9999,
        title="来源无新数据的最长天数",
    ),
    "gate_arrival_calendar": Parameter(
        "list",
        "text",
        "Sources with days of their own: dataset, or dataset/folder, =days.",
        assigns=r"[a-z_]+(/[^/]+)*=[0-9]{1,4}",
        title="各来源自己的最长天数",
    ),
    "gate_arrival_forget_days": Parameter(
        "int",
        "day",
        "A source silent for more days than these is expected no more.",
        minimum=1,
        maximum=9999,
        title="不再等待来源的天数",
    ),
    "gate_volume_min_rows": Parameter(
        "int",
        "row",
        "Usual rows a dataset must have before its volume is compared.",
        minimum=1,
        title="比较数据量的最少通常行数",
    ),
    "gate_volume_low": Parameter(
        "decimal",
        "ratio",
        "Rows of a dataset below this share of the usual number hold the run back.",
        minimum=0,
        maximum=1,
        title="数据量下限（通常行数的倍数）",
    ),
    "gate_volume_high": Parameter(
        "decimal",
        "ratio",
        "Rows of a dataset above this multiple of the usual number hold the run back.",
        minimum=1,
        title="数据量上限（通常行数的倍数）",
    ),
    "gate_findings_factor": Parameter(
        "decimal",
        "ratio",
        "More open findings of a rule than this multiple of the date before hold the run back.",
        minimum=1,
        title="未消除问题上限（前一日的倍数）",
    ),
    "gate_findings_min": Parameter(
        "int", "finding", "Additional findings of a rule from which that applies.", minimum=1, title="核对问题增加的最少新增数"
    ),
    "finding_remedy_days": Parameter(
        "int", "day", "Days from the first sight of a finding to its deadline.", minimum=0, maximum=366, title="问题的整改天数"
    ),
    "findings_from": Parameter(
        "int",
        "year",
        "Findings of events in this many calendar years before that of as_of are raised; of earlier ones no more.",
        minimum=0,
        maximum=99,
        title="仍列问题的以往年数",
    ),
    "accountability_ownerships": Parameter(
        "list",
        "code",
        "Ownerships of the institutions that are named on the accountability list.",
        ("public", "private", "retail"),
        title="列入通报名单的机构性质",
    ),
    "accountability_objection_days": Parameter(
        "int",
        "day",
        "Days from the draft of an accountability list during which an institution may object.",
        minimum=1,
        maximum=366,
        title="通报名单的异议天数",
    ),
    "bulletin_day": Parameter(
        "int",
        "day",
        "Day of the month after a quarter's end on which its bulletin is made and freezes it.",
        minimum=1,
        maximum=28,
        title="季度通报的制作日（次月几日）",
    ),
}


def _of_indicators() -> dict[str, Parameter]:
    """What a bureau decides about what indicators declare: which rules are named, who sees to their findings, how components
    weigh.
    """
    return {
        "accountability_rules": Parameter(
            "list",
            "code",
            "Rules whose findings are named on the accountability list (通报批评).",
            tuple(rule.code for rule in RULES.values() if rule.may_be_named),
            title="列入通报名单的问题",
        ),
        "task_departments": Parameter(
            "list",
            "text",
            "Departments that see to the findings of rules; of any other rule 医保局 does.",
            assigns=rf"({'|'.join(RULES)})=[^=]*[^=\s]",
            example=f"{next(iter(RULES), '')}=基金监管科",
            title="各类问题的责任部门",
        ),
        "task_days": Parameter(
            "list",
            "day",
            "Days from the first sight of findings of rules to their deadline; of any other rule finding_remedy_days.",
            assigns=rf"({'|'.join(RULES)})=([0-9]|[1-9][0-9]|[12][0-9][0-9]|3[0-5][0-9]|36[0-6])",
            example=f"{next(iter(RULES), '')}=15",
            title="各类问题的整改天数",
        ),
        "assessment_weights": Parameter(
            "list",
            "point",
            "Weights of the components of the yearly assessment score; they add up to 100.",
            assigns=rf"({'|'.join(COMPONENTS)})=[0-9]{{1,3}}",
            example=f"{next(iter(COMPONENTS), '')}=40",
            total=100,
            title="年度考核各项的分值",
        ),
    }


def _all_parameters() -> dict[str, Parameter]:
    return _OWN | _of_indicators() | dict(declared("PARAMETERS"))


PARAMETERS: Mapping[str, Parameter] = Gathered(_all_parameters)
"""Every registered parameter by its name: those of gates and of what a bureau does with figures, and the indicators' own."""


class PolicyRow(BaseModel):
    """One policy row as it stands in a TOML file under `[[policy]]`; unknown keys are errors.

    Valid from `valid_from` to `valid_to`, both days included, in every division whose GB/T 2260 code begins
    with `jurisdiction` ('' = the nation). `mark`: S the source documents say it, N a national rule from
    general knowledge, D our decision.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    id: Annotated[str, Field(pattern=r"^\S+$")]
    parameter: Text
    value: bool | int | str | list[str]
    unit: Text
    jurisdiction: Annotated[str, Field(pattern=r"^([0-9]{2}){0,3}$")]
    valid_from: date
    valid_to: date | None = None
    document_no: Text
    clause: Text
    mark: Literal["S", "N", "D"]
    note: str = ""

    @model_validator(mode="after")
    def _check_against_registry(self) -> Self:
        registered = PARAMETERS.get(self.parameter)
        if registered is None:
            raise ValueError(f"参数 {self.parameter} 未登记；已登记的参数：{'、'.join(PARAMETERS)}")
        if fault := registered.explain_fault(self.value):
            raise ValueError(f"参数 {self.parameter} 的值 {self.value!r} 不合格：{fault}")
        if self.unit != registered.unit:
            raise ValueError(f"参数 {self.parameter} 的单位 unit 应为 {registered.unit}，不是 {self.unit}")
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError(f"失效日期 valid_to {self.valid_to} 早于生效日期 valid_from {self.valid_from}")
        return self
