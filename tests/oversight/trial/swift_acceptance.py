"""A trial: how many deliveries were accepted soon after they were ordered, by institution and month."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.engine.figures import with_rates
from pipelines.engine.finding import make_findings
from pipelines.engine.indicator import Frames, Indicator, Inputs
from schemas.component import Component
from schemas.measure import Measure
from schemas.policies import Parameter
from schemas.rule import INSTITUTION_MONTH, Rule
from schemas.table import AS_OF, INSTITUTION, JURISDICTION, RUN_ID, ReportTable, count, rate, text

MONTH = ReportTable(
    name="swift_acceptance_month",
    title_zh="验收及时情况",
    description="Deliveries accepted soon after they were ordered, per institution and month.",
    key=("as_of", "institution_code", "month"),
    figure=True,
    columns=(
        AS_OF,
        INSTITUTION,
        text("month", "验收月份", "Month (YYYY-MM) of acceptance."),
        RUN_ID,
        JURISDICTION,
        count("accepted_count", "deliveries", "验收笔数", "Number of deliveries accepted."),
        count("swift_count", "deliveries", "及时验收笔数", "Those accepted soon."),
        rate("swift_rate", "验收及时率", "Soon accepted by accepted.", of=("swift_count", "accepted_count")),
    ),
)
SLOW = Rule(
    "swift_acceptance_slow", "验收不及时", "Accepted late", "warning", INSTITUTION_MONTH, MONTH.name, "clause_swift_acceptance"
)
TABLES, RULES = (MONTH,), (SLOW,)
MEASURES = (Measure("swift", MONTH.name, "swift_rate", "验收及时率", "Accepted soon"),)
COMPONENTS = (Component("swift", "验收及时", "swift", "本年验收的收货", "没有验收的收货", month="month"),)
PARAMETERS = {
    "swift_acceptance_days": Parameter("int", "day", "Days from order to acceptance.", title="及时验收的天数"),
    "clause_swift_acceptance": Parameter("str", "text", "Clause cited on late acceptance.", title="验收问题引用的条款"),
}
_KEY = ["institution_code", "jurisdiction_code", "month"]


def evidence(inputs: Inputs) -> Frames:
    """`receipts`: what was accepted up to as_of, and whether soon; gifts are left out."""
    days = inputs.policies.resolve("swift_acceptance_days", "", inputs.as_of).value
    places = inputs.scan("institutions").select("institution_code", "jurisdiction_code")
    receipts = (
        inputs.scan("deliveries")
        .filter(pl.col("accepted_on") <= inputs.as_of)
        .join(places, on="institution_code")
        .select(
            "institution_code",
            "delivery_id",
            "jurisdiction_code",
            "_file",
            "_sheet",
            "_line",
            month=pl.col("accepted_on").dt.strftime("%Y-%m"),
            swift=((pl.col("accepted_on") - pl.col("ordered_on")).dt.total_days() <= days).cast(pl.Int64),
            left_out=pl.when(pl.col("is_gift")).then(pl.lit("赠品不计")),
        )
    )
    return {"receipts": receipts}


def sums(evidence: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """`months`: receipts, and those accepted soon, by institution and month."""
    counted = evidence["receipts"].lazy().filter(pl.col("left_out").is_null()).group_by(_KEY)
    added = counted.agg(swift_count=pl.col("swift").sum(), rows=pl.len().cast(pl.Int64))
    return {"months": added.sort("institution_code", "month").collect()}


def reports(sums: Frames, inputs: Inputs) -> Frames:
    """The table."""
    return {MONTH.name: with_rates(sums["months"].lazy().rename({"rows": "accepted_count"}), MONTH)}


def findings(reports: Frames, sums: Frames, inputs: Inputs) -> pl.DataFrame:
    """Months in which something was accepted late."""
    slow = pl.col("rows") - pl.col("swift_count")
    rows = sums["months"].lazy().filter(slow > 0).collect()
    return make_findings(
        rows.with_columns(
            subject_key=pl.concat_str("institution_code", "month", separator="|"),
            quantity=slow.cast(pl.Float64),
            event_on=pl.lit(inputs.as_of),
        ),
        inputs,
        rule=SLOW,
        day="event_on",
        message=pl.format("{} 月验收 {} 笔，及时 {} 笔", "month", "rows", "swift_count"),
    )


INDICATOR = Indicator(
    code="swift_acceptance",
    title_zh="验收及时",
    clause="某文",
    version=1,
    reviewed_on=date(2020, 1, 1),
    axis="institution",
    reads=("deliveries", "institutions"),
    unit=("institution_code",),
    parameters=tuple(PARAMETERS),
    tables=(MONTH.name,),
    evidence=evidence,
    sums=sums,
    reports=reports,
    findings=findings,
)
