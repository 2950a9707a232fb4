"""The published figures of one date, with names: each report table is read once, as columns."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import polars as pl
import sqlalchemy as sa

from pipelines.database.open import METADATA
from pipelines.indicators.two_invoice.declaration import UNVERIFIABLE, VIOLATION
from pipelines.reports.read_frame import read_frame
from pipelines.reports.site.names import Names, add_names, read_names
from pipelines.reports.site.sheets.sums import TIME_PROGRESS, quotient
from pipelines.reports.time_progress import KEY, read_expected
from pipelines.views.references import REFERENCES
from schemas.reports import REPORTS


@dataclass(frozen=True)
class Figures:
    """What stands for a date: a frame per report table, names in columns `…_name` beside codes.

    `rollup` has `expected_fen` and `time_progress` beside its columns; `payments` are those of the due rule that
    applies, `rules` the sums of an institution under every due rule, `lines` the invoice lines that are not
    compliant, `institutions` all that are known by name; `names` are the names themselves.
    """

    as_of: dt.date
    completion: pl.DataFrame
    rollup: pl.DataFrame
    payments: pl.DataFrame
    rules: pl.DataFrame
    unallocated: pl.DataFrame
    months: pl.DataFrame
    lines: pl.DataFrame
    findings: pl.DataFrame
    institutions: pl.DataFrame
    names: Names


def read_figures(connection: sa.Connection, as_of: dt.date) -> Figures:
    """The figures of a published date; every frame is empty where nothing is published for it."""
    names = read_names(connection)

    def read(table: str, *conditions: sa.ColumnElement[bool]) -> pl.DataFrame:
        t = METADATA.tables[table]
        columns = [c for c in t.columns if c.name not in ("as_of", "run_id")]
        frame = read_frame(connection, sa.select(*columns).where(t.c.as_of == as_of, *conditions))
        return add_names(table, frame, names)

    payment, line = (METADATA.tables[name] for name in ("payment_timeliness", "two_invoice_line"))
    return Figures(
        as_of=as_of,
        completion=read("agreed_volume_completion"),
        rollup=read("agreed_volume_rollup")
        .join(read_expected(connection, as_of), on=KEY, how="left", maintain_order="left")
        .with_columns(quotient("agreed_volume_rollup", TIME_PROGRESS)),
        payments=read("payment_timeliness", payment.c.due_rule == "applicable"),
        rules=_read_rules(connection, as_of),
        unallocated=read("payment_unallocated"),
        months=read("two_invoice_compliance"),
        lines=read("two_invoice_line", line.c.verdict.in_([*VIOLATION, *UNVERIFIABLE])),
        findings=read("findings"),
        institutions=_read_institutions(connection, names),
        names=names,
    )


def _read_institutions(connection: sa.Connection, names: Names) -> pl.DataFrame:
    table = REFERENCES["institution"].table
    return add_names(table, read_frame(connection, sa.select(METADATA.tables[table])), names)


def _read_rules(connection: sa.Connection, as_of: dt.date) -> pl.DataFrame:
    """Payments summed by division, institution and due rule."""
    t = METADATA.tables["payment_timeliness"]
    keys = (t.c.jurisdiction_code, t.c.institution_code, t.c.due_rule)
    sums = [
        sa.cast(sa.func.sum(t.c[column.name]), sa.BigInteger).label(column.name)
        for column in REPORTS["payment_timeliness"].columns
        if column.type in ("fen", "count")
    ]
    return read_frame(connection, sa.select(*keys, *sums).where(t.c.as_of == as_of).group_by(*keys))
