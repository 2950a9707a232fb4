"""The two yardsticks: DuckDB answering hand-written SQL over the run's records, and merely reading them."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from pipelines.indicators import all_indicators
from pipelines.lake.parts import AXES
from pipelines.lake.scan_records import scan_records
from pipelines.store.store import Store
from schemas.records import RECORDS

INDICATORS = all_indicators()
SQL = Path(__file__).with_name("sql")
"""Queries by the report table that they answer: one for each indicator that has a yardstick in DuckDB."""


ASKED = {code: table for code, indicator in INDICATORS.items() for table in indicator.tables if (SQL / f"{table}.sql").exists()}
"""The indicators whose answer DuckDB gives too, each with the report table."""


def columns_of(indicator: str) -> dict[str, list[str]]:
    """The columns an indicator cannot do without, of the large datasets that it reads: those that its query names, all of
    them where it has none. What else it reads is small.
    """
    text = (SQL / f"{ASKED[indicator]}.sql").read_text(encoding="utf-8") if indicator in ASKED else ""
    named = set(re.findall(r"\w+", re.sub(r"--.*", "", text)))
    return {
        dataset: [name for name in RECORDS[dataset].schema() if not text or name in named]
        for dataset in INDICATORS[indicator].reads
        if dataset in AXES
    }


def ask_duckdb(indicator: str, records: Path, as_of: date, calendar: Path, target: Path, threads: int = 2) -> None:
    """Let DuckDB compute the indicator's report from the records, all parts of them, and write it to `target`.

    `calendar` is what `write_calendar` wrote. The SQL stands in `benchmarks/sql/<table>.sql` and follows
    the national default policy rows. `target` is a Parquet file; its folder is made.
    """
    import duckdb

    target.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        connection.execute(f"SET threads = {threads}")
        connection.execute(f"SET temp_directory = '{target.parent / 'spill'}'")
        connection.execute(f"CREATE VIEW calendar AS FROM read_parquet('{calendar}')")
        for dataset in RECORDS:
            whole = records / f"{dataset}.parquet"
            files = whole if whole.exists() else records / dataset / "part-???.parquet"
            connection.execute(f"CREATE VIEW {dataset} AS FROM read_parquet('{files}')")
        connection.execute(f"SET VARIABLE as_of = DATE '{as_of}'")
        query = (SQL / f"{ASKED[indicator]}.sql").read_text(encoding="utf-8")
        connection.execute(f"COPY (\n{query}\n) TO '{target}' (FORMAT parquet, COMPRESSION lz4)")


def scan_floor(indicator: str, records: Path) -> int:
    """Read the columns the indicator needs into memory and do nothing with them; return the rows read."""
    rows = 0
    for dataset, columns in columns_of(indicator).items():
        rows += scan_records(Store(records), dataset).select(columns).collect().height
    return rows


def write_calendar(target: Path) -> None:
    """Write `calendar.parquet`: every day from 2015 to 2030 and the working day it rolls to."""
    from pipelines.policy.calendar import working_days

    working_days(date(2015, 1, 1), date(2030, 12, 31)).write_parquet(target)
