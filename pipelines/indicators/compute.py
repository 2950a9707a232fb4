"""Compute one indicator: evidence, report rows, findings and notes, written as Parquet."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from pipelines.indicators.finding import COLUMNS as FINDING_COLUMNS
from pipelines.indicators.indicator import Indicator, Inputs
from pipelines.indicators.order import in_order
from pipelines.runs import write_json
from schemas.reports import REPORTS, ReportTable

DTYPES = {
    "text": pl.String, "json": pl.String, "timestamp": pl.String, "date": pl.Date, "double": pl.Float64,
    "fen": pl.Int64, "count": pl.Int64, "integer": pl.Int32,
}  # fmt: skip
_ADDED = {"as_of", "run_id"}


def compute(indicator: Indicator, inputs: Inputs, folder: Path) -> dict[str, int]:
    """Write what the indicator yields below `folder` and return the number of rows of each report table.

    `evidence/<indicator>/<name>.parquet`: row-level evidence; `reports/<table>.parquet`: the table's columns
    without as_of and run_id, sorted by key; `findings/<indicator>.parquet`; `notes/<indicator>.json`: what
    was left out, the policy rows that were used.
    """
    evidence = indicator.evidence(inputs)
    for name, rows in evidence.items():
        path = _file(folder, "evidence", indicator.code, f"{name}.parquet")
        rows.write_parquet(path, compression="lz4", statistics=False)
    reports = indicator.reports(evidence)
    counts = {}
    for table in indicator.tables:
        rows = shape(reports[table], REPORTS[table])
        rows.write_parquet(_file(folder, "reports", f"{table}.parquet"), compression="lz4")
        counts[table] = rows.height
    findings = indicator.findings(evidence, reports, inputs).sort("finding_id").select(FINDING_COLUMNS)
    findings.write_parquet(_file(folder, "findings", f"{indicator.code}.parquet"), compression="lz4")
    notes = {"notes": indicator.notes(evidence), "policy_rows": sorted(inputs.policies.used)}
    write_json(_file(folder, "notes", f"{indicator.code}.json"), notes)
    return counts


def shape(rows: pl.DataFrame, table: ReportTable) -> pl.DataFrame:
    """The table's columns (without as_of and run_id) in their types, sorted by key."""
    columns = [c for c in table.columns if c.name not in _ADDED]
    key = [k for k in table.key if k not in _ADDED]
    return in_order(rows.select(pl.col(c.name).cast(DTYPES[c.type]) for c in columns), key)


def _file(folder: Path, *parts: str) -> Path:
    path = folder.joinpath(*parts)
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
