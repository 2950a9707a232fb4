"""Payment timeliness 货款支付及时率 (慈政办发〔2020〕68号 二(一)2; rulebook §5)."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.calendar import working_days
from pipelines.indicators.allocation import allocate, allocate_shared
from pipelines.indicators.figures import round_half_up, scaled, sum_evidence, with_quotients
from pipelines.indicators.finding import make_findings, percent, yuan
from pipelines.indicators.indicator import Frames, Indicator, Inputs

RULES = ("D30", "EONM", "D60")
_DELIVERY = ["institution_code", "delivery_id"]
_INVOICE = ["invoice_code", "invoice_no"]
_BANDS = {"0_30": (0, 30), "31_60": (31, 60), "61_90": (61, 90), "91_180": (91, 180), "over_180": (181, None)}


def evidence(inputs: Inputs) -> Frames:
    """`payables`: one row per payable with its due dates; `payments`: one per payment line after reversals,
    with what is left of it; `allocations`: which payment settled which payable; `dues`: one row per
    payable and due rule, with every amount of the report; `reversals`: what was taken back beyond what had
    been paid.
    """
    payables = _with_due_dates(_payables(inputs), inputs)
    payments, excess = _payments(inputs)
    allocations = _allocate_twice(payments, payables)
    used = allocations.group_by("pay").agg(used=pl.col("amount").sum())
    payments = payments.join(used, on="pay", how="left").with_columns(
        left=pl.col("amount") - pl.col("used").fill_null(0)
    )
    return {
        "payables": payables,
        "payments": payments.drop("used"),
        "allocations": allocations,
        "dues": _dues(payables, payments, allocations, inputs.as_of),
        "reversals": excess,
    }


def _payables(inputs: Inputs) -> pl.DataFrame:
    """Accepted receipt lines that are no gifts: (received − confirmed returns) × unit price, to the fen, half
    up; 0 or less left out.

    `due` numbers them in the order in which they are settled: acceptance, delivery, institution.
    """
    returns = (
        inputs.scan("returns")
        .filter((pl.col("status") == "confirmed") & (pl.col("returned_on") <= inputs.as_of))
        .group_by(_DELIVERY)
        .agg(packs_back=scaled("returned_quantity").sum())
    )
    places = inputs.scan("institutions").select(
        "institution_code", "jurisdiction_code", "parent_institution_code"
    )
    packs = scaled("received_quantity") - pl.col("packs_back").fill_null(0)
    return (
        inputs.scan("deliveries")
        .filter((pl.col("accepted_on") <= inputs.as_of) & ~pl.col("is_gift"))
        .join(returns, on=_DELIVERY, how="left")
        .join(places, on="institution_code")
        .with_columns(amount=round_half_up(packs * scaled("unit_price"), 10**6))
        .filter(pl.col("amount") > 0)
        .select(
            *_DELIVERY, "distributor_code", "product_code", "accepted_on", *_INVOICE, "jurisdiction_code",
            "parent_institution_code", "amount", "_file", "_sheet", "_line",
        )
        .sort("accepted_on", "delivery_id", "institution_code")
        .with_row_index("due")
        .collect()
    )  # fmt: skip


def _with_due_dates(payables: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """Add for each rule the due date rolled to a working day and the month before rolling, the rule that
    applies, and the excuse.
    """
    for parameter in (
        "payment_days_D30",
        "payment_days_D60",
        "payment_months_EONM",
        "payment_roll_to_working_day",
    ):
        payables = inputs.with_policy(payables, parameter, "accepted_on")
    raw = {
        "D30": pl.col("accepted_on") + pl.duration(days="payment_days_D30"),
        "D60": pl.col("accepted_on") + pl.duration(days="payment_days_D60"),
        "EONM": pl.col("accepted_on")
        .dt.month_start()
        .dt.offset_by(pl.format("{}mo", "payment_months_EONM"))
        .dt.month_end(),
    }
    payables = payables.with_columns(raw[rule].alias(f"raw_{rule}") for rule in RULES)
    days = _calendar(payables)
    for rule in RULES:
        due = pl.when("payment_roll_to_working_day").then("next_working_day").otherwise(f"raw_{rule}")
        payables = (
            payables.join(days, left_on=f"raw_{rule}", right_on="day", how="left", maintain_order="left")
            .with_columns(
                due.alias(f"due_{rule}"),
                pl.col(f"raw_{rule}").dt.strftime("%Y-%m").alias(f"month_{rule}"),
                pl.col("is_provisional").alias(f"is_provisional_{rule}"),
            )
            .drop("next_working_day", "is_provisional", f"raw_{rule}")
        )
    return _with_excuse(_with_applicable_rule(payables, inputs), inputs).drop(
        "payment_days_D30", "payment_days_D60", "payment_months_EONM", "payment_roll_to_working_day"
    )


def _calendar(payables: pl.DataFrame) -> pl.DataFrame:
    if payables.is_empty():
        return working_days(date(2020, 1, 1), date(2020, 1, 1))
    raw = payables.select(
        pl.min_horizontal(f"raw_{r}" for r in RULES).min(),
        last=pl.max_horizontal(f"raw_{r}" for r in RULES).max(),
    )
    return working_days(*raw.row(0))


def _with_applicable_rule(payables: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """By policy one rule applies to products in a selection valid on the acceptance date, another to the
    rest.
    """
    days = payables.lazy().select("product_code", "accepted_on").unique()
    selected = (
        days.join(
            inputs.scan("selections").select("product_code", "valid_from", "valid_to"), on="product_code"
        )
        .filter(pl.col("accepted_on").is_between("valid_from", pl.col("valid_to").fill_null(date.max)))
        .select("product_code", "accepted_on", is_selected=pl.lit(True))
        .unique()
        .collect()
    )
    payables = payables.join(selected, on=["product_code", "accepted_on"], how="left", maintain_order="left")
    for parameter in ("payment_rule_selected", "payment_rule_other"):
        payables = inputs.with_policy(payables, parameter, "accepted_on")
    is_selected = pl.col("is_selected").fill_null(False)

    def choose(suffix: str) -> pl.Expr:
        return (
            pl.when(is_selected)
            .then(f"payment_rule_selected{suffix}")
            .otherwise(f"payment_rule_other{suffix}")
        )

    return payables.with_columns(
        is_selected, applicable_rule=choose(""), rule_policy_id=choose("_policy_id")
    ).drop(
        "payment_rule_selected",
        "payment_rule_other",
        "payment_rule_selected_policy_id",
        "payment_rule_other_policy_id",
    )


def _with_excuse(payables: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """Approved payment excuses name a delivery line or an invoice of the institution; `excuse_id` joins those
    that hold.
    """
    excuses = inputs.scan("excuses").filter(
        (pl.col("kind") == "payment") & (pl.col("valid_from") <= inputs.as_of)
    )
    named = payables.lazy().select("due", *_DELIVERY, *_INVOICE, "accepted_on")
    keys = {"delivery_id": _DELIVERY, "invoice_no": ["institution_code", *_INVOICE]}
    held = [
        named.join(excuses.filter(pl.col(part).is_not_null()).select(*key, "excuse_id", "valid_to"), on=key)
        .filter(pl.col("valid_to").is_null() | (pl.col("accepted_on") <= pl.col("valid_to")))
        .select("due", "excuse_id")
        for part, key in keys.items()
    ]
    by_payable = (
        pl.concat(held).unique().group_by("due").agg(pl.col("excuse_id").sort().str.join(",")).collect()
    )
    return payables.join(by_payable, on="due", how="left", maintain_order="left")


def _payments(inputs: Inputs) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Payment lines to as_of, lessened by the reversals dated by then (in line order), and what reversals
    took back in excess.

    `pay` numbers the lines in payment order: paid_on, payment_id, line_no, institution.
    """
    key = ["institution_code", "payment_id"]
    lines = inputs.scan("payments").filter(pl.col("paid_on") <= inputs.as_of).join(
        inputs.scan("institutions").select("institution_code"), on="institution_code", how="semi"
    )  # fmt: skip
    reversed_ = (
        lines.filter(pl.col("amount_fen") < 0)
        .group_by("institution_code", payment_id="reverses_payment_id")
        .agg(taken_back=-pl.col("amount_fen").sum())
        .collect()
    )
    paid = (
        lines.filter(pl.col("amount_fen") > 0)
        .select(*key, "line_no", "payee_code", "paid_on", *_INVOICE, "amount_fen", "_file", "_sheet", "_line")
        .collect()
        .join(reversed_, on=key, how="left")
        .sort(*key, "line_no")
        .with_columns(before=pl.col("amount_fen").cum_sum().over(key) - pl.col("amount_fen"))
        .with_columns(
            amount=pl.col("amount_fen")
            - (pl.col("taken_back").fill_null(0) - pl.col("before")).clip(0, pl.col("amount_fen"))
        )
    )
    totals = paid.group_by(key).agg(paid=pl.col("amount_fen").sum())
    excess = (
        reversed_.join(totals, on=key, how="left")
        .with_columns(excess_fen=pl.col("taken_back") - pl.col("paid").fill_null(0))
        .filter(pl.col("excess_fen") > 0)
        .sort(key)
    )
    paid = (
        paid.filter(pl.col("amount") > 0)
        .sort("paid_on", "payment_id", "line_no", "institution_code")
        .with_row_index("pay")
    )
    return paid.drop("taken_back", "before"), excess


def _allocate_twice(payments: pl.DataFrame, payables: pl.DataFrame) -> pl.DataFrame:
    """First to the payables of the named invoice, whoever the payee; then what is left, by institution and
    supplier.
    """
    first = _allocate_by_invoice(payments, payables)
    rest_paid = _less(payments, first, "pay").select(
        "pay", "amount", "institution_code", supplier="payee_code"
    )
    rest_due = _less(payables, first, "due").select(
        "due", "amount", "institution_code", supplier="distributor_code"
    )
    parties = ["institution_code", "supplier"]
    groups = rest_due.select(parties).unique().sort(parties).with_row_index("group")
    second = allocate(rest_paid.join(groups, on=parties), rest_due.join(groups, on=parties))
    passes = [first.with_columns(pass_no=pl.lit(1, pl.Int8)), second.with_columns(pass_no=pl.lit(2, pl.Int8))]
    return pl.concat(passes).sort("due", "pay", "pass_no")


def _less(rows: pl.DataFrame, allocations: pl.DataFrame, side: str) -> pl.DataFrame:
    used = allocations.group_by(side).agg(used=pl.col("amount").sum())
    rest = rows.join(used, on=side, how="left").with_columns(
        amount=pl.col("amount") - pl.col("used").fill_null(0)
    )
    return rest.filter(pl.col("amount") > 0)


def _allocate_by_invoice(payments: pl.DataFrame, payables: pl.DataFrame) -> pl.DataFrame:
    """Payments that name an invoice go to its payables of the payer, or of institutions whose parent the
    payer is.
    """
    named = payments.filter(pl.col("invoice_no").is_not_null()).with_columns(
        pl.col("invoice_code").fill_null("")
    )
    owed = payables.filter(pl.col("invoice_no").is_not_null()).with_columns(
        pl.col("invoice_code").fill_null("")
    )
    payers = named.select(*_INVOICE, payer_code="institution_code").unique().with_row_index("payer")
    holders = (
        owed.select(*_INVOICE, "institution_code", "parent_institution_code")
        .unique()
        .with_row_index("holder")
    )
    links = pl.concat(
        payers.join(
            holders.drop_nulls(code), left_on=[*_INVOICE, "payer_code"], right_on=[*_INVOICE, code]
        ).select(*_INVOICE, "payer", "holder")
        for code in ("institution_code", "parent_institution_code")
    ).unique()
    named = named.join(payers, left_on=[*_INVOICE, "institution_code"], right_on=[*_INVOICE, "payer_code"])
    owed = owed.join(holders.drop("parent_institution_code"), on=[*_INVOICE, "institution_code"])
    reach = (
        links.sort("holder")
        .group_by("payer")
        .agg(pl.col("holder"), pl.first(*_INVOICE))
        .with_columns(group=pl.col("holder").list.first())
    )
    shared = (
        reach.explode("holder").join(reach.select("payer", reach="holder"), on="payer")
        .group_by("holder").agg(pl.col("reach").n_unique().alias("n"), pl.first(*_INVOICE))
        .filter(pl.col("n") > 1).select(_INVOICE).unique()
    )  # fmt: skip
    plain_reach = reach.join(shared, on=_INVOICE, how="anti")
    groups = plain_reach.explode("holder").select("holder", "group").unique()
    plain = allocate(
        named.join(plain_reach.select("payer", "group"), on="payer").select("group", "pay", "amount"),
        owed.join(groups, on="holder").select("group", "due", "amount"),
    )
    if shared.is_empty():
        return plain
    walked = allocate_shared(
        named.join(shared, on=_INVOICE, how="semi"),
        owed.join(shared, on=_INVOICE, how="semi"),
        links.join(shared, on=_INVOICE, how="semi"),
    )
    return pl.concat([plain, walked])


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
