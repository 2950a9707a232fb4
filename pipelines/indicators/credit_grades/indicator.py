"""Credit grades 企业信用评级 (医保发〔2020〕34号 and its grading standards; 国办发〔2021〕20号 (二); obligations §24)."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.engine.finding import make_findings, yuan
from pipelines.engine.indicator import Changes, Frames, Indicator, Inputs, Link
from pipelines.engine.kept import as_text
from pipelines.indicators.credit_grades.cases import CASES, companies_of
from pipelines.indicators.credit_grades.declaration import KINDS, PARAMETERS, SEVERE, TABLE
from pipelines.lines.companies import is_of, lines_of_companies
from pipelines.lines.windows import year_to_date

_UNIT = ("institution_code", "delivery_id")
_COMPANY = ("enterprise_code",)


def evidence(inputs: Inputs) -> Frames:
    """`bought`: a row per line of the year and company with a case that delivered it, or makes or holds its product; `lines`
    (lazy): the same with file, sheet and line.
    """
    is_recent = pl.col("accepted_on") >= year_to_date(inputs.as_of)[0]
    lines = lines_of_companies(inputs, companies_of(inputs), is_recent)
    rows = lines.select(*_UNIT, *_COMPANY, "accepted_on", purchase_fen="value_fen").unique().collect()
    return {"bought": rows, "lines": inputs.with_place(rows, "deliveries")}


def sums(evidence: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """`purchases`: one per row of the evidence."""
    rows = evidence["bought"].lazy().select(*_COMPANY, *_UNIT, "purchase_fen", rows=pl.lit(1, pl.Int64))
    return {"purchases": as_text(rows).sort(*_COMPANY, *_UNIT).collect()}


def totals(sums: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """`of_company`: what was bought of a company; `counting`: its cases that count."""
    bought = sums["purchases"].lazy().group_by(_COMPANY).agg(pl.col("purchase_fen", "rows").sum())
    counting = sums["cases"].lazy().filter(pl.col("counts") > 0).drop("counts")
    return {"of_company": bought.sort(_COMPANY).collect(), "counting": counting.collect()}


def reports(sums: Frames, inputs: Inputs) -> Frames:
    """`credit_grades` (obligations §24)."""
    order = ("is_severe", "grade", "decided_on", "case_no")
    cases = sums["counting"].lazy().sort(order, descending=[True, True, True, False], nulls_last=True)
    worst = {"worst_case_no": "case_no", "worst_kind": "kind"}
    by_company = cases.group_by(_COMPANY, maintain_order=True).agg(
        pl.col("grade", "grade_label", "policy_id").first(),
        *(pl.col(column).first().alias(name) for name, column in worst.items()),
        cases=pl.col("rows").sum(),
        severe_cases=pl.col("rows").filter("is_severe").sum(),
    )
    bought = sums["of_company"].lazy().select(*_COMPANY, "purchase_fen")
    rows = by_company.join(bought, on=_COMPANY, how="left").with_columns(pl.col("purchase_fen").fill_null(0))
    return {TABLE.name: rows.sort(_COMPANY).collect()}


def findings(reports: Frames, sums: Frames, inputs: Inputs) -> pl.DataFrame:
    """A warning for every company with a severe case."""
    said = (*_COMPANY, "amount_fen", "single_amount_fen", "decided_on")
    cases = inputs.scan("misconduct").select(*said, worst_case_no="case_no")
    rows = (
        reports[TABLE.name]
        .lazy()
        .filter(pl.col("severe_cases") > 0)
        .join(cases, on=[*_COMPANY, "worst_case_no"])
        .with_columns(
            subject_key="enterprise_code",
            counterparty_code="enterprise_code",
            institution_code=pl.lit(None, pl.String),
            jurisdiction_code=pl.lit(""),
            kind_zh=pl.col("worst_kind").replace_strict(KINDS, default=None),
        )
        .collect()
    )
    label = pl.coalesce("grade_label", pl.format("{} 级", "grade"))
    given = pl.coalesce(pl.format("案值 {} 元", yuan("amount_fen")), pl.format("单笔最大 {} 元", yuan("single_amount_fen")))
    message = pl.format(
        "企业 {} 有 {} 件有效案件、其中严重失信 {} 件；最重的案件 {}（{}）于 {} 评级，{}，等级为{}；本年采购 {} 元",
        "enterprise_code",
        "cases",
        "severe_cases",
        "worst_case_no",
        "kind_zh",
        "decided_on",
        given,
        label,
        yuan("purchase_fen"),
    )
    return make_findings(rows, inputs, rule=SEVERE, day="decided_on", message=message)


def another_year(changes: Changes) -> pl.DataFrame:
    """Of another year other lines are: those of companies with a case from the first of the two years on."""
    first, last = changes.days
    since = first.replace(month=1, day=1) if first.year != last.year else date.max
    lines = changes.now.scan("deliveries").filter(pl.col("accepted_on").is_between(since, last))
    return lines.filter(is_of(changes.now, companies_of(changes.now))).select(_UNIT).collect()


INDICATOR = Indicator(
    code="credit_grades",
    title_zh="企业信用评级",
    clause="国办发〔2021〕20号 (二)",
    version=1,
    reviewed_on=date(2026, 12, 1),
    axis="trace",
    reads=("misconduct", "deliveries", "returns", "institutions", "products"),
    unit=_UNIT,
    parameters=tuple(PARAMETERS),
    dated=tuple(PARAMETERS),
    tables=(TABLE.name,),
    evidence=evidence,
    sums=sums,
    anew=("purchases",),
    totals=totals,
    grains={"of_company": _COMPANY, "counting": _COMPANY},
    reports=reports,
    findings=findings,
    links={"deliveries": Link(day="accepted_on"), "returns": Link(day="returned_on")},
    wakes=another_year,
    earlier=(CASES,),
)
