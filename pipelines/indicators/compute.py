"""Compute one indicator, part by part: sums, report rows, findings and notes, written as Parquet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl
from polars.io.plugins import register_io_source

from pipelines.indicators.add_up import add_up
from pipelines.indicators.finding import COLUMNS as FINDING_COLUMNS
from pipelines.indicators.indicator import Frame, Indicator, Inputs
from pipelines.indicators.merge import merge
from pipelines.indicators.order import in_order
from pipelines.runs import write_json
from schemas.reports import REPORTS, ReportTable

DTYPES = {
    "text": pl.String, "json": pl.String, "timestamp": pl.String, "date": pl.Date, "double": pl.Float64,
    "fen": pl.Int64, "count": pl.Int64, "integer": pl.Int32,
}  # fmt: skip
_ADDED = {"as_of", "run_id"}
_GROUP = 100_000


def compute(indicator: Indicator, inputs: Inputs, folder: Path) -> dict[str, int]:
    """Write what the indicator yields below `folder` and return the number of rows of each report table.

    `sums/<indicator>/<name>/part-NNN.parquet`: the sums of each part; `reports/<table>.parquet`: the table's
    columns without as_of and run_id, sorted by key; `findings/<indicator>.parquet`;
    `notes/<indicator>.json`: what was left out, the policy rows that were used. Only one part's evidence is
    in memory at a time.
    """
    names = make_sums(indicator, inputs, folder)
    sums = total(indicator, names, inputs.parts(indicator.axis), folder)
    reports = indicator.reports(sums, inputs)
    written = {table: _write_report(reports[table], table, folder) for table in indicator.tables}
    findings = indicator.findings(written, sums, inputs).sort("finding_id").select(FINDING_COLUMNS)
    findings.write_parquet(_file(folder, "findings", f"{indicator.code}.parquet"), compression="lz4")
    notes = {"notes": indicator.notes(sums), "policy_rows": sorted(inputs.policies.used)}
    write_json(_file(folder, "notes", f"{indicator.code}.json"), notes)
    return {table: rows.select(pl.len()).collect().item() for table, rows in written.items()}


def make_sums(indicator: Indicator, inputs: Inputs, folder: Path) -> list[str]:
    """Write the sums of every part below `folder` and return the names of the frames."""
    names: list[str] = []
    for part in inputs.parts(indicator.axis):
        of_part = inputs.of_part(indicator.axis, part)
        sums = indicator.sums(indicator.evidence(of_part), of_part)
        for name, rows in sums.items():
            rows.write_parquet(
                _sums_file(folder, indicator, name, part),
                compression="lz4",
                statistics=False,
                row_group_size=_GROUP,
            )
        names = list(sums)
    return names


def total(indicator: Indicator, names: list[str], parts: list[int], folder: Path) -> dict[str, Frame]:
    """The sums of the parts as they stand below `folder`.

    No two parts share a key that names what they are divided by: such a frame is read as it lies, part after
    part. Any other is added up.
    """
    found: dict[str, Frame] = {}
    for name in names:
        paths = [_sums_file(folder, indicator, name, part) for part in parts]
        rows = pl.scan_parquet(paths)
        stands_alone = f"{indicator.axis}_code" in rows.collect_schema()
        found[name] = rows if stands_alone else add_up(pl.read_parquet(path) for path in paths)
    return found


def shape(rows: pl.DataFrame, table: ReportTable) -> pl.DataFrame:
    """The table's columns (without as_of and run_id) in their types, sorted by key."""
    return in_order(rows.select(_columns(table)), _key(table))


def _write_report(rows: Frame, table: str, folder: Path) -> pl.LazyFrame:
    """Write a table sorted by key; one that was not read yet goes from file to file."""
    path = _file(folder, "reports", f"{table}.parquet")
    definition = REPORTS[table]
    if isinstance(rows, pl.DataFrame):
        shape(rows, definition).write_parquet(path, compression="lz4", row_group_size=_GROUP)
    else:
        shaped, key = rows.select(_columns(definition)), _key(definition)

        def read(*_: object) -> Iterator[pl.DataFrame]:
            return merge(shaped, key)

        register_io_source(read, schema=shaped.collect_schema()).sink_parquet(
            path, compression="lz4", row_group_size=_GROUP
        )
    return pl.scan_parquet(path)


def _columns(table: ReportTable) -> list[pl.Expr]:
    return [pl.col(c.name).cast(DTYPES[c.type]) for c in table.columns if c.name not in _ADDED]


def _key(table: ReportTable) -> list[str]:
    return [k for k in table.key if k not in _ADDED]


def _sums_file(folder: Path, indicator: Indicator, name: str, part: int) -> Path:
    return _file(folder, "sums", indicator.code, name, f"part-{part:03d}.parquet")


def _file(folder: Path, *parts: str) -> Path:
    path = folder.joinpath(*parts)
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
