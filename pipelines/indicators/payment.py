"""Payment timeliness 货款支付及时率 (慈政办发〔2020〕68号 二(一)2; rulebook §5)."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.indicators.figures import sum_evidence, with_quotients
from pipelines.indicators.finding import make_findings, percent, yuan
from pipelines.indicators.indicator import Frames, Indicator, Inputs
from pipelines.indicators.payables import RULES, payables
from pipelines.indicators.settlement import payments_made, settle

_BANDS = {"0_30": (0, 30), "31_60": (31, 60), "61_90": (61, 90), "91_180": (91, 180), "over_180": (181, None)}


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
    payments = payments.join(used, on="pay", how="left").with_columns(
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
    """One row per payable and due rule with the amounts that the report sums."""
    amount, days = pl.col("amount"), (pl.col("paid_on") - pl.col("accepted_on")).dt.total_days()
    facts = payables.select("due", "accepted_on", *(f"due_{r}" for r in RULES))
    paid = (
        allocations.join(payments.select("pay", "paid_on"), on="pay")
        .join(facts, on="due")
        .group_by("due")
        .agg(
            paid_fen=amount.sum(),
            paid_fen_days=(amount * days.clip(lower_bound=0)).sum(),
            paid_within_30_fen=amount.filter(days <= 30).sum(),
            paid_31_60_fen=amount.filter(days.is_between(31, 60)).sum(),
            paid_over_60_fen=amount.filter(days > 60).sum(),
            **{f"on_time_{r}": amount.filter(pl.col("paid_on") <= pl.col(f"due_{r}")).sum() for r in RULES},
        )
    )
    paid_columns = [c for c in paid.columns if c != "due"]
    rows = payables.join(paid, on="due", how="left").with_columns(pl.col(paid_columns).fill_null(0))
    by_rule = [_due(rows, rule, rule, as_of) for rule in RULES]
    applicable = [
        _due(rows.filter(pl.col("applicable_rule") == rule), rule, "applicable", as_of) for rule in RULES
    ]
    return pl.concat([*by_rule, *applicable])


def _due(rows: pl.DataFrame, rule: str, name: str, as_of: date) -> pl.DataFrame:
    amount, due = pl.col("amount"), pl.col(f"due_{rule}")
    matured = (due <= as_of).cast(pl.Int64)
    on_time = pl.col(f"on_time_{rule}")
    overdue = (amount - pl.col("paid_fen")) * matured
    age = (pl.lit(as_of) - due).dt.total_days()
    excused = matured * pl.col("excuse_id").is_not_null().cast(pl.Int64)
    bands = {
        f"overdue_{band}_fen": overdue * age.is_between(low, 10**6 if high is None else high).cast(pl.Int64)
        for band, (low, high) in _BANDS.items()
    }
    return rows.select(
        pl.lit(name).alias("due_rule"), "institution_code", "distributor_code", "jurisdiction_code",
        pl.col(f"month_{rule}").alias("due_month"), due.alias("due_on"), pl.col(f"is_provisional_{rule}").alias("is_provisional"),
        "delivery_id", "due", "excuse_id",
        matured_fen=amount * matured,
        on_time_fen=on_time * matured,
        late_paid_fen=(pl.col("paid_fen") - on_time) * matured,
        overdue_fen=overdue,
        not_due_fen=amount * (1 - matured),
        matured_count=matured,
        on_time_count=matured * (on_time == amount).cast(pl.Int64),
        excused_fen=(amount - on_time) * excused,
        **{c: pl.col(c) for c in ("paid_fen", "paid_fen_days", "paid_within_30_fen", "paid_31_60_fen", "paid_over_60_fen")},
        **bands,
    )  # fmt: skip


def reports(evidence: Frames) -> Frames:
    """`payment_timeliness` and `payment_unallocated` (interfaces §3)."""
    dues = evidence["dues"]
    by = ["due_rule", "institution_code", "distributor_code", "due_month", "jurisdiction_code"]
    rows = sum_evidence(
        dues, by, {c: pl.col(c) for c in dues.columns if c.endswith(("_fen", "_count", "_days"))}
    )
    rows = rows.with_columns(not_excused=pl.col("matured_fen") - pl.col("excused_fen"))
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


def findings(evidence: Frames, reports: Frames, inputs: Inputs) -> pl.DataFrame:
    """One per institution, supplier and due month with overdue money under the rule that applies."""
    by = ["institution_code", "distributor_code", "due_month"]
    overdue = pl.col("overdue_fen") > 0
    excuses = (
        evidence["dues"].filter((pl.col("due_rule") == "applicable") & overdue)
        .group_by(by).agg(pl.col("excuse_id").drop_nulls().unique().sort().str.join(","))
        .with_columns(pl.col("excuse_id").replace("", None))
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
    provisional = evidence["dues"].filter(pl.col("is_provisional")).select(pl.col("due").n_unique()).item()
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
