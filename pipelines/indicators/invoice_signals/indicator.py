"""Further two-invoice signals 两票制其他线索 (聊政发〔2018〕44号 三(五)3; rulebook §6, end; obligations §29)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

import polars as pl

from pipelines.engine.finding import make_findings
from pipelines.engine.indicator import Frames, Indicator, Inputs
from pipelines.indicators.invoice_signals import circles, deemed, markups, paid, payees, reused, short
from pipelines.indicators.invoice_signals.circles import CIRCLES
from pipelines.indicators.invoice_signals.declaration import LIMIT, PARAMETERS, RULES, TABLE
from pipelines.indicators.invoice_signals.markups import MARKUPS
from pipelines.indicators.invoice_signals.numbers import NUMBERS
from pipelines.indicators.invoice_signals.paid import PAID
from pipelines.indicators.payment.indicator import INDICATOR as PAYMENT
from pipelines.indicators.two_invoice.indicator import INDICATOR as TWO_INVOICE

_TELL: Mapping[str, Callable[[pl.LazyFrame], pl.LazyFrame]] = {
    module.SIGNAL: module.tell for module in (reused, circles, markups, payees, paid, short)
}


def _told(sums: Frames, inputs: Inputs) -> pl.LazyFrame:
    """What all signals say, each with the division of its institution."""
    told = [tell(sums[signal].lazy()) for signal, tell in _TELL.items()]
    told.append(deemed.tell(sums[deemed.SIGNAL].lazy(), inputs.as_of))
    places = inputs.scan("institutions").select("institution_code", "jurisdiction_code")
    rows: pl.LazyFrame = pl.concat(told).join(places, on="institution_code", how="left")
    return rows.with_columns(pl.col("jurisdiction_code").fill_null(""))


def reports(sums: Frames, inputs: Inputs) -> Frames:
    """`invoice_signals` (obligations §29)."""
    return {TABLE.name: _told(sums, inputs).drop("event_on", "message")}


def findings(reports: Frames, sums: Frames, inputs: Inputs) -> pl.DataFrame:
    """One per row, under the rule of its signal."""
    told = _told(sums, inputs).collect()
    rows = told.with_columns(subject_key=pl.concat_str("signal", "subject_key", separator="|"))
    found = []
    for rule in RULES:
        own = rows.filter(pl.col("signal") == rule.code.removeprefix("invoice_"))
        found.append(make_findings(own, inputs, rule=rule, day="event_on", message=pl.col("message")))
    return pl.concat(found)


INDICATOR = Indicator(
    code="invoice_signals",
    title_zh="两票制其他线索",
    clause="聊政发〔2018〕44号 三(五)3",
    version=1,
    reviewed_on=date(2026, 12, 1),
    axis="trace",
    reads=(
        *("invoices", "deliveries", "returns", "payments", "excuses"),
        *("institutions", "enterprises", "products", "deemed_manufacturers"),
    ),
    rests_on=(TWO_INVOICE, PAYMENT),
    unit=deemed.UNIT,
    parameters=(*PARAMETERS, "findings_from"),
    today=(LIMIT,),
    tables=(TABLE.name,),
    earlier=(NUMBERS, PAID, CIRCLES, MARKUPS),
    evidence=deemed.evidence,
    sums=deemed.sums,
    wakes=deemed.begun_or_ended,
    reports=reports,
    findings=findings,
)
