"""What the charts of a page draw: figures of its own tables, as the browser reads them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from pipelines.reports.site.breaks import Breaks
from pipelines.reports.site.sheets.shared_sheets import AGES
from pipelines.reports.site.sheets.sheet import PAGE, Paged, Sheet
from pipelines.reports.site.sheets.trends import Points

_SUPPLIERS, _MONTHS = 12, 24


def chart_rows(sheets: Mapping[str, Sheet]) -> dict[str, Paged]:
    """By chart the rows to draw, of those charts whose sheets are there; money in fen.

    `progress`: name, time progress, rate, status of a commitment. `ageing`: the twelve suppliers with most
    overdue, by age. `months` and `invoices`: the last two years, by what became of the money.
    """
    made = {
        "progress": ("commitments", _progress), "ageing": ("suppliers", _ageing), "months": ("due_months", _months),
        "invoices": ("invoice_months", _invoices),
    }  # fmt: skip
    return {chart: Paged(draw(sheets[name].frame)) for chart, (name, draw) in made.items() if name in sheets}


def chart_data(
    charts: Mapping[str, Paged], page: str, trends: Points, breaks: Breaks, until: str
) -> dict[str, Any]:
    """What one page draws, without the charts that have nothing to draw; `trends` are drawn to the day `until`,
    unless it is the first, with the `breaks` that lie between."""
    data: dict[str, Any] = {
        name: [list(row) for row in rows.rows(page).drop(PAGE).rows()] for name, rows in charts.items()
    }
    if any(day < until for points in trends.values() for day, _ in points):
        data["trends"] = trends
        first = min(day for points in trends.values() for day, _ in points)
        data["breaks"] = [entry for entry in breaks if first < entry[0] <= until]
    drawn = {name: rows for name, rows in data.items() if rows}
    return drawn | {"until": until} if drawn else {}


def _progress(rows: pl.DataFrame) -> pl.DataFrame:
    product = pl.coalesce("product_code_name", "product_code", "item_code")
    label = pl.concat_str(product, "commitment_id", separator=" · ")
    drawn = rows.filter(pl.col("strict_rate").is_not_null(), pl.col("status") != "not_started")
    return drawn.select(PAGE, label, "time_progress", "strict_rate", "status")


def _ageing(rows: pl.DataFrame) -> pl.DataFrame:
    most = rows.filter(pl.col("overdue_fen") > 0).filter(pl.int_range(pl.len()).over(PAGE) < _SUPPLIERS)
    return most.select(PAGE, pl.coalesce("distributor_code_name", "distributor_code"), *AGES)


def _months(rows: pl.DataFrame) -> pl.DataFrame:
    return _latest(rows, "due_month").select(
        PAGE, "due_month", "on_time_fen", "late_paid_fen", "overdue_fen", "not_due_fen"
    )


def _invoices(rows: pl.DataFrame) -> pl.DataFrame:
    return _latest(rows, "month").select(PAGE, "month", "compliant_fen", "unverifiable_fen", "violation_fen")


def _latest(rows: pl.DataFrame, month: str) -> pl.DataFrame:
    newest = rows.sort(PAGE, month, descending=[False, True]).filter(
        pl.int_range(pl.len()).over(PAGE) < _MONTHS
    )
    return newest.sort(PAGE, month)
