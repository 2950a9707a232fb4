"""Payment timeliness 货款支付及时率 (慈政办发〔2020〕68号 二(一)2; rulebook §5)."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.engine.explained_rows import yuan as plain_yuan
from pipelines.engine.figures import with_rates
from pipelines.engine.finding import make_findings, percent, yuan
from pipelines.engine.indicator import Changes, Frames, Indicator, Inputs, Link
from pipelines.engine.order import in_order
from pipelines.indicators.payment import arrears
from pipelines.indicators.payment.ageing import COUNTED, amounts, dues, under_rule, with_paid
from pipelines.indicators.payment.by_invoice import BY_INVOICE, NAMED, ONE, PAID_TOWARDS, PAYABLE, explained, rests
from pipelines.indicators.payment.declaration import OVERDUE
from pipelines.indicators.payment.due_dates import RULES, payment_due_on, with_terms
from pipelines.indicators.payment.payables import PARTY, names_of, with_party
from pipelines.indicators.payment.payables_aged import find_moving
from pipelines.indicators.payment.settlement import left_of, settle_by_supplier
from pipelines.indicators.payment.tables import TIMELINESS

_ROW = [*PARTY, "due_month"]
_TERMS = (
    "payment_rule_selected",
    "payment_rule_other",
    "payment_days_D30",
    "payment_days_D60",
    "payment_months_EONM",
    "payment_roll_to_working_day",
)
_AGES = 8
_MONTHS = 2**16


def evidence(inputs: Inputs) -> Frames:
    """`rest_owed`: one row per payable of which its invoice left something open, with what was paid towards it in the end, and
    when it is due; `rest_paid`: one per payment line of which its invoice left something, with what is left of it in the end;
    and, lazy, all that `whole` says.
    """
    owed, terms, cash = rests(inputs)
    second = settle_by_supplier(cash, owed)
    paid = with_paid(owed, cash, second, terms)
    return {
        "rest_owed": paid.with_columns(
            *(pl.col(c) + pl.col(f"first_{c}") for c in PAID_TOWARDS), payment_due_on(owed, terms), amount="whole"
        ),
        "rest_paid": cash.with_columns(left=left_of(cash, second, "pay")),
        **explained(inputs),
    }


def sums(evidence: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """`settled`: one per payable that the second pass paid in full; `unpaid`: one per payable of which something is `unpaid` for
    good, with what it is for, when it is due, and what of it is `overdue` under the rule that applies; `left`: one per payment
    line with something left.
    """
    owed, lacks = evidence["rest_owed"].lazy(), pl.col("amount") - pl.col("paid_fen")
    overdue = lacks * (pl.col("payment_due_on") <= inputs.as_of)
    what = (*PAYABLE, *NAMED, "invoice_no", "payment_due_on")
    unpaid = owed.filter(lacks > 0).select(*what, unpaid=lacks, overdue=overdue, rows=ONE)
    left = (
        evidence["rest_paid"]
        .lazy()
        .filter(pl.col("left") > 0)
        .select(*PARTY, "payment_id", pl.col("line_no").cast(pl.Int32), "left", rows=ONE)
    )
    return {
        "settled": owed.filter(lacks == 0).select(*PAYABLE, rows=ONE).collect(),
        "unpaid": in_order(unpaid.with_columns(pl.col(PARTY).cast(pl.String)).collect(), arrears.PAYABLE_KEY),
        "left": left.collect(),
    }


def _moved(changes: Changes) -> pl.DataFrame:
    """The parties with a payable that comes due between the two days, or, unpaid, grows older."""
    unpaid = changes.kept["unpaid"]
    every = pl.concat(rows.select(*PARTY, "jurisdiction_code", "accepted_on") for rows in (changes.kept["settled"], unpaid))
    moving = (find_moving(every, changes, "matures"), find_moving(unpaid, changes, "ages"))
    return pl.concat(rows.select(PARTY) for rows in moving).collect()


def totals(sums: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """`timeliness`: by due rule, institution, supplier and due month; `excuses`: those behind overdue money, by
    report row; `unallocated`: by institution and payee; `excess`: the reversals; `provisional`: payables with a due
    date in a year whose calendar is not published, by institution; and what `arrears.totals` says.
    """
    codes = [pl.col(*PARTY, "jurisdiction_code").cast(pl.Categorical), pl.col("applicable_rule").cast(pl.Enum(RULES))]
    paid = [sums[name].lazy().select(*PAYABLE, "rows").with_columns(codes) for name in ("closed", "settled", "unpaid")]
    rows = pl.concat(paid).with_row_index("due").collect()
    rows, terms = with_terms(rows, inputs)
    rows = with_party(rows)
    left = sums["left"].lazy()
    return {
        "timeliness": _by_row(rows, terms, inputs.as_of),
        "excuses": dues(rows.filter(pl.col("excuse_id").is_not_null()), terms, inputs.as_of)
        .filter((pl.col("due_rule") == "applicable") & (pl.col("overdue_fen") > 0))
        .group_by(*_ROW, "excuse_id")
        .agg(rows=pl.len().cast(pl.Int64))
        .collect(),
        "unallocated": left.group_by(pl.col(PARTY).cast(pl.String))
        .agg(unallocated_fen=pl.col("left").sum(), rows=pl.col("rows").sum())
        .sort(PARTY)
        .collect(),
        "excess": sums["reversals"].lazy().collect(),
        "provisional": _count_provisional(rows, terms),
        **arrears.totals(rows),
    }


def _by_row(paid: pl.DataFrame, terms: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Add up what is counted by report row and age, then the amounts by report row.

    The row is packed into one number that sorts as its columns do: strings cost ten times as much.
    """
    party, month = pl.col("party").cast(pl.Int64), pl.col("due_month").to_physical().cast(pl.Int64)
    found, applicable = {}, []
    for rule in RULES:
        applies = (pl.col("applicable_rule") == rule).cast(pl.Int64)
        counted = (
            under_rule(paid, terms, rule, as_of)
            .group_by(cell=((party * _MONTHS + month) * _AGES + pl.col("age")) * 2 + applies)
            .agg(pl.col(COUNTED).sum())
            .with_columns(row=pl.col("cell") // (2 * _AGES), age=pl.col("cell") // 2 % _AGES)
            .collect()
        )
        found[rule] = _add_ages(counted, rule)
        applicable.append(counted.filter(pl.col("cell") % 2 == 1))
    found["applicable"] = _add_ages(pl.concat(applicable), "applicable")
    rows = pl.concat(found[rule] for rule in sorted(found))
    names = names_of(paid)[rows["row"] // _MONTHS]
    months = terms.schema["month_D30"]
    assert isinstance(months, pl.Enum)
    due_month = months.categories.gather(rows["row"] % _MONTHS).alias("due_month")
    key = [rows["due_rule"], *(names[c] for c in PARTY), due_month, names["jurisdiction_code"]]
    return pl.DataFrame(key).hstack(rows.drop("row", "due_rule"))


def _add_ages(counted: pl.DataFrame, rule: str) -> pl.DataFrame:
    return (
        counted.lazy()
        .select("row", "rows", **amounts())
        .group_by("row")
        .agg(pl.all().sum())
        .sort("row")
        .with_columns(due_rule=pl.lit(rule))
        .collect()
    )


def _count_provisional(paid: pl.DataFrame, terms: pl.DataFrame) -> pl.DataFrame:
    days = terms.lazy().filter(pl.any_horizontal(f"is_provisional_{rule}" for rule in RULES)).select("term")
    return (
        paid.lazy()
        .join(days, on="term", how="semi")
        .group_by(pl.col("institution_code").cast(pl.String))
        .agg(rows=pl.len().cast(pl.Int64))
        .collect()
    )


def reports(sums: Frames, inputs: Inputs) -> Frames:
    """`payment_timeliness` and `payment_unallocated` (interfaces §3), `payment_arrears` (obligations §33), `payment_unpaid`."""
    return {
        "payment_timeliness": with_rates(sums["timeliness"].lazy(), TIMELINESS),
        "payment_unallocated": sums["unallocated"],
        "payment_arrears": arrears.by_month(sums, inputs.as_of),
        "payment_unpaid": arrears.by_payable(sums),
    }


def findings(reports: Frames, sums: Frames, inputs: Inputs) -> pl.DataFrame:
    """One per institution, supplier and due month with overdue money under the rule that applies."""
    excuses = sums["excuses"].lazy().group_by(_ROW).agg(pl.col("excuse_id").unique().sort().str.join(","))
    month_end = (pl.col("due_month") + "-01").str.to_date("%Y-%m-%d").dt.month_end()
    rows = (
        reports["payment_timeliness"]
        .lazy()
        .filter((pl.col("due_rule") == "applicable") & (pl.col("overdue_fen") > 0))
        .join(excuses, on=_ROW, how="left")
        .with_columns(
            subject_key=pl.concat_str(_ROW, separator="|"),
            counterparty_code="distributor_code",
            amount_fen="overdue_fen",
            event_on=pl.min_horizontal(month_end, pl.lit(inputs.as_of)),
        )
        .collect()
    )
    message = pl.format(
        "{} 应付配送企业 {} 的货款逾期未付 {} 元（到期应付 {} 元，及时支付率 {}）",
        "due_month",
        "distributor_code",
        yuan("overdue_fen"),
        yuan("matured_fen"),
        percent("on_time_rate_amount"),
    )
    return make_findings(rows, inputs, rule=OVERDUE, day="event_on", message=message)


def notes(totals: Frames) -> dict[str, str]:
    """Reversals beyond what was paid, and due dates in years whose calendar is not published."""
    found = {}
    reversals = totals["excess"].lazy().sort("institution_code", "payment_id").collect()
    if not reversals.is_empty():
        rows = reversals.select("institution_code", "payment_id", "excess_fen").iter_rows()
        found["冲销超出原付款（元）"] = "；".join(f"{i} {p}：{plain_yuan(e)}" for i, p, e in rows)
    provisional = totals["provisional"].lazy().select(pl.col("rows").sum()).collect().item()
    if provisional:
        found["到期日暂定（节假日安排未公布）的应付笔数"] = str(provisional)
    return found


INDICATOR = Indicator(
    code="payment",
    title_zh="货款支付及时率",
    clause="慈政办发〔2020〕68号 二(一)2",
    version=2,
    reviewed_on=date(2026, 11, 30),
    axis="institution",
    reads=("deliveries", "returns", "payments", "excuses", "institutions", "selections"),
    unit=tuple(PARTY),
    parameters=(*_TERMS, "clause_payment"),
    dated=_TERMS,
    tables=("payment_timeliness", "payment_unallocated", "payment_arrears", "payment_unpaid"),
    evidence=evidence,
    sums=sums,
    totals=totals,
    grains={
        "timeliness": tuple(_ROW),
        "excuses": tuple(_ROW),
        "unallocated": tuple(PARTY),
        "excess": ("institution_code", "payment_id"),
        "provisional": ("institution_code",),
        "accepted": arrears.MONTH,
        "unpaid_days": arrears.MONTH,
    },
    ages={"unpaid_days": arrears.find_ageing},
    alone=("closed", "settled", "unpaid", "left"),
    reports=reports,
    findings=findings,
    notes=notes,
    earlier=(BY_INVOICE,),
    links={"owed": Link(), "cash": Link()},
    wakes=_moved,
    share=1,  # its parties are many and its work is little
)
