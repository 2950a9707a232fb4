"""One row about each institution or jurisdiction, and one about all: what its page shows first, and lists show."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from pipelines.reports.site.figures import Figures
from pipelines.reports.site.sheets.columns import heading
from pipelines.reports.site.sheets.shared_sheets import (
    AGAINST_TIME,
    ALL,
    INVOICE,
    PAYMENT,
    VOLUME,
    Level,
    page_of,
)
from pipelines.reports.site.sheets.sheet import PAGE, Heading
from pipelines.reports.site.sheets.sums import TIME_PROGRESS, sum_rows

_RUNNING = ("execution_rate", TIME_PROGRESS, "capped_rate", "commitments", "completed")
_PAID = ("on_time_rate_amount", "on_time_rate_count", "matured_fen", "overdue_fen", "overdue_over_90_fen")
_INVOICED = ("compliance_rate_amount", "verified_rate_amount", "scope_fen", "violation_fen")


def summarize(figures: Figures, level: Level) -> pl.DataFrame:
    """Row per page at a level: `page` and the fields of `summary_headings`; null where there is nothing to say.

    The agreed volume is that of agreement years that run, those of an ended one have the prefix `ended_`; of a
    jurisdiction and of all only mandatory institutions count, as in the roll-up. `findings` are open ones.
    """
    rollup = figures.rollup.filter(pl.col("level") == level).with_columns(pl.col("code").alias(PAGE))
    if level != "institution":
        rollup = rollup.filter(pl.col("duty") == "mandatory")
    running = rollup.filter(pl.col("phase") == "running").select(PAGE, *_RUNNING)
    ended = rollup.filter(pl.col("phase") == "ended").select(PAGE, ended_execution_rate="execution_rate")
    payments = sum_rows(PAYMENT, figures.payments.with_columns(page_of(level)), [PAGE]).with_columns(
        overdue_over_90_fen=pl.col("overdue_91_180_fen") + pl.col("overdue_over_180_fen")
    )
    months = sum_rows(INVOICE, figures.months.with_columns(page_of(level)), [PAGE])
    opened = figures.findings.filter(pl.col("state") == "open").with_columns(page_of(level))
    frames = (
        running, ended, payments.select(PAGE, *_PAID), months.select(PAGE, *_INVOICED),
        opened.group_by(PAGE).agg(pl.len().cast(pl.Int64).alias("findings")),
    )  # fmt: skip
    summary = _pages(figures, level)
    for frame in frames:
        summary = summary.join(frame, on=PAGE, how="left")
    return summary.with_columns(pl.col("findings").fill_null(0)).sort(PAGE)


def _pages(figures: Figures, level: Level) -> pl.DataFrame:
    """Every page of a level: whatever any report table has a row about."""
    if level == ALL:
        return pl.DataFrame({PAGE: [ALL]})
    frames = (figures.completion, figures.payments, figures.rules, figures.months, figures.findings)
    pages = [frame.select(page_of(level)) for frame in frames]
    if level == "institution":
        pages += [frame.select(page_of(level)) for frame in (figures.unallocated, figures.lines)]
    return pl.concat(pages).drop_nulls().unique()


def summary_headings() -> list[Heading]:
    """The figures of a summary, as columns of a list."""
    return [
        heading(VOLUME, "execution_rate", zh="执行率·执行中", en="Executed, running"),
        replace(AGAINST_TIME, zh="序时进度·执行中", en="Time progress, running"),
        heading(VOLUME, "capped_rate", zh="封顶完成率·执行中", en="Capped, running"),
        heading(VOLUME, "completed"),
        heading(VOLUME, "commitments"),
        heading(VOLUME, "execution_rate", name="ended_execution_rate", zh="执行率·已到期", en="Executed, ended"),
        *(heading(PAYMENT, name) for name in _PAID[:4]),
        Heading("overdue_over_90_fen", "逾期90天以上金额（元）", "Overdue over 90 days (yuan)", "yuan"),
        *(heading(INVOICE, name) for name in _INVOICED),
        Heading("findings", "待处理问题", "Open findings", "count"),
    ]  # fmt: skip
