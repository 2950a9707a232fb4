"""Sheets that only an institution's page has: rows of the report tables as they stand there."""

from __future__ import annotations

import polars as pl

from pipelines.reports.site.figures import Figures
from pipelines.reports.site.sheets.columns import heading
from pipelines.reports.site.sheets.shared_sheets import AGES, PAYMENT, page_of
from pipelines.reports.site.sheets.sheet import PAGE, Heading, Sheet

_COMPLETION, _LINE, _FINDING = "agreed_volume_completion", "two_invoice_line", "findings"
_STATES = pl.Enum(["open", "cured"])
_SEVERITIES = pl.Enum(["violation", "warning", "signal"])


def institution_sheets(figures: Figures) -> dict[str, Sheet]:
    """By name: `commitments`, `payables` (supplier × due month), `unallocated`, `lines`, `findings`.

    The worst stand first.
    """
    sheets = (
        _commitments(figures), _payables(figures), _unallocated(figures), _lines(figures), _findings(figures),
    )  # fmt: skip
    return {sheet.name: sheet for sheet in sheets}


def _headings(table: str, *names: str) -> list[Heading]:
    return [heading(table, name) for name in names]


def _by_institution(frame: pl.DataFrame, *order: pl.Expr | str) -> pl.DataFrame:
    """The rows by page, in this order, then in that of their columns: the same rows always stand alike."""
    return frame.with_columns(page_of("institution")).sort(PAGE, *order, *frame.columns, nulls_last=True)


def _commitments(figures: Figures) -> Sheet:
    columns = [
        *_headings(_COMPLETION, "status", "lot_code", "item_code", "product_code"),
        heading(_COMPLETION, "strict_rate", mark="time_progress"),
        *_headings(
            _COMPLETION, "time_progress", "gap", "excused_rate", "agreed_quantity", "net_quantity",
            "excused_quantity", "needed_per_day", "period_start", "period_end", "commitment_id",
        ),
    ]  # fmt: skip
    return Sheet("commitments", columns, _by_institution(figures.completion, "gap", "commitment_id"))


def _payables(figures: Figures) -> Sheet:
    columns = _headings(
        PAYMENT, "distributor_code", "due_month", "on_time_rate_amount", "on_time_rate_count",
        "on_time_rate_amount_excused", "overdue_fen", *AGES, "matured_fen", "on_time_fen", "late_paid_fen",
        "not_due_fen", "excused_fen", "weighted_days",
    )  # fmt: skip
    order = (-pl.col("overdue_fen"), "distributor_code", "due_month")
    return Sheet("payables", columns, _by_institution(figures.payments, *order))


def _unallocated(figures: Figures) -> Sheet:
    columns = _headings("payment_unallocated", "distributor_code", "unallocated_fen")
    return Sheet("unallocated", columns, _by_institution(figures.unallocated, -pl.col("unallocated_fen")))


def _lines(figures: Figures) -> Sheet:
    columns = _headings(
        _LINE, "verdict", "issued_on", "seller_code", "product_code", "batch_no", "net_quantity", "net_fen",
        "hops", "invoice_code", "invoice_no", "line_no",
    )  # fmt: skip
    rows = _by_institution(figures.lines, pl.col("verdict") != "too_many_invoices", -pl.col("net_fen"))
    return Sheet("lines", columns, rows)


def _findings(figures: Figures) -> Sheet:
    columns = _headings(
        _FINDING, "state", "severity", "rule_code", "message_zh", "amount_fen", "counterparty_code", "clause",
        "responsible", "first_seen", "due_on", "excuse_id", "finding_id",
    )  # fmt: skip
    order = (pl.col("state").cast(_STATES), pl.col("severity").cast(_SEVERITIES), -pl.col("amount_fen"))
    rows = figures.findings.filter(pl.col("institution_code").is_not_null())
    return Sheet("findings", columns, _by_institution(rows, *order))
