"""Prepayment 医保基金预付 (慈政办发〔2020〕68号 二(一)2; obligations §15)."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.engine.figures import quotient_of, with_rates
from pipelines.engine.finding import make_findings, yuan
from pipelines.engine.indicator import Changes, Frames, Indicator, Inputs, Link, Links
from pipelines.indicators.agreed_volume.indicator import INDICATOR as AGREED_VOLUME
from pipelines.indicators.budgeted_completion.indicator import INDICATOR as BUDGETED_COMPLETION
from pipelines.indicators.payment.indicator import INDICATOR as PAYMENT
from pipelines.indicators.prepayment.declaration import AGENCY, HELD, NOT_APPLIED, NOT_SETTLED, OVERDUE
from pipelines.indicators.prepayment.groups import AMOUNTS, GROUP, commitments_of, groups_of, prepayments_of
from pipelines.indicators.prepayment.prepaid import status, with_balance, with_dates, with_excuse, with_paid, with_required
from pipelines.indicators.prepayment.waiting import waiting_of

_AHEAD = ("prepayment_rate", "prepayment_apply_days", "prepayment_programs", "prepayment_ownerships")
"""Asked of agreements that are signed, or begin, after as_of, too."""
_DATES = ("signed_on", "apply_due_on", "applied_on", "pay_due_on", "period_end", "settle_due_on")
_AMOUNTS = (
    "agreed_fen",
    "required_fen",
    "prepaid_fen",
    "paid_in_fen",
    "on_time_fen",
    "purchase_fen",
    "bought_fen",
    "offset_fen",
    "balance_fen",
    "unearned_fen",
    "supplier_overdue_fen",
)
_ONE = pl.lit(1, pl.Int64)


def evidence(inputs: Inputs) -> Frames:
    """`groups`: one row per group with everything the report says of it; and, lazily, with file, sheet and line, its
    `commitments`, its `prepayments`, and the overdue `payables` of its lot.
    """
    commitments, prepayments = commitments_of(inputs), prepayments_of(inputs)
    groups = groups_of(commitments, prepayments, inputs)
    waiting = waiting_of(groups, inputs)
    overdue = waiting.group_by("institution_code", "lot_code").agg(pl.col("supplier_overdue_fen").sum())
    rows = (
        with_required(groups, inputs)
        .pipe(with_dates, prepayments, inputs)
        .pipe(with_paid, prepayments)
        .pipe(with_balance, inputs)
        .pipe(with_excuse, inputs)
        .join(overdue, on=["institution_code", "lot_code"], how="left", maintain_order="left")
        .with_columns(pl.col("supplier_overdue_fen").fill_null(0), status=status(inputs))
    )
    return {
        "groups": rows,
        "commitments": inputs.with_place(commitments, "commitments"),
        "prepayments": inputs.with_place(prepayments, "prepayments"),
        "payables": inputs.with_place(waiting, "deliveries"),
    }


def sums(evidence: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """`groups`: one per group, in fen."""
    return {
        "groups": evidence["groups"]
        .lazy()
        .select(
            *GROUP,
            "jurisdiction_code",
            "agency_code",
            *_DATES,
            "is_provisional",
            "status",
            "excuse_id",
            *(f"prepayment_{name}_policy_id" for name in ("rate", "pay_days")),
            *_AMOUNTS,
            rows=_ONE,
        )
        .collect()
    }


def totals(sums: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """`agencies`: by agency the groups whose payment was due before as_of, with what was required and what of it came in
    time; `provisional`: groups with a due date in a year whose calendar is not published, by institution.
    """
    groups = sums["groups"].lazy()
    due = groups.filter((pl.col("required_fen") > 0) & (pl.col("pay_due_on") < inputs.as_of))
    agencies = due.group_by("agency_code").agg(
        pl.col("rows", "required_fen").sum(), on_time_fen=pl.min_horizontal("on_time_fen", "required_fen").sum()
    )
    provisional = groups.filter("is_provisional").group_by("institution_code").agg(pl.col("rows").sum())
    return {"agencies": agencies.collect(), "provisional": provisional.collect()}


def reports(sums: Frames, inputs: Inputs) -> Frames:
    """`prepayment_timeliness` and `prepayment_agency` (obligations §15)."""
    applied_late = (pl.col("applied_on") > pl.col("apply_due_on")).fill_null(False)
    has_agreed = pl.col("agreed_fen") > 0
    groups = (
        sums["groups"]
        .lazy()
        .with_columns(
            applied_late=applied_late,
            progress=pl.when(has_agreed).then(quotient_of("bought_fen", "agreed_fen")).otherwise(0.0),
            policy_id="prepayment_rate_policy_id",
        )
    )
    places = inputs.scan("agencies").select("agency_code", "jurisdiction_code")
    agencies = sums["agencies"].lazy().rename({"rows": "groups"}).join(places, on="agency_code", how="left")
    return {
        "prepayment_timeliness": groups,
        "prepayment_agency": with_rates(agencies.with_columns(pl.col("jurisdiction_code").fill_null("")), AGENCY),
    }


def findings(reports: Frames, sums: Frames, inputs: Inputs) -> pl.DataFrame:
    """What an agency did not pay in time (it answers), what was not applied for in time, what is held while suppliers of the
    lot wait, and what nobody settled after the end.
    """
    due = sums["groups"].lazy().select(*GROUP, "settle_due_on", "prepayment_pay_days_policy_id")
    rows = (
        reports["prepayment_timeliness"]
        .lazy()
        .join(due, on=GROUP)
        .with_columns(
            subject_key=pl.concat_str(*(pl.col(c).cast(pl.String) for c in GROUP), separator="|"),
            counterparty_code=pl.when(pl.col("agency_code") != "").then("agency_code"),
            today=pl.lit(inputs.as_of),
            period=pl.format("{} 批次 {}（{} 起）", "institution_code", "lot_code", "period_start"),
        )
        .collect()
    )
    overdue = rows.filter(pl.col("status").is_in(["partly_paid", "unpaid"]) & pl.col("excuse_id").is_null())
    rows = rows.drop("excuse_id")
    return pl.concat([_overdue(overdue, inputs), *(find(rows, inputs) for find in (_not_applied, _held, _not_settled))])


def _overdue(rows: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """Of the agency; where no rule was found and the days are our own, a warning."""
    agencies = (
        inputs.scan("agencies").select("agency_code", place="jurisdiction_code", responsible="responsible_person").collect()
    )
    ours = [row.id for row in inputs.policies.rows if row.parameter == "prepayment_pay_days" and row.mark == "D"]
    rows = rows.join(agencies, on="agency_code", how="left").with_columns(
        jurisdiction_code=pl.coalesce("place", "jurisdiction_code"),
        counterparty_code="institution_code",
        institution_code=pl.lit(None, pl.String),
        amount_fen=pl.col("required_fen") - pl.col("paid_in_fen"),
        severity=pl.when(pl.col("prepayment_pay_days_policy_id").is_in(ours))
        .then(pl.lit("warning"))
        .otherwise(pl.lit(OVERDUE.severity)),
    )
    message = pl.format(
        "经办机构 {} 应于 {} 前向 {}预付 {} 元（约定金额 {} 元），至今拨付 {} 元，其中按时 {} 元，尚欠 {} 元",
        pl.when(pl.col("agency_code") != "").then("agency_code").otherwise(pl.lit("（未写明）")),
        "pay_due_on",
        "period",
        yuan("required_fen"),
        yuan("agreed_fen"),
        yuan("paid_in_fen"),
        yuan("on_time_fen"),
        yuan("amount_fen"),
    )
    return make_findings(rows, inputs, rule=OVERDUE, day="pay_due_on", message=message)


def _not_applied(rows: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    applied_late = pl.col("applied_late") & (pl.col("required_fen") > 0)
    rows = rows.filter((pl.col("status") == "not_applied") | applied_late.fill_null(False)).with_columns(
        amount_fen="required_fen",
        applied=pl.when(pl.col("applied_on").is_null())
        .then(pl.lit("尚未申请"))
        .otherwise(pl.format("于 {} 申请", pl.col("applied_on").cast(pl.String).fill_null(""))),
    )
    message = pl.format("{}：应于 {} 前申请预付 {} 元，{}", "period", "apply_due_on", yuan("required_fen"), "applied")
    return make_findings(rows, inputs, rule=NOT_APPLIED, day="apply_due_on", message=message)


def _held(rows: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    rows = rows.filter((pl.col("balance_fen") > 0) & (pl.col("supplier_overdue_fen") > 0)).with_columns(
        amount_fen=pl.min_horizontal("balance_fen", "supplier_overdue_fen")
    )
    message = pl.format(
        "{}：预付款按采购进度应有余额 {} 元（已预付 {} 元，应冲抵 {} 元），同批次中选产品逾期未付货款 {} 元",
        "period",
        yuan("balance_fen"),
        yuan("prepaid_fen"),
        yuan("offset_fen"),
        yuan("supplier_overdue_fen"),
    )
    return make_findings(rows, inputs, rule=HELD, day="today", message=message)


def _not_settled(rows: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    rows = rows.filter((pl.col("unearned_fen") > 0) & (pl.col("settle_due_on") < pl.col("today"))).with_columns(
        amount_fen="unearned_fen"
    )
    message = pl.format(
        "{}：采购周期于 {} 结束，应于 {} 前清算，预付款中没有采购对应的 {} 元尚未收回",
        "period",
        "period_end",
        "settle_due_on",
        yuan("unearned_fen"),
    )
    return make_findings(rows, inputs, rule=NOT_SETTLED, day="today", message=message)


def notes(totals: Frames) -> dict[str, str]:
    """Due dates in years whose calendar is not published."""
    provisional = totals["provisional"].lazy().select(pl.col("rows").sum()).collect().item()
    return {"申请、拨付期限暂定（节假日安排未公布）的预付组数": str(provisional)} if provisional else {}


def _groups(inputs: Inputs) -> pl.DataFrame:
    """The group of each commitment."""
    return inputs.scan("commitments").select("commitment_id", *GROUP).collect()


def _woken(changes: Changes) -> pl.DataFrame:
    """Groups with a due date, or an end, that passes between the two days."""
    first, last = changes.days
    days = ("apply_due_on", "pay_due_on", "period_end", "settle_due_on")
    passes = pl.any_horizontal(pl.col(day).is_between(first, last, closed="left") for day in days)
    return changes.kept["groups"].filter(passes).select(GROUP).collect()


_INSTITUTION = {"institution_code": "institution_code"}
LINKS: Links = {
    "commitments": Link(),
    "commitment_adjustments": Link({"commitment_id": "commitment_id"}, to=_groups),
    "agreed_volume.commitments": Link(),
    "budgeted_completion.commitments": Link(where=AMOUNTS),
    "prepayments": Link(day=("applied_on", "paid_on")),
    "payment.unpaid": Link(_INSTITUTION, to="groups", where=pl.col("overdue") > 0),
    "excuses": Link(_INSTITUTION, to="groups", day="valid_from", where=pl.col("kind") == "prepayment"),
}

INDICATOR = Indicator(
    code="prepayment",
    title_zh="医保基金预付",
    clause="慈政办发〔2020〕68号 二(一)2",
    version=1,
    reviewed_on=date(2026, 11, 30),
    axis="institution",
    reads=(
        "commitments",
        "commitment_adjustments",
        "prepayments",
        "excuses",
        "agencies",
        "institutions",
        "lots",
        "products",
        "selections",
    ),
    unit=tuple(GROUP),
    parameters=(*_AHEAD, "prepayment_pay_days", "prepayment_settle_days", "clause_prepayment_timeliness", "findings_from"),
    today=("prepayment_settle_days",),
    dated=(*_AHEAD, "prepayment_pay_days"),
    ahead=_AHEAD,
    tables=("prepayment_timeliness", "prepayment_agency"),
    evidence=evidence,
    sums=sums,
    totals=totals,
    grains={"agencies": ("agency_code",), "provisional": ("institution_code",)},
    reports=reports,
    findings=findings,
    notes=notes,
    rests_on=(AGREED_VOLUME, BUDGETED_COMPLETION, PAYMENT),
    links=LINKS,
    wakes=_woken,
)
