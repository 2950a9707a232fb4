"""Trade with listed companies 与失信名单企业的交易 (聊政发〔2018〕44号 三(四)2, 国办发〔2015〕7号 六(五); obligations §24)."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.engine.finding import make_findings, yuan
from pipelines.engine.indicator import Frames, Indicator, Inputs, Link
from pipelines.engine.kept import as_text
from pipelines.indicators.listed_company_trade.declaration import PARAMETERS, ROLES, TABLE, TRADED
from pipelines.indicators.listed_company_trade.listings import companies_of, while_listed
from pipelines.indicators.listed_company_trade.sold import SOLD
from pipelines.lines.companies import lines_of_companies

_UNIT = ("institution_code", "delivery_id")
_ROW = ("enterprise_code", "institution_code", "role")
_ONE = pl.lit(1, pl.Int64)


def evidence(inputs: Inputs) -> Frames:
    """`delivered`: a row per line and role of a company that was listed on the day of the order; `lines` (lazy): the same with
    file, sheet and line.
    """
    lines = lines_of_companies(inputs, companies_of(inputs))
    rows = lines.select(*_UNIT, *("enterprise_code", "role", "ordered_on"), lines=_ONE, amount_fen="value_fen")
    delivered = while_listed(rows, inputs, day="ordered_on").collect()
    return {"delivered": delivered, "lines": inputs.with_place(delivered, "deliveries")}


def sums(evidence: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """`ordered`: one per row of the evidence."""
    said = (*_ROW, "delivery_id", "amount_fen", "here_lines")
    rows = evidence["delivered"].lazy().select(*said, traded_on="ordered_on", rows=_ONE)
    return {"ordered": as_text(rows).sort(*_ROW, "delivery_id").collect()}


def totals(sums: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """`trade`: what was ordered and invoiced by company, institution, role and day."""
    columns = (*_ROW, "traded_on", "amount_fen", "here_lines", "rows")
    both = pl.concat([sums[name].lazy().select(columns) for name in ("ordered", "sold")])
    trade = both.group_by(*_ROW, "traded_on").agg(pl.col("amount_fen", "here_lines", "rows").sum())
    return {"trade": trade.sort(*_ROW, "traded_on").collect()}


def reports(sums: Frames, inputs: Inputs) -> Frames:
    """`listed_company_trade` (obligations §24)."""
    places = inputs.scan("institutions").select("institution_code", "jurisdiction_code")
    day = pl.col("traded_on")
    counted = pl.col("amount_fen", "here_lines").sum()
    trade = sums["trade"].lazy().group_by(_ROW).agg(counted, lines=pl.col("rows").sum(), first_on=day.min(), last_on=day.max())
    return {TABLE.name: trade.join(places, on="institution_code").sort(_ROW).collect()}


def findings(reports: Frames, sums: Frames, inputs: Inputs) -> pl.DataFrame:
    """One per row with a line while a listing bound the place: a violation of a public institution that ordered or was invoiced
    there, else a signal.
    """
    ownerships = inputs.scan("institutions").select("institution_code", "ownership")
    is_bound = (pl.col("ownership") == "public") & (pl.col("role") != "manufacturer")
    rows = (
        reports[TABLE.name]
        .lazy()
        .filter(pl.col("here_lines") > 0)
        .join(ownerships, on="institution_code")
        .with_columns(
            subject_key=pl.concat_str(_ROW, separator="|"),
            counterparty_code="enterprise_code",
            severity=pl.when(is_bound).then(pl.lit("violation")).otherwise(pl.lit("signal")),
            role_zh=pl.col("role").replace_strict(ROLES, default=None),
        )
        .collect()
    )
    reasons = pl.when(pl.col("severity") == "signal").then(
        pl.lit("。可能的正常原因：名单只限部分品种、没有其他供应来源、下单时列入的通知尚未送达；请核对名单文件和采购记录")
    )
    message = pl.format(
        "{} {} 列入失信名单期间，{} 至 {} 与其交易 {} 行，共 {} 元，其中名单适用于本地的 {} 行{}",
        "role_zh",
        "enterprise_code",
        "first_on",
        "last_on",
        "lines",
        yuan("amount_fen"),
        "here_lines",
        reasons.otherwise(pl.lit("")),
    )
    return make_findings(rows, inputs, rule=TRADED, day="last_on", message=message)


INDICATOR = Indicator(
    code="listed_company_trade",
    title_zh="与失信名单企业的交易",
    clause="聊政发〔2018〕44号 三(四)2",
    version=1,
    reviewed_on=date(2026, 12, 1),
    axis="trace",
    reads=("deliveries", "returns", "invoices", "blacklist", "institutions", "products"),
    unit=_UNIT,
    parameters=(*PARAMETERS, "findings_from"),
    dated=tuple(PARAMETERS),
    ahead=("ban_months",),
    tables=(TABLE.name,),
    evidence=evidence,
    sums=sums,
    anew=("ordered",),
    totals=totals,
    grains={"trade": _ROW},
    reports=reports,
    findings=findings,
    links={"deliveries": Link(day="accepted_on"), "returns": Link(day="returned_on")},
    earlier=(SOLD,),
)
