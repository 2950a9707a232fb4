"""Settlement channels 货款结算渠道 (中共中央 国务院关于深化医疗保障制度改革的意见 (十八); obligations §22)."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.engine.figures import with_rates
from pipelines.engine.finding import no_findings
from pipelines.engine.indicator import Frames, Indicator, Inputs, Link
from pipelines.engine.kept import as_text
from pipelines.indicators.settlement_channels.declaration import PARTS, TABLE
from pipelines.indicators.settlement_channels.makers import MAKERS, PAIR, makers
from pipelines.lines.payments import lessened, made, taken_back

_UNIT = ("institution_code", "payment_id")
_ROW = ("institution_code", "month")
_PAID = [*PAIR, "channel", "day"]


def evidence(inputs: Inputs) -> Frames:
    """`paid`: payment lines less reversals, with the `amount` that is left, and the `day` on which its payee is judged;
    `payments` (lazy): the same with the amount in the column of the report that it counts in, file, sheet and line.
    """
    paid = _paid(inputs)

    def told() -> pl.LazyFrame:
        return _told(paid, inputs)

    return {"paid": paid, "payments": pl.defer(lambda: told().collect(), schema=lambda: told().collect_schema())}


def _paid(inputs: Inputs) -> pl.DataFrame:
    """Net payment lines. Who is deemed is judged day by day, all others by the month: few rows are kept of these."""
    lines = made(inputs).select(*_UNIT, "line_no", "paid_on", "payee_code", "channel", "amount_fen")
    reversed_, paid = pl.collect_all([taken_back(inputs), lines])
    deemed = inputs.scan("deemed_manufacturers").select(payee_code="enterprise_code").unique().collect()["payee_code"]
    by_day = pl.col("payee_code").is_in(deemed.cast(pl.Categorical).implode())
    day = pl.when(by_day).then("paid_on").otherwise(pl.col("paid_on").dt.month_start())
    return lessened(paid, reversed_)[0].with_columns(day=day)


def _told(paid: pl.DataFrame, inputs: Inputs) -> pl.LazyFrame:
    """What explains a row: the lines with the amount of each in the columns that it counts in."""
    lines = inputs.once(makers).with_columns(rows=pl.lit(1, pl.Int64))
    parts = _by_part(paid.lazy().rename({"amount": "paid_fen"}), lines)
    named = parts.select(*_UNIT, pl.col("line_no"), "month", "paid_on", "payee_code", "channel", *PARTS, "paid_fen")
    return inputs.with_place(as_text(named), "payments")


def sums(evidence: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """`paid`: one per payment line of which something is left."""
    lines = evidence["paid"].lazy()
    line_no = pl.col("line_no").cast(pl.Int32)
    return {"paid": lines.select(*_UNIT, line_no, *_PAID[1:], paid_fen="amount", rows=pl.lit(1, pl.Int64)).collect()}


def totals(sums: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """`channels`: by institution, payee, channel and day; `manufacturers`: `makers` as the stage before adds them up."""
    channels = sums["paid"].lazy().group_by(_PAID).agg(pl.col("paid_fen", "rows").sum())
    return {"channels": as_text(channels).collect(), "manufacturers": as_text(sums["makers"]).collect()}


def _by_part(paid: pl.LazyFrame, makers: pl.LazyFrame) -> pl.LazyFrame:
    """Payments (`paid_fen`) with their `month`, and their amount in the column of PARTS that they count in, 0 in the others."""
    spans = makers.select(*PAIR, "since", "until").unique()
    days = paid.select(*PAIR, "day").unique()
    made_there = days.join(spans, on=PAIR).filter(pl.col("day").is_between("since", "until")).select(*PAIR, "day").unique()
    judged = paid.join(made_there.with_columns(is_maker=True), on=[*PAIR, "day"], how="left")
    payer = pl.when(pl.col("channel").cast(pl.String) == "fund_direct").then(pl.lit("fund")).otherwise(pl.lit("hospital"))
    payee = pl.when("is_maker").then(pl.lit("manufacturer")).otherwise(pl.lit("distributor"))
    part = pl.format("{}_to_{}_fen", payer, payee)
    amounts = {name: pl.when(part == name).then("paid_fen").otherwise(pl.lit(0, pl.Int64)) for name in PARTS}
    return judged.with_columns(**amounts, month=pl.col("day").dt.strftime("%Y-%m"))


def reports(sums: Frames, inputs: Inputs) -> Frames:
    """`settlement_channels` (obligations §22)."""
    rows = _by_part(sums["channels"].lazy(), sums["manufacturers"].lazy()).group_by(_ROW).agg(pl.col(*PARTS, "paid_fen").sum())
    places = inputs.scan("institutions").select("institution_code", "jurisdiction_code")
    return {TABLE.name: with_rates(rows.join(places, on="institution_code").collect(), TABLE)}


def findings(reports: Frames, sums: Frames, inputs: Inputs) -> pl.DataFrame:
    """None: direct settlement is encouraged, not demanded."""
    return no_findings()


def _reversals(inputs: Inputs) -> pl.DataFrame:
    """`institution_code`, `back`, `payment_id`: payments that take others back, and the payments that they name."""
    lines = inputs.scan("payments").filter(pl.col("amount_fen") < 0)
    return lines.select("institution_code", back="payment_id", payment_id="reverses_payment_id").unique().collect()


INDICATOR = Indicator(
    code="settlement_channels",
    title_zh="货款直接结算率",
    clause="中共中央 国务院关于深化医疗保障制度改革的意见 (十八)",
    version=1,
    reviewed_on=date(2026, 12, 1),
    axis="institution",
    reads=("payments", "deliveries", "returns", "institutions", "products", "deemed_manufacturers"),
    unit=_UNIT,
    parameters=(),
    tables=(TABLE.name,),
    evidence=evidence,
    sums=sums,
    anew=("paid",),
    totals=totals,
    grains={"channels": ("institution_code",), "manufacturers": ("institution_code",)},
    reports=reports,
    findings=findings,
    earlier=(MAKERS,),
    links={
        "payments": (
            Link(day="paid_on"),
            Link({"institution_code": "institution_code", "back": "payment_id"}, to=_reversals, day="paid_on"),
        )
    },
)
