"""Payment timeliness 货款支付及时率 (慈政办发〔2020〕68号 二(一)2; rulebook §5)."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.indicators.figures import sum_evidence, with_quotients
from pipelines.indicators.finding import make_findings, percent, yuan
from pipelines.indicators.indicator import Frames, Indicator, Inputs
from pipelines.indicators.look_up import look_up
from pipelines.indicators.payables import PARTY, RULES, payables
from pipelines.indicators.settlement import payments_made, settle

_BANDS = {"0_30": (0, 30), "31_60": (31, 60), "61_90": (61, 90), "91_180": (91, 180), "over_180": (181, None)}
_PAID = ("paid_fen", "paid_fen_days", "paid_within_30_fen", "paid_31_60_fen", "paid_over_60_fen")
_DUE_RULES = sorted([*RULES, "applicable"])


def evidence(inputs: Inputs) -> Frames:
    """`payables`: one row per payable with its due dates; `payments`: one per payment line after reversals,
    with what is left of it; `allocations`: which payment settled which payable; `dues`: one row per
    payable and due rule, with every amount of the report; `reversals`: what was taken back beyond what had
    been paid.
    """
    owed = payables(inputs)
    payments, excess = payments_made(inputs)
    allocations = settle(payments, owed)
    used = allocations.group_by("pay").agg(used=pl.col("amount").sum())
    payments = look_up(payments, used, ["pay"]).with_columns(  # `pay` stays the row's position
        left=pl.col("amount") - pl.col("used").fill_null(0)
    )
    return {
        "payables": owed,
        "payments": payments.drop("used"),
        "allocations": allocations,
        "dues": _dues(owed, payments, allocations, inputs.as_of),
        "reversals": excess,
    }


def _dues(
    payables: pl.DataFrame, payments: pl.DataFrame, allocations: pl.DataFrame, as_of: date
) -> pl.DataFrame:
    """One row per payable and due rule with the amounts that the report sums.

    The four parts stand one after another and share the columns that no rule changes.
    """
    rows = look_up(payables, _paid(payables, payments, allocations), ["due"])
    rows = rows.with_columns(pl.col(*_PAID, *(f"on_time_{r}" for r in RULES)).fill_null(0))
    for part in ("due", "month", "is_provisional", "on_time"):
        applicable = pl.coalesce(
            pl.when(pl.col("applicable_rule") == r).then(f"{part}_{r}") for r in RULES
        )  # fmt: skip
        rows = rows.with_columns(applicable.alias(f"{part}_applicable"))
    return pl.concat(_due(rows, rule, as_of) for rule in _DUE_RULES)


def _paid(payables: pl.DataFrame, payments: pl.DataFrame, allocations: pl.DataFrame) -> pl.DataFrame:
    """What was paid towards each payable, by its age, and in time for each rule."""
    met = allocations["due"]
    pieces = allocations.select(
        "due", "amount", paid_on=payments["paid_on"].gather(allocations["pay"]),
        days=payables["accepted_on"].gather(met), **{f"due_{r}": payables[f"due_{r}"].gather(met) for r in RULES},
    ).lazy().with_columns(days=(pl.col("paid_on") - pl.col("days")).dt.total_days())  # fmt: skip
    amount, days = pl.col("amount"), pl.col("days")
    counted = {
        "paid_fen": amount,
        "paid_fen_days": amount * days.clip(lower_bound=0),
        "paid_within_30_fen": amount * (days <= 30),
        "paid_31_60_fen": amount * days.is_between(31, 60),
        "paid_over_60_fen": amount * (days > 60),
        **{f"on_time_{r}": amount * (pl.col("paid_on") <= pl.col(f"due_{r}")) for r in RULES},
    }
    return pieces.select("due", **counted).group_by("due").agg(pl.all().sum()).collect()


def _due(rows: pl.DataFrame, rule: str, as_of: date) -> pl.DataFrame:
    amount, due = pl.col("amount"), pl.col(f"due_{rule}")
    matured = due <= as_of
    on_time = pl.col(f"on_time_{rule}")
    overdue = (amount - pl.col("paid_fen")) * matured
    age = (pl.lit(as_of) - due).dt.total_days()
    bands = {
        f"overdue_{band}_fen": overdue * age.is_between(low, 10**6 if high is None else high)
        for band, (low, high) in _BANDS.items()
    }
    return rows.select(
        pl.lit(rule, pl.Enum(_DUE_RULES)).alias("due_rule"), "institution_code", "distributor_code",
        "jurisdiction_code", "party", pl.col(f"month_{rule}").alias("due_month"), due.alias("due_on"),
        pl.col(f"is_provisional_{rule}").alias("is_provisional"), "delivery_id", "due", "excuse_id",
        matured_fen=amount * matured,
        on_time_fen=on_time * matured,
        late_paid_fen=(pl.col("paid_fen") - on_time) * matured,
        overdue_fen=overdue,
        not_due_fen=amount * ~matured,
        matured_count=matured.cast(pl.Int8),
        on_time_count=(matured & (on_time == amount)).cast(pl.Int8),
        excused_fen=(amount - on_time) * (matured & pl.col("excuse_id").is_not_null()),
        **{c: pl.col(c) for c in _PAID},
        **bands,
    )  # fmt: skip


def reports(evidence: Frames) -> Frames:
    """`payment_timeliness` and `payment_unallocated` (interfaces §3)."""
    rows = _sum_dues(evidence["dues"], evidence["payables"]).with_columns(
        not_excused=pl.col("matured_fen") - pl.col("excused_fen")
    )
    rates = {
        "on_time_rate_amount": ("on_time_fen", "matured_fen"),
        "on_time_rate_count": ("on_time_count", "matured_count"),
        "on_time_rate_amount_excused": ("on_time_fen", "not_excused"),
        "weighted_days": ("paid_fen_days", "paid_fen"),
    }
    left = (
        evidence["payments"]
        .filter(pl.col("left") > 0)
        .select("institution_code", "left", distributor_code="payee_code")
    )
    return {
        "payment_timeliness": with_quotients(rows, rates),
        "payment_unallocated": sum_evidence(
            left, ["institution_code", "distributor_code"], {"unallocated_fen": pl.col("left")}
        ),
    }


def _sum_dues(dues: pl.DataFrame, payables: pl.DataFrame) -> pl.DataFrame:
    """Sum the amounts by due rule, party and due month, one rule after another; party and month go packed
    into one number that sorts as the two do: strings cost ten times as much.
    """
    party, month = (pl.col(c).to_physical().cast(pl.Int64) for c in ("party", "due_month"))
    sums = pl.concat(
        dues.lazy()
        .filter(pl.col("due_rule") == rule)
        .group_by(row=party * 2**16 + month)
        .agg(pl.col("^.*(_fen|_count|_days)$").sum())
        .sort("row")
        .with_columns(due_rule=pl.lit(rule))
        .collect()
        for rule in _DUE_RULES
    )
    parties = payables.select("party", *PARTY, "jurisdiction_code").unique("party").sort("party")
    row, months = sums["row"], dues.schema["due_month"]
    assert isinstance(months, pl.Enum)
    return sums.with_columns(
        parties.drop("party")[row // 2**16], due_month=months.categories.gather(row % 2**16)
    )


def findings(evidence: Frames, reports: Frames, inputs: Inputs) -> pl.DataFrame:
    """One per institution, supplier and due month with overdue money under the rule that applies."""
    by = ["institution_code", "distributor_code", "due_month"]
    overdue = pl.col("overdue_fen") > 0
    excuses = (
        evidence["dues"].lazy().filter((pl.col("due_rule") == "applicable") & overdue & pl.col("excuse_id").is_not_null())
        .with_columns(pl.col("due_month").cast(pl.String))
        .group_by(by).agg(pl.col("excuse_id").unique().sort().str.join(",")).collect()
    )  # fmt: skip
    month_end = (pl.col("due_month") + "-01").str.to_date("%Y-%m-%d").dt.month_end()
    rows = (
        reports["payment_timeliness"]
        .filter((pl.col("due_rule") == "applicable") & overdue)
        .join(excuses, on=by, how="left")
        .with_columns(
            subject_key=pl.concat_str(by, separator="|"),
            counterparty_code="distributor_code",
            amount_fen="overdue_fen",
            event_on=pl.min_horizontal(month_end, pl.lit(inputs.as_of)),
        )
    )
    message = pl.format(
        "{} 应付配送企业 {} 的货款逾期未付 {} 元（到期应付 {} 元，及时支付率 {}）",
        "due_month", "distributor_code", yuan("overdue_fen"), yuan("matured_fen"), percent("on_time_rate_amount"),
    )  # fmt: skip
    return make_findings(
        rows, inputs, rule="payment_overdue", severity="violation", subject="institution_supplier_month",
        clause="clause_payment", day="event_on", message=message,
    )  # fmt: skip


def notes(evidence: Frames) -> dict[str, str]:
    """Reversals beyond what was paid, and due dates in years whose calendar is not published."""
    found = {}
    if not evidence["reversals"].is_empty():
        rows = evidence["reversals"].select("institution_code", "payment_id", "excess_fen").iter_rows()
        found["冲销超出原付款（分）"] = "；".join(f"{i} {p}：{e}" for i, p, e in rows)
    provisional = evidence["dues"].filter("is_provisional")["due"].n_unique()
    if provisional:
        found["到期日暂定（节假日安排未公布）的应付笔数"] = str(provisional)
    return found


INDICATOR = Indicator(
    code="payment",
    title_zh="货款支付及时率",
    clause="慈政办发〔2020〕68号 二(一)2",
    version=1,
    reviewed_on=date(2026, 11, 22),
    parameters=(
        "payment_rule_selected", "payment_rule_other", "payment_days_D30", "payment_days_D60",
        "payment_months_EONM", "payment_roll_to_working_day", "clause_payment",
    ),
    tables=("payment_timeliness", "payment_unallocated"),
    evidence=evidence,
    reports=reports,
    findings=findings,
    notes=notes,
)  # fmt: skip
