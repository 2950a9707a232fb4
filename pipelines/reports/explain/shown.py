"""What the database shows of a figure and of a finding, and what runs changed in them afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
import sqlalchemy as sa

from pipelines.database.tables import METADATA, key_of
from pipelines.engine.explanation import Record
from pipelines.past.past_run import PastRun
from pipelines.reports.restatements import Restated, read_restated
from pipelines.store.runs import objects_of

_FINDINGS = METADATA.tables["findings"]


def read_row(connection: sa.Connection, run: PastRun, table: str, key: Mapping[str, str]) -> Record | None:
    """The row as the table shows it for the run's date; None where it does not."""
    view = METADATA.tables[table]
    same = [view.c[c] == (int(v) if isinstance(view.c[c].type, sa.Integer) else v) for c, v in key.items()]
    row = connection.execute(sa.select(view).where(view.c.as_of == run.as_of, *same)).mappings().one_or_none()
    return dict(row) if row is not None else None


def read_changes(connection: sa.Connection, run: PastRun, table: str, key: Mapping[str, Any]) -> list[Restated]:
    """The cells of the row that runs of the same date changed after it was published."""
    row_key = "|".join(str(key[c]) for c in key_of(table))
    return read_restated(connection, as_of=run.as_of, table=table, row_key=row_key)


def find_findings(connection: sa.Connection, run: PastRun, finding_id: str) -> list[Record]:
    """The findings whose number begins so: those that stand, or for a run whose figures do not stand those in its folder,
    which have no clock.
    """
    if run.stands:
        starts = _FINDINGS.c.finding_id.startswith(finding_id, autoescape=True)
        query = sa.select(_FINDINGS).where(_FINDINGS.c.as_of == run.as_of, starts)
        return [dict(row) for row in connection.execute(query).mappings()]
    kept = objects_of(run.home, run.run_id)
    rows = [kept.scan(k).filter(pl.col("finding_id").str.starts_with(finding_id)).collect() for k in kept.list("findings")]
    return [row for frame in rows for row in frame.to_dicts()]
