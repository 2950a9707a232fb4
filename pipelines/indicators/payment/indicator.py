"""Payment timeliness 货款支付及时率 (慈政办发〔2020〕68号 二(一)2; rulebook §5)."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.engine.explained_rows import yuan as plain_yuan
from pipelines.engine.figures import with_rates
from pipelines.engine.finding import make_findings, percent, yuan
from pipelines.engine.indicator import Frames, Indicator, Inputs
from pipelines.indicators.payment.carried import CARRY, UNIT, with_rests
from pipelines.indicators.payment.declaration import OVERDUE, TIMELINESS
from pipelines.indicators.payment.dues import COUNTED, PAID, amounts, dues, under_rule, with_paid
from pipelines.indicators.payment.payables import PARTY, RULES, payables, with_party, with_terms
from pipelines.indicators.payment.settlement import left_of, payments_made, settle, with_codes

_ROW = [*PARTY, "due_month"]
_AGES = 8
_MONTHS = 2**16


def evidence(inputs: Inputs) -> Frames:
    """`payables`: one row per payable with what was paid towards it, and what its invoice's payments left `open`;
    `terms`: what policy says in a division on a day of acceptance; `payments`: one per payment line after
    reversals, with the invoice it was taken to name, what that took not (`rest`) and what is left of it;
    `allocations`: which payment settled which payable; `reversals`: what was taken back beyond what had been paid;
    `dues` (lazy): one row per payable and due rule, with every amount of the report and the file, sheet and line of
    the delivery.
    """
    owed, terms = payables(inputs)
    payments, excess = payments_made(inputs)
    owed, payments = with_rests(owed, with_codes(payments, owed), inputs)
    allocations, left = settle(payments, owed)
    first = allocations.filter(pl.col("pass_no") == 1)
    paid = with_paid(owed, payments, allocations, terms).with_columns(open=left_of(owed, first, "due"))
    return {
        "payables": paid,
        "terms": terms,
        "payments": payments.with_columns(rest=left_of(payments, first, "pay"), left=left),
        "allocations": allocations,
        "reversals": excess,
        "dues": inputs.with_place(dues(paid, terms, inputs.as_of), "deliveries"),
    }


def sums(evidence: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """`payables`: one per payable; `owed`: one per payable of which its invoice left something `open`, and what is
    `unpaid` of it for good; `cash`: one per payment line of which its invoice left something; `reversals`: what
    each took back in excess.
    """
    one, own = pl.lit(1, pl.Int64), ~pl.col("is_other")
    key = [*UNIT, *PARTY, "delivery_id", "jurisdiction_code", "accepted_on"]
    payables = evidence["payables"].lazy().filter(own).select(
        *key, "applicable_rule", "excuse_id", "amount", *PAID, *(f"on_time_{rule}" for rule in RULES), rows=one,
    )  # fmt: skip
    owed = evidence["payables"].lazy().filter(own & (pl.col("open") > 0)).select(
        *key, "open", unpaid=pl.col("amount") - pl.col("paid_fen"), rows=one
    )  # fmt: skip
    cash = evidence["payments"].lazy().filter(own & (pl.col("rest") > 0)).select(
        *UNIT, "institution_code", distributor_code="payee_code", payment_id="payment_id",
        line_no=pl.col("line_no").cast(pl.Int32), paid_on="paid_on", rest="rest", left="left", rows=one,
    )  # fmt: skip
    reversals = (
        evidence["reversals"].lazy().select(*UNIT, "institution_code", "payment_id", "excess_fen", rows=one)
    )
    found = {"payables": payables, "owed": owed, "cash": cash, "reversals": reversals}
    return {name: rows.collect() for name, rows in found.items()}


def totals(sums: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """`timeliness`: by due rule, institution, supplier and due month; `excuses`: those behind overdue money, by
    report row; `unallocated`: by institution and payee; `excess`: the reversals; `provisional`: payables with a due
    date in a year whose calendar is not published, by institution.
    """
    codes = pl.col(*PARTY, "jurisdiction_code").cast(pl.Categorical)
    rows = sums["payables"].lazy().with_row_index("due").with_columns(codes).collect()
    rows, terms = with_terms(rows, inputs)
    rows = with_party(rows)
    left = sums["cash"].lazy().filter(pl.col("left") > 0)
    return {
        "timeliness": _by_row(rows, terms, inputs.as_of),
        "excuses": dues(rows.filter(pl.col("excuse_id").is_not_null()), terms, inputs.as_of)
        .filter((pl.col("due_rule") == "applicable") & (pl.col("overdue_fen") > 0))
        .group_by(*_ROW, "excuse_id").agg(rows=pl.len().cast(pl.Int64)).collect(),
        "unallocated": left.group_by(pl.col(PARTY).cast(pl.String))
        .agg(unallocated_fen=pl.col("left").sum(), rows=pl.col("rows").sum()).sort(PARTY).collect(),
        "excess": sums["reversals"].lazy().collect(),
        "provisional": _count_provisional(rows, terms),
    }  # fmt: skip


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
    parties = paid.select("party", *PARTY, "jurisdiction_code").unique("party").sort("party").drop("party")
    names = parties.cast(pl.String)[rows["row"] // _MONTHS]
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
    """`payment_timeliness` and `payment_unallocated` (interfaces §3)."""
    return {
        "payment_timeliness": with_rates(sums["timeliness"].lazy(), TIMELINESS),
        "payment_unallocated": sums["unallocated"],
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
        "due_month", "distributor_code", yuan("overdue_fen"), yuan("matured_fen"), percent("on_time_rate_amount"),
    )  # fmt: skip
    return make_findings(
        rows, inputs, rule=OVERDUE, day="event_on", message=message,
    )  # fmt: skip


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
    version=1,
    reviewed_on=date(2026, 11, 22),
    axis="institution",
    reads=("deliveries", "returns", "payments", "excuses", "institutions", "selections"),
    unit=UNIT,
    parameters=(
        "payment_rule_selected", "payment_rule_other", "payment_days_D30", "payment_days_D60",
        "payment_months_EONM", "payment_roll_to_working_day", "clause_payment",
    ),
    tables=("payment_timeliness", "payment_unallocated"),
    evidence=evidence,
    sums=sums,
    totals=totals,
    grains={
        "timeliness": tuple(_ROW), "excuses": tuple(_ROW), "unallocated": tuple(PARTY),
        "excess": ("institution_code", "payment_id"), "provisional": ("institution_code",),
    },
    reports=reports,
    findings=findings,
    notes=notes,
    carry=CARRY,
)  # fmt: skip
