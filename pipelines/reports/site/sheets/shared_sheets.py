"""Sheets that a page has whatever it is about: an institution, a jurisdiction, or all of them."""

from __future__ import annotations

from typing import Final, Literal

import polars as pl

from pipelines.reports.site.figures import Figures
from pipelines.reports.site.sheets.columns import heading
from pipelines.reports.site.sheets.sheet import PAGE, Heading, Sheet
from pipelines.reports.site.sheets.sums import TIME_PROGRESS, sum_rows

Level = Literal["institution", "jurisdiction", "all"]
ALL: Final = "all"
"""The page about everything."""

VOLUME, PAYMENT, INVOICE = "agreed_volume_rollup", "payment_timeliness", "two_invoice_compliance"
AGES = (
    "overdue_0_30_fen", "overdue_31_60_fen", "overdue_61_90_fen", "overdue_91_180_fen", "overdue_over_180_fen",
)  # fmt: skip
PAID = ("matured_fen", "on_time_fen", "late_paid_fen", "overdue_fen", "not_due_fen")
ON_TIME = ("on_time_rate_amount", "on_time_rate_count", "on_time_rate_amount_excused")
JUDGED = ("scope_fen", "compliant_fen", "violation_fen", "unverifiable_fen", "exempt_fen")
COMPLIANT = ("compliance_rate_amount", "compliance_rate_count", "verified_rate_amount", "verified_rate_count")
AGAINST_TIME = Heading(
    TIME_PROGRESS, "序时进度（按约定金额加权）", "Time progress, weighed by amount", "rate"
)
"""Stands beside an execution rate, with the same weights."""
_PHASES = pl.Enum(["running", "ended"])


def page_of(level: Level) -> pl.Expr:
    """The page of a row of a report table at a level."""
    return (pl.lit(ALL) if level == ALL else pl.col(f"{level}_code")).alias(PAGE)


def shared_sheets(figures: Figures, level: Level) -> dict[str, Sheet]:
    """By name: `volume`, `due_rules`, `suppliers`, `due_months` (of the rule that applies), `invoice_months`."""
    sheets = (
        _volume(figures, level), _due_rules(figures, level), _suppliers(figures, level),
        _due_months(figures, level), _invoice_months(figures, level),
    )  # fmt: skip
    return {sheet.name: sheet for sheet in sheets}


def _volume(figures: Figures, level: Level) -> Sheet:
    rows = figures.rollup.filter(pl.col("level") == level).with_columns(pl.col("code").alias(PAGE))
    names = (
        "phase", "duty", "commitments", "completed", "completed_share", "agreed_fen", "net_fen", "capped_fen",
        "execution_rate",
    )  # fmt: skip
    order = [PAGE, pl.col("phase").cast(_PHASES), pl.col("duty")]
    columns = [*(heading(VOLUME, name) for name in names), AGAINST_TIME, heading(VOLUME, "capped_rate")]
    return Sheet("volume", columns, rows.sort(order))


def _due_rules(figures: Figures, level: Level) -> Sheet:
    rows = sum_rows(PAYMENT, figures.rules.with_columns(page_of(level)), [PAGE, "due_rule"])
    names = ("due_rule", "matured_count", *PAID, *ON_TIME, "excused_fen", "paid_fen", "weighted_days")
    rules = pl.Enum(list(heading(PAYMENT, "due_rule").words))
    columns = [heading(PAYMENT, name) for name in names]
    return Sheet("due_rules", columns, rows.sort(PAGE, pl.col("due_rule").cast(rules)))


def _suppliers(figures: Figures, level: Level) -> Sheet:
    by = [PAGE, "distributor_code", "distributor_code_name"]
    rows = sum_rows(PAYMENT, figures.payments.with_columns(page_of(level)), by)
    order = [PAGE, "overdue_fen", "matured_fen", "distributor_code"]
    names = (
        "distributor_code", "on_time_rate_amount", "on_time_rate_amount_excused", "overdue_fen", *AGES,
        "matured_fen", "on_time_fen", "late_paid_fen", "not_due_fen",
    )  # fmt: skip
    columns = [heading(PAYMENT, name) for name in names]
    return Sheet("suppliers", columns, rows.sort(order, descending=[False, True, True, False]))


def _due_months(figures: Figures, level: Level) -> Sheet:
    rows = sum_rows(PAYMENT, figures.payments.with_columns(page_of(level)), [PAGE, "due_month"])
    names = ("due_month", "matured_count", *PAID, *ON_TIME, "excused_fen")
    columns = [heading(PAYMENT, name) for name in names]
    return Sheet("due_months", columns, rows.sort(PAGE, "due_month", descending=[False, True]))


def _invoice_months(figures: Figures, level: Level) -> Sheet:
    rows = sum_rows(INVOICE, figures.months.with_columns(page_of(level)), [PAGE, "month"])
    columns = [heading(INVOICE, name) for name in ("month", *JUDGED, *COMPLIANT)]
    return Sheet("invoice_months", columns, rows.sort(PAGE, "month", descending=[False, True]))
